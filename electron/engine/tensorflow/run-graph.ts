/** Runs a graph of ours, operator by operator, on TensorFlow's. */
import type { Graph } from '../../../shared/onnx/ir.ts';
import type { Laid } from './laid.ts';
import type { Tensor, Tf } from './tf.ts';

export { WHOLE } from '../../../shared/compile/lower.ts';

/** Layers that are one call, by id: operands and answer with channels last. */
export type WholeLayers = ReadonlyMap<string, (inputs: readonly Tensor[]) => Tensor>;

/**
 * The graph's outputs by name. Feeds are all of its inputs, never disposed of here. Without a gradient to be taken
 * (`taped` false) every value is freed behind its last use; the answers are the caller's. Throws tensorflow.operator where the
 * table has no such row.
 */
export type RunGraph = (tf: Tf, graph: Graph, feeds: ReadonlyMap<string, Laid>, options: { readonly layers: WholeLayers; readonly taped: boolean }) => Map<string, Laid>;
