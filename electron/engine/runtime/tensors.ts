/** Tensors of the graph representation to the runtime's and back. */
import * as ort from 'onnxruntime-node';
import { invariant } from '../../../shared/util/assert.ts';
import type { ElementType, Tensor } from '../../../shared/onnx/ir.ts';
import { elementCount } from '../../../shared/shapes/shape.ts';
import type { RuntimeTensor } from './session.ts';

/** The runtime has neither bfloat16 nor text here: the graph representation holds no text, and no binding takes bfloat16. */
type RuntimeType = Exclude<ElementType, 'bfloat16' | 'string'>;
const isRuntimeType = (element: string): element is RuntimeType => element !== 'bfloat16' && element !== 'string';

/** A runtime tensor over the same memory. Throws for bfloat16 and text. */
export function toRuntime(t: Tensor): RuntimeTensor {
  invariant(isRuntimeType(t.element), `the runtime takes no ${t.element} tensors`);
  // The binding takes half floats as their bits alone, of which the package makes a Float16Array where Node has one: they go in as whole numbers, under their own name.
  if (t.element === 'float16') return Object.assign(new ort.Tensor('uint16', t.data as Uint16Array, [...t.shape]), { type: t.element }) as unknown as RuntimeTensor;
  return new ort.Tensor(t.element as 'float32', t.data as Float32Array, [...t.shape]) as RuntimeTensor;
}

/** What a runtime tensor holds, over the same memory: half floats as their bits, whatever array this Node has for them. */
export const numbersOf = (data: Tensor['data'], element: ElementType): Tensor['data'] => (element === 'float16' && !(data instanceof Uint16Array) ? new Uint16Array(data.buffer, data.byteOffset, data.length) : data);

/**
 * A tensor over the runtime's memory, valid until that is written again. Throws for one in device memory: reading it would
 * end the process, so a graph of Identities must bring it here first.
 */
export function fromRuntime(t: RuntimeTensor): Tensor {
  invariant(t.location === 'cpu', `a tensor in ${t.location} memory is read through a session`);
  invariant(isRuntimeType(t.type), `no ${t.type} tensor comes out of a graph of numbers`);
  const data = numbersOf(t.data as unknown as Tensor['data'], t.type);
  invariant(data.length === elementCount(t.dims), `a tensor of [${t.dims.join(', ')}]`);
  return { element: t.type, shape: t.dims, data };
}
