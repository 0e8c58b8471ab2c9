/** What is told of the net that is open: what compile says of it, and what the device that is meant does not train of it. */
import { meantDevice, whyNot } from '../../shared/analysis/refusals.ts';
import type { Compiled } from '../../shared/compile/network.ts';
import { render, type Diagnostic } from '../../shared/diagnostics/diagnostic.ts';
import type { Device } from '../../shared/protocol/values.ts';
import type { TrainingConfig } from '../../shared/training/config.ts';
import { useDocument } from './document.ts';
import { whyIdle } from './lookup.ts';
import { useSession } from './session.ts';

interface Told {
  /** The device of the next run; none while devices are looked for. */
  readonly device: Device | undefined;
  /** Why that one would not train the net. */
  readonly refused: readonly Diagnostic[];
  /** As it was compiled, with the refusals among its problems; `ready` says nothing of them. */
  readonly compiled: Compiled;
}

interface Kept { readonly devices: readonly Device[]; readonly wanted: string; readonly precision: TrainingConfig['precision']; readonly told: Told }

/** The last answer for a compilation: every node on the canvas asks. */
const kept = new WeakMap<Compiled, Kept>();

/** What is told of a compiled net with these devices and settings; the same object while none of them changes. */
export function toldOf(compiled: Compiled, devices: readonly Device[], { device: wanted, precision }: Pick<TrainingConfig, 'device' | 'precision'>): Told {
  const known = kept.get(compiled);
  if (known && known.devices === devices && known.wanted === wanted && known.precision === precision) return known.told;
  const config = { device: wanted, precision };
  const device = meantDevice(devices, compiled.network, config);
  // No device would train what no data set feeds.
  const refused = devices.length === 0 || (compiled.ready && whyIdle(compiled) !== null) ? [] : whyNot(devices, compiled.network, config);
  const told: Told = { device, refused, compiled: refused.length === 0 ? compiled : { ...compiled, problems: [...compiled.problems, ...refused.map((diagnostic) => ({ diagnostic, repairs: [] }))] } };
  kept.set(compiled, { devices, wanted, precision, told });
  return told;
}

export const toldNow = (): Told => toldOf(useDocument.getState().compiled, useSession.getState().devices, useSession.getState().config);

export function useTold(): Told {
  const compiled = useDocument((s) => s.compiled);
  const devices = useSession((s) => s.devices);
  const device = useSession((s) => s.config.device);
  const precision = useSession((s) => s.config.precision);
  return toldOf(compiled, devices, { device, precision });
}

/** Why Train would start nothing, as a sentence; null where it would. */
export function whyNoRun({ compiled, refused }: Told): string | null {
  const [first] = refused;
  return whyIdle(compiled) ?? (first ? render(first).sentence : null);
}
