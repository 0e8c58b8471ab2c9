/** What a pattern is: a root operator and a function that says which layers stand for it and what lies before it. */
import type { Node } from '../../../../shared/onnx/ir.ts';
import type { LayerType } from '../../../../shared/layers/table.ts';
import type { NamedWeight } from '../../../../shared/compile/weights.ts';
import type { Scene } from './scene.ts';

/** One layer of the drawn net, between values of the file (or values that only patterns know). */
export interface Piece {
  readonly layer: LayerType;
  readonly params?: Readonly<Record<string, unknown>>;
  readonly weights?: Readonly<Record<string, NamedWeight>>;
  /** In the order of the ports, then of the wires into a port. */
  readonly inputs: readonly string[];
  readonly output: string;
  /** Name in the file of a weight or node that people know it by. */
  readonly hint?: string;
}

export interface Found {
  /** In order; the values between them need no name in the file. Empty where nothing is left to draw. */
  readonly pieces: readonly Piece[];
  /** Nodes of the file that these pieces stand for. */
  readonly nodes: readonly Node[];
  /** Outputs that are an input unchanged. */
  readonly same?: readonly (readonly [output: string, input: string])[];
}

/** `match` looks from the root towards the inputs. Whether the row fits, and nothing inside is used elsewhere, is checked by who asks. */
export interface Pattern {
  readonly root: readonly string[];
  match(node: Node, scene: Scene): Found | null;
}

export const pattern = (root: string | readonly string[], match: Pattern['match']): Pattern => ({ root: typeof root === 'string' ? [root] : root, match });

/** The common answer: one layer of one input, from these nodes; the last one's first output comes out. */
export function one(layer: LayerType, input: string, nodes: readonly Node[], params: Readonly<Record<string, unknown>> = {}, weights: Readonly<Record<string, NamedWeight>> = {}, hint?: string): Found {
  return { pieces: [{ layer, params, weights, inputs: [input], output: nodes.at(-1)?.outputs[0] ?? '', ...(hint === undefined ? {} : { hint }) }], nodes };
}
