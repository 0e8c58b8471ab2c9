/** What one click sets so that the next run does not meet an error: another device, or 32-bit numbers. */
import { deviceInstead } from '../../shared/analysis/refusals.ts';
import { wayRound, type Diagnostic } from '../../shared/diagnostics/diagnostic.ts';
import type { TrainingConfig } from '../../shared/training/config.ts';
import { deviceInSentence } from '../../shared/util/device-names.ts';
import type { WayRound } from '../ui/ErrorNotice.tsx';
import { useDocument } from './document.ts';
import { setSession, useSession } from './session.ts';

const set = (label: string, change: Partial<TrainingConfig>): WayRound => ({
  label: `Use ${label} instead`,
  take: () => setSession({ config: { ...useSession.getState().config, ...change } }),
});

/** Its button; null where no setting goes round it, or none that this machine has. */
export function wayRoundOf(d: Diagnostic): WayRound | null {
  const by = wayRound(d);
  if (by === null) return null;
  if (by === 'precision') return set('32-bit numbers', { precision: 'float32' });
  const { devices, config } = useSession.getState();
  const other = deviceInstead(devices, useDocument.getState().compiled.network, config, d);
  return other ? set(deviceInSentence(other.id), { device: other.id }) : null;
}
