/** Constants that stand beside samples: of a file saved at a batch of one they are repeated for each. */
import { attribute, int, type Attribute, type Node } from '../../../../shared/onnx/ir.ts';
import { int64Tensor } from '../../../../shared/onnx/fold/numbers.ts';
import { draftOf, type DraftNode } from './draft.ts';
import { batchRole, typeOf, type Known } from './state.ts';
import type { Values } from './values.ts';

/**
 * A Concat of samples with constants that a file saved at a batch of one (a class token before each sequence): the constants are
 * repeated for each sample at run time. Null where it is no such Concat.
 */
export function repeatedConstants(node: Node, inputs: readonly (Known | null)[], values: Values): readonly DraftNode[] | null {
  const samples = inputs.findIndex((x) => x && batchRole(x) === 'batched');
  const single = (x: Known | null): x is Known => x !== null && batchRole(x) === 'free' && x.fixed && typeOf(x).shape[0] === 1;
  if (node.op !== 'Concat' || node.domain !== '' || samples < 0 || !inputs.some(single) || attribute(node, 'axis', 'int', 0) % typeOf(inputs[samples] as Known).shape.length === 0) return null;
  const made: DraftNode[] = [];
  const op = (name: string, kind: string, from: readonly string[], attributes: Readonly<Record<string, Attribute>>): string => {
    made.push(draftOf({ name, op: kind, domain: '', overload: '', inputs: from, outputs: [name], attributes }, 18, []));
    return name;
  };
  const size = op(values.fresh(`${node.name}/batch`), 'Shape', [node.inputs[samples] as string], { start: int(0), end: int(1) });
  const names = node.inputs.map((name, i) => {
    const x = inputs[i] ?? null;
    if (!single(x)) return name;
    const sizes = values.constant(values.fresh(`${node.name}/sizes`), int64Tensor(typeOf(x).shape.slice(1)), false);
    const target = op(values.fresh(`${node.name}/target`), 'Concat', [size, sizes], { axis: int(0) });
    return op(values.fresh(`${node.name}/repeated`), 'Expand', [name, target], {});
  });
  return [...made, draftOf({ ...node, overload: '', inputs: names }, 18, [])];
}
