/** Types at the border of a net, and whether the loaded data fits them. */
import { severityOf, type DiagnosticArgs } from '../diagnostics/diagnostic.ts';
import { isLayerType, layerSpec } from '../layers/table.ts';
import { formatShape, sameShape, type Shape } from '../shapes/shape.ts';
import type { Compilation } from './compilation.ts';
import type { FlatNode } from './flatten.ts';
import type { Network } from './network.ts';
import { untrainable } from './trainable.ts';

export interface CompileOptions {
  /** Number of classes of the data set. */
  readonly classes?: number;
  /** Shape of its samples, channels first. */
  readonly sampleShape?: Shape;
}

/** Types of which the table says that nothing goes in, or nothing comes out. */
export const isSource = (type: string): boolean => isLayerType(type) && layerSpec(type).inputs.length === 0;
export const isSink = (type: string): boolean => isLayerType(type) && layerSpec(type).outputs.length === 0;
export const isAuxiliary = (type: string): boolean => isLayerType(type) && layerSpec(type).auxiliary !== undefined;

/** Whatever a file has instead of samples and answers. */
export const takesTensors = (type: string): boolean => isLayerType(type) && layerSpec(type).tensors !== undefined;

/** Whether samples and classes of the loaded data fit, and whether the net can learn from samples at all. */
export function checkData(work: Compilation, network: Network, byId: ReadonlyMap<string, FlatNode>, { classes, sampleShape }: CompileOptions): void {
  const tensors = [...work.problems.values()].some((d) => severityOf(d) === 'error') ? null : untrainable(network);
  // Data that can never feed it need not fit.
  if (tensors) return work.report('graph.tensors', null, tensors.args as DiagnosticArgs<'training.tensors'>);
  const classifies = network.layers.some((l) => l.params.task === 'classification');
  for (const layer of network.layers) {
    const node = byId.get(layer.id) ?? null;
    if (isSource(layer.type) && !takesTensors(layer.type) && sampleShape && !sameShape(layer.shape, sampleShape)) {
      work.report('graph.data-shape', node, { data: formatShape(sampleShape), input: formatShape(layer.shape) });
    }
    if (isSink(layer.type) && !takesTensors(layer.type) && (layer.params.task === 'classification' || (isAuxiliary(layer.type) && classifies))) {
      if (layer.shape.length !== 1) work.report('graph.output-vector', node, { got: formatShape(layer.shape) });
      // One output tells two classes apart: the probability of the second.
      else if (classes !== undefined && layer.shape[0] !== classes && !(classes === 2 && layer.shape[0] === 1)) work.report('graph.class-count', node, { classes, got: String(layer.shape[0]) });
    } else if (isSink(layer.type) && classes !== undefined && layer.shape.length > 1) work.report('graph.data-target', node, { got: formatShape(layer.shape) });
  }
}
