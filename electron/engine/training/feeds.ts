/** A batch as the tensors that a graph asks for. */
import type { Graph } from '../../../shared/onnx/ir.ts';
import { elementCount } from '../../../shared/shapes/shape.ts';
import { tensor, type RuntimeTensor } from '../runtime/session.ts';
import { batchArrays } from './batch-arrays.ts';
import type { Batch, InputEncoding } from './engine.ts';

/** Data and labels, padded with zeros to the rows of the graph. */
export function batchFeeds(batch: Batch, graph: Graph, input: InputEncoding): Record<string, RuntimeTensor> {
  const { data, labels } = batchArrays(batch, graph, input);
  const fed = data.values instanceof Uint8Array ? tensor('uint8', data.values, data.shape) : tensor('float32', data.values, data.shape);
  return { data: fed, labels: tensor('int32', labels.values, labels.shape) };
}

/** Bytes of all values that the nodes of a graph make; those of unknown shape are left out. */
export const bytesMade = (graph: Graph): number => graph.nodes.flatMap((n) => n.outputs).reduce((sum, name) => sum + 4 * elementCount(graph.types.get(name)?.shape ?? [0]), 0);
