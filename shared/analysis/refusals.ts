/** Which device a configuration means for a net, and what keeps that one from training it; nothing is started to know. */
import { titleOf, type Network } from '../compile/network.ts';
import { diagnostic, type Diagnostic } from '../diagnostics/diagnostic.ts';
import { layerSpec } from '../layers/table.ts';
import type { Abilities } from '../training/abilities.ts';
import type { TrainingConfig } from '../training/config.ts';
import { drawnPath } from './tree.ts';

/** A device as far as the choice goes by it. */
export interface Trainer {
  readonly id: string;
  readonly available: boolean;
  /** Why it is not available. */
  readonly detail: string;
  readonly trains: Abilities;
}

type Wanted = Pick<TrainingConfig, 'device' | 'precision'>;

/** Every reason why a device does not train the net, or not as it is configured; of a repeated node's copies the first. Empty where it does. */
export function refusals(network: Network, { precision }: Pick<TrainingConfig, 'precision'>, { id: device, trains }: Pick<Trainer, 'id' | 'trains'>): readonly Diagnostic[] {
  const found = new Map<string, Diagnostic>();
  for (const l of trains.operators ? [] : network.layers) {
    const node = drawnPath(l.id).join('/');
    if (layerSpec(l.type).tensors && !l.bypassed && !found.has(node)) found.set(node, diagnostic('engine.operator', { label: l.name, node }, { device, op: titleOf(l) }));
  }
  return [...found.values(), ...(trains.precisions.includes(precision) ? [] : [diagnostic('engine.precision', { label: 'Precision' }, { device })])];
}

const trainsIt = (network: Network, config: Wanted) => (d: Trainer): boolean => refusals(network, config, d).length === 0;

/** The device that a configuration means: "auto" is the first available that trains the net so, or where none does, the first available. */
export function meantDevice<D extends Trainer>(devices: readonly D[], network: Network, config: Wanted): D | undefined {
  if (config.device !== 'auto') return devices.find((d) => d.id === config.device);
  const there = devices.filter((d) => d.available);
  return there.find(trainsIt(network, config)) ?? there[0];
}

/** Why a run would not start on the device that is meant: it is not available, or it refuses. Empty where it would. */
export function whyNot(devices: readonly Trainer[], network: Network, config: Wanted): readonly Diagnostic[] {
  const meant = meantDevice(devices, network, config);
  if (meant?.available) return refusals(network, config, meant);
  const available = devices.filter((d) => d.available).map((d) => d.id).join(', ');
  return [diagnostic('engine.device', { label: 'Device' }, { wanted: config.device, available, reason: (meant?.detail ?? 'There is no such device').replace(/\.$/, '') })];
}

/** The device to offer in place of the meant one, against which a diagnostic speaks: one that trains the net, else one that at least does not say the same. */
export function deviceInstead<D extends Trainer>(devices: readonly D[], network: Network, config: Wanted, against: Diagnostic): D | undefined {
  const meant = meantDevice(devices, network, config);
  const others = devices.filter((d) => d.available && d.id !== meant?.id);
  return others.find(trainsIt(network, config)) ?? others.find((d) => !refusals(network, config, d).some((r) => r.code === against.code));
}
