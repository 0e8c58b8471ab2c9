/** A batch as the arrays that a graph asks for, whoever runs it. */
import type { Graph } from '../../../shared/onnx/ir.ts';
import { elementCount } from '../../../shared/shapes/shape.ts';
import type { Batch, InputEncoding } from './engine.ts';

export interface BatchArrays {
  readonly data: { readonly values: Uint8Array | Float32Array; readonly shape: readonly number[] };
  readonly labels: { readonly values: Int32Array; readonly shape: readonly number[] };
}

/** The same numbers in an array of `kind` with `count` places. */
function padded<T extends Uint8Array | Float32Array>(values: Uint8Array | Float32Array, kind: T, count: number): T {
  if (values.length === count && values.constructor === kind.constructor) return values as T;
  const room = new (kind.constructor as new (n: number) => T)(count);
  room.set(values);
  return room;
}

/** Data and labels, padded with zeros to the rows of the graph's inputs of these names. */
export function batchArrays(batch: Batch, graph: Graph, input: InputEncoding): BatchArrays {
  const shapeOf = (name: string) => graph.inputs.find((i) => i.name === name)?.type.shape ?? [];
  const [shape, labelled] = [shapeOf('data'), shapeOf('labels')];
  const labels = new Int32Array(elementCount(labelled));
  labels.set(batch.targets.subarray(0, Math.min(labels.length, batch.targets.length)));
  const values = padded(batch.inputs, input.element === 'uint8' ? new Uint8Array(0) : new Float32Array(0), elementCount(shape));
  return { data: { values, shape }, labels: { values: labels, shape: labelled } };
}
