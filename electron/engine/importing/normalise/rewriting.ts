/** The vocabulary of version rows over a node in the walk. */
import { attribute, type Attribute, type ElementType } from '../../../../shared/onnx/ir.ts';
import { int64Tensor, tensorOfNumbers } from '../../../../shared/onnx/fold/numbers.ts';
import { titleOf, type DraftNode } from './draft.ts';
import { constantOf, type Lane } from './state.ts';
import type { Rewriting } from './versions/row.ts';
import type { Values } from './values.ts';

/** `made` receives the nodes that a row writes, of opset `opset`. */
export function rewriting(node: DraftNode, opset: number, walk: Values, made: DraftNode[]): Rewriting {
  const refuse = (expected: string, got: string): never => {
    throw walk.refuse(`${expected} in ${titleOf(node)}`, got, 'Export the net for a newer opset.');
  };
  const plain = { name: node.name, op: node.op, attributes: node.attributes as Readonly<Record<string, Attribute>> };
  const read = <T>(get: () => T): T => {
    try {
      return get();
    } catch (cause) {
      return refuse('attributes of their kinds', (cause as Error).message);
    }
  };
  const has = (i: number): boolean => (node.inputs[i] ?? '') !== '';
  const type = (i: number) => (has(i) ? (walk.known(node.inputs[i] as string).lanes.at(-1) as Lane).type : refuse(`input ${i}`, 'none'));
  const constant = (tensor: Parameters<Values['constant']>[1]): string => {
    const name = walk.fresh(`${node.name}/constant`);
    return walk.constant(name, tensor, false);
  };
  return {
    node, has, type, constant, refuse,
    reads: (i) => (node.outputs[i] ?? '') !== '' && walk.isRead(node.outputs[i] as string),
    rank: (i) => type(i).shape.length,
    numbers: (i) => {
      const t = has(i) ? constantOf(walk.known(node.inputs[i] as string)) : null;
      return t ? Array.from(t.data as ArrayLike<number | bigint>, Number) : null;
    },
    int64: (values) => constant(int64Tensor(values)),
    scalar: (value: number, element: ElementType) => constant(tensorOfNumbers(element, [], [value]) ?? refuse('an element type of numbers', element)),
    int: (name, fallback) => read(() => attribute(plain, name, 'int', fallback)),
    float: (name, fallback) => read(() => attribute(plain, name, 'float', fallback)),
    string: (name, fallback) => read(() => attribute(plain, name, 'string', fallback)),
    ints: (name) => (node.attributes[name] ? read(() => attribute(plain, name, 'ints', [])) : null),
    floats: (name) => (node.attributes[name] ? read(() => attribute(plain, name, 'floats', [])) : null),
    op: (op, inputs, attributes = {}, outputs) => {
      const names = outputs ?? [walk.fresh(`${node.name}/${op}`)];
      made.push({ ...node, op, inputs, outputs: names, attributes, opset, name: outputs ? node.name : (names[0] as string) });
      return names[0] as string;
    },
  };
}
