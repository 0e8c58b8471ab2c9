/** A batch as the tensors that a graph asks for. */
import type { Graph } from '../../../shared/onnx/ir.ts';
import { elementCount } from '../../../shared/shapes/shape.ts';
import { tensor, type RuntimeTensor } from '../runtime/session.ts';
import type { Batch, InputEncoding } from './engine.ts';

/** The same numbers in an array of `kind` with `count` places. */
function padded<T extends Uint8Array | Float32Array>(values: Uint8Array | Float32Array, kind: T, count: number): T {
  if (values.length === count && values.constructor === kind.constructor) return values as T;
  const room = new (kind.constructor as new (n: number) => T)(count);
  room.set(values);
  return room;
}

/** Data and labels, padded with zeros to the rows of the graph. */
export function batchFeeds(batch: Batch, graph: Graph, input: InputEncoding): Record<string, RuntimeTensor> {
  const shapeOf = (name: string) => graph.inputs.find((i) => i.name === name)?.type.shape ?? [];
  const [shape, labelled] = [shapeOf('data'), shapeOf('labels')];
  const labels = new Int32Array(elementCount(labelled));
  labels.set(batch.targets.subarray(0, Math.min(labels.length, batch.targets.length)));
  const data = input.element === 'uint8' ? tensor('uint8', padded(batch.inputs, new Uint8Array(0), elementCount(shape)), shape) : tensor('float32', padded(batch.inputs, new Float32Array(0), elementCount(shape)), shape);
  return { data, labels: tensor('int32', labels, labelled) };
}

/** Bytes of all values that the nodes of a graph make; those of unknown shape are left out. */
export const bytesMade = (graph: Graph): number => graph.nodes.flatMap((n) => n.outputs).reduce((sum, name) => sum + 4 * elementCount(graph.types.get(name)?.shape ?? [0]), 0);
