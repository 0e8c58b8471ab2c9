/** Whether a net takes samples and gives one answer for each, as training, evaluation and maps need it. */
import { diagnostic, NetloomError, type Diagnostic } from '../diagnostics/diagnostic.ts';
import { layerSpec } from '../layers/table.ts';
import { formatValue, isSamples } from '../layers/value-type.ts';
import type { Network, NetworkLayer } from './network.ts';

export const inputsOf = (network: Network): readonly NetworkLayer[] => network.layers.filter((l) => layerSpec(l.type).inputs.length === 0);
export const answersOf = (network: Network): readonly NetworkLayer[] => network.layers.filter((l) => layerSpec(l.type).outputs.length === 0 && !layerSpec(l.type).auxiliary);

const said = (what: string, layers: readonly NetworkLayer[]): string => (layers.length === 1 ? `an ${what} of ${layers[0]?.types.map(formatValue).join() ?? ''}` : `${layers.length} ${what}s`);

/** Why no data set can feed the net or judge its answers; null where one can. */
export function untrainable(network: Network): Diagnostic | null {
  for (const [what, all] of [['input', inputsOf(network)], ['output', answersOf(network)]] as const) {
    if (all.length !== 1 || !all[0]?.types.every(isSamples)) return diagnostic('training.tensors', { label: network.name || 'The network' }, { got: said(what, all) });
  }
  return null;
}

/** Throws training.tensors where no data set can feed the net or judge its answers. */
export function requireTrainable(network: Network): void {
  const reason = untrainable(network);
  if (reason) throw new NetloomError(reason);
}
