/** How fast each device trains the net that is open. */
import { NetloomError, problem, type Diagnostic } from '../../../shared/diagnostics/diagnostic.ts';
import type { DevicePace } from '../../../shared/protocol/race-requests.ts';
import { deviceName } from '../../../shared/util/device-names.ts';
import { PaceControl, type MeasuredPace } from '../training/pace-of-device.ts';
import { requireFits } from './fits.ts';
import type { Handlers } from './handler.ts';
import { requireOneAnswer } from './one-answer.ts';
import type { Workspace } from './workspace.ts';

const PROGRESS_MS = 100;

/** The timing under way, and its end. */
const underWay = new WeakMap<Workspace, { readonly control: PaceControl; readonly ended: Promise<void> }>();

/** Throws training.racing while a device is timed: whatever computes beside it would be timed too. */
export function refuseInRace(w: Workspace, label: string): void {
  if (underWay.has(w)) throw problem('training.racing', { label }, {});
}

/** As refuseInRace, but one that was cancelled is waited for: it ends within a step. */
export async function settleRace(w: Workspace, label: string): Promise<void> {
  const race = underWay.get(w);
  if (race?.control.cancelled) await race.ended;
  refuseInRace(w, label);
}

function refuseInRun(w: Workspace): void {
  if (w.host.training) throw problem('training.busy', { label: 'Measuring' }, {});
}

/** What a device answers in place of a speed: the end of its thread is an answer about it, too. */
function refusalOf(e: unknown, device: string): Diagnostic {
  if (!(e instanceof NetloomError)) throw e;
  const { code, args } = e.diagnostic;
  if (code !== 'engine.died') return e.diagnostic;
  return problem('training.device-ended', { label: deviceName(device) }, { device, cause: (args as { cause: string }).cause }).diagnostic;
}

const paceOf = (device: string, { samples, steps, stepMs, notes, features }: MeasuredPace, batch: number, training: number): DevicePace => ({
  ok: true, device, samples, steps, stepMs, samplesPerSecond: (samples * 1000) / stepMs, notes: [...notes], features,
  epochSeconds: (Math.floor(training / batch) * batch * stepMs) / samples / 1000,
});

export const raceHandlers: Handlers<'race'> = {
  'race.device': async (w, { document, config, data, device: wanted, seconds }) => {
    refuseInRun(w);
    if (underWay.has(w)) await settleRace(w, 'Measuring');
    // At once, so that a cancel right behind finds it.
    const control = new PaceControl();
    let end = (): void => undefined;
    underWay.set(w, { control, ended: new Promise((resolve) => { end = resolve; }) });
    const tell = (): void => {
      const { steps, ms } = control.timed;
      w.emit('race.progress', { device: wanted, phase: control.phase, done: Math.min(1, ms / 1000 / seconds), steps });
    };
    const timer = setInterval(tell, PROGRESS_MS);
    try {
      const dataset = await w.dataset(data);
      const network = w.network(document, dataset);
      requireOneAnswer(network);
      const split = w.split(dataset, config.validationSplit, config.seed);
      const { train } = split;
      if (train.length === 0) throw problem('data.too-few', { label: dataset.name }, { need: 2 * dataset.classes.length, got: dataset.count });
      tell();
      try {
        const device = (await w.device(network, { ...config, device: wanted })).id;
        if (device === 'cpu') requireFits(network, { ...config, batchSize: Math.min(config.batchSize, train.length) });
        const pace = await w.host.job('pace', { network, config, weights: w.weightsOf(network, config.seed), dataset, split, device, seconds, control: control.words });
        refuseInRun(w);
        return pace && paceOf(wanted, pace, Math.min(config.batchSize, train.length), train.length);
      } catch (e) {
        refuseInRun(w);
        return { ok: false, device: wanted, error: refusalOf(e, wanted) };
      }
    } finally {
      clearInterval(timer);
      underWay.delete(w);
      end();
    }
  },
  'race.cancel': (w) => {
    underWay.get(w)?.control.cancel();
    return {};
  },
};
