/** What TensorFlow cannot train, told before anything starts; nothing of TensorFlow is needed to know. */
import { titleOf, type Network } from '../../../shared/compile/network.ts';
import { diagnostic, type Diagnostic } from '../../../shared/diagnostics/diagnostic.ts';
import { layerSpec } from '../../../shared/layers/table.ts';
import type { TrainingConfig } from '../../../shared/training/config.ts';

/** Every reason why a net, or how it is to be trained, needs the other engine; empty where TensorFlow trains it. */
export function refusals(network: Network, config: Pick<TrainingConfig, 'precision'>): readonly Diagnostic[] {
  const operators = network.layers.filter((l) => layerSpec(l.type).tensors && !l.bypassed);
  return [
    ...operators.map((l) => diagnostic('tensorflow.operator', { label: l.name, node: l.id }, { op: titleOf(l) })),
    ...(config.precision === 'float32' ? [] : [diagnostic('tensorflow.precision', { label: 'Precision' }, {})]),
  ];
}
