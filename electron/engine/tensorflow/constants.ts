/** Constants of graphs as tensors: made once, kept until they are let go. */
import type { Graph } from '../../../shared/onnx/ir.ts';
import type { Tensor, Tf } from './tf.ts';

const made = new WeakMap<Graph['initializers'], Map<string, Tensor>>();

/** A constant of the graph, made at its first use; null for whole numbers of 64 bits, which are shapes, axes and places. */
export function constantOf(tf: Tf, graph: Graph, name: string): Tensor | null {
  const constant = graph.initializers.get(name);
  if (!constant || constant.element === 'int64' || constant.element === 'uint64') return null;
  const own = made.get(graph.initializers) ?? new Map<string, Tensor>();
  made.set(graph.initializers, own);
  const known = own.get(name);
  if (known) return known;
  const { element, shape, data } = constant;
  const type = element === 'bool' ? 'bool' : element === 'float32' ? 'float32' : 'int32';
  const tensor = tf.keep(tf.tensor(data as Float32Array, [...shape], type));
  own.set(name, tensor);
  return tensor;
}

/** Lets go of what runs of a graph have kept. Graphs that share their constants, as the parts of one do, share this too. */
export function releaseConstants(graph: Graph): void {
  for (const tensor of made.get(graph.initializers)?.values() ?? []) tensor.dispose();
  made.delete(graph.initializers);
}
