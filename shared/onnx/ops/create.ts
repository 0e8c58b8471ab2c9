/** Signatures of operators that make tensors out of nothing but sizes, constants and indices. */
import { attribute, type Node, type Tensor } from '../ir.ts';
import { type, type InferContext, type OpSignature } from './signature.ts';

/** What a Constant node holds; undefined when it is no number (text, sparse). */
export function constantValue(node: Pick<Node, 'attributes' | 'op' | 'name'>): Tensor | undefined {
  const one = (name: string) => node.attributes[name] !== undefined;
  if (one('value')) return attribute(node, 'value', 'tensor', { element: 'float32', shape: [], data: new Float32Array() });
  if (one('value_float')) return { element: 'float32', shape: [], data: Float32Array.of(attribute(node, 'value_float', 'float', 0)) };
  if (one('value_int')) return { element: 'int64', shape: [], data: BigInt64Array.of(BigInt(attribute(node, 'value_int', 'int', 0))) };
  if (one('value_floats')) {
    const data = Float32Array.from(attribute(node, 'value_floats', 'floats', []));
    return { element: 'float32', shape: [data.length], data };
  }
  if (one('value_ints')) {
    const data = BigInt64Array.from(attribute(node, 'value_ints', 'ints', []), BigInt);
    return { element: 'int64', shape: [data.length], data };
  }
  return undefined;
}

const constant = (c: InferContext) => {
  const t = constantValue(c.node) ?? c.refuse('a value of numbers', Object.keys(c.node.attributes).join(', ') || 'no attribute');
  return [type(t.element, t.shape)];
};

const constantOfShape = (c: InferContext) => {
  const value = attribute(c.node, 'value', 'tensor', { element: 'float32', shape: [1], data: new Float32Array(1) });
  return [type(value.element, c.constantNumbers(0))];
};

const range = (c: InferContext) => {
  const [start, limit, delta] = [0, 1, 2].map((i) => c.constantNumbers(i)[0] ?? 0) as [number, number, number];
  if (delta === 0) c.refuse('a step other than 0', '0');
  return [type(c.input(0).element, [Math.max(0, Math.ceil((limit - start) / delta))])];
};

const shape = (c: InferContext) => {
  const rank = c.input(0).shape.length;
  const clamp = (v: number) => Math.min(Math.max(v < 0 ? v + rank : v, 0), rank);
  return [type('int64', [Math.max(0, clamp(c.int('end', rank)) - clamp(c.int('start', 0)))])];
};

const oneHot = (c: InferContext) => {
  const indices = c.input(0).shape;
  const depth = c.constantNumbers(1)[0] ?? c.refuse('a depth', 'nothing');
  const rank = indices.length + 1;
  const a = c.int('axis', -1);
  const axis = a < 0 ? a + rank : a;
  if (axis < 0 || axis >= rank) c.refuse(`an axis between ${-rank} and ${rank - 1}`, String(a));
  return [type(c.input(2).element, indices.toSpliced(axis, 0, depth))];
};

export const createOps: Readonly<Record<string, OpSignature>> = {
  Constant: { since: 13, inputs: [0, 0], infer: constant },
  ConstantOfShape: { since: 9, inputs: [1, 1], infer: constantOfShape },
  Range: { since: 11, inputs: [3, 3], infer: range },
  Shape: { since: 15, inputs: [1, 1], infer: shape },
  OneHot: { since: 11, inputs: [3, 3], infer: oneHot },
};
