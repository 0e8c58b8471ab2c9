/** Whether a data set's labels can be what a net answers. */
import type { Network } from '../../../shared/compile/network.ts';
import { problem } from '../../../shared/diagnostics/diagnostic.ts';
import { formatShape } from '../../../shared/shapes/shape.ts';
import { answerLayer } from '../insight/predict.ts';

/** Throws graph.data-target for a net that answers more than one vector for a sample. */
export function requireOneAnswer(network: Network): void {
  const answer = network.layers.find((l) => l.id === answerLayer(network));
  if (answer && answer.shape.length > 1) throw problem('graph.data-target', { label: answer.name }, { got: formatShape(answer.shape) });
}
