/** The table of operator signatures. */
import { createOps } from './create.ts';
import { elementwiseOps } from './elementwise.ts';
import { foreignOps } from './foreign.ts';
import { matrixOps } from './matrix.ts';
import { normaliseOps } from './normalise.ts';
import { reduceOps } from './reduce.ts';
import type { OpSignature } from './signature.ts';
import { tensorOps } from './tensor.ts';
import { windowOps } from './window.ts';

export const operators: Readonly<Record<string, OpSignature>> = { ...elementwiseOps, ...windowOps, ...normaliseOps, ...reduceOps, ...tensorOps, ...createOps, ...matrixOps, ...foreignOps };

/** The row of a node's operator; undefined where nobody has written one, or where the domain is another. */
export function signatureOf(node: { readonly op: string; readonly domain: string }): OpSignature | undefined {
  const row = Object.hasOwn(operators, node.op) ? operators[node.op] : undefined;
  const domain = node.domain === 'ai.onnx' ? '' : node.domain;
  return row && (row.domains ?? ['']).includes(domain) ? row : undefined;
}
