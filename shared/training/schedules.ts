/** How the learning rate moves over a run: pure functions of the place in it, answering a factor of the rate. */
import { assertNever } from '../util/assert.ts';
import type { ScheduleConfig, TrainingConfig } from './config.ts';

/** Where in the run, in steps of the optimiser: `step` counts from 0. */
export interface Place { readonly step: number; readonly stepsPerEpoch: number; readonly epochs: number }

/** What a plateau remembers from epoch to epoch; part of a checkpoint. */
export interface PlateauState { readonly factor: number; readonly best: number | null; readonly bad: number; readonly cooldown: number }
export const freshPlateau: PlateauState = { factor: 1, best: null, bad: 0, cooldown: 0 };

type Plateau = Extract<ScheduleConfig, { kind: 'plateau' }>;
type Cosine = Extract<ScheduleConfig, { kind: 'cosine' }>;
type OneCycle = Extract<ScheduleConfig, { kind: 'one-cycle' }>;

/** From `a` at 0 to `b` at 1 along half a cosine. */
const glide = (a: number, b: number, share: number): number => b + ((a - b) * (1 + Math.cos(Math.PI * share))) / 2;

/**
 * SGDR (Loshchilov and Hutter 2017): η_min + (1 − η_min)(1 + cos(π·t/T)) / 2, anew in each of `cycles`, each `growth` times as
 * long as the one before; together they fill the run.
 */
function cosine(c: Cosine, step: number, total: number): number {
  const parts = Array.from({ length: c.cycles }, (_, i) => c.growth ** i);
  const unit = total / parts.reduce((a, p) => a + p, 0);
  let from = 0;
  for (const [i, part] of parts.entries()) {
    const length = part * unit;
    if (step < from + length || i === parts.length - 1) return glide(1, c.minimum, Math.min((step - from) / length, 1));
    from += length;
  }
  return c.minimum;
}

/** Smith and Topin 2019, as torch.optim.lr_scheduler.OneCycleLR: from `start` up to 1 over `rise` of the run, then down to `end`. */
function oneCycle(c: OneCycle, step: number, total: number): number {
  const top = c.rise * total - 1;
  if (top > 0 && step <= top) return glide(c.start, 1, Math.min(1, step / top));
  return glide(1, c.end, Math.min(1, (step - top) / Math.max(1, total - 1 - top)));
}

/** The schedule's own factor at `step` of `total`, counted from the end of the warm-up. */
function factorOf(schedule: ScheduleConfig, step: number, total: number, stepsPerEpoch: number, plateau: PlateauState): number {
  const epoch = Math.floor(step / stepsPerEpoch);
  switch (schedule.kind) {
    case 'constant': return 1;
    // torch.optim.lr_scheduler.StepLR and ExponentialLR, by epoch.
    case 'step': return schedule.factor ** Math.floor(epoch / schedule.every);
    case 'exponential': return schedule.factor ** epoch;
    case 'cosine': return cosine(schedule, step, total);
    case 'one-cycle': return oneCycle(schedule, step, total);
    case 'plateau': return plateau.factor;
    default: return assertNever(schedule);
  }
}

/**
 * The factor of the learning rate for the step at `place`. In the warm-up (Goyal et al. 2017) a straight line from `from` to the
 * schedule's beginning; the schedule has the rest of the run to itself.
 */
export function rateFactor(config: Pick<TrainingConfig, 'schedule' | 'warmup'>, place: Place, plateau: PlateauState = freshPlateau): number {
  const { schedule, warmup } = config;
  const total = place.epochs * place.stepsPerEpoch;
  const warm = Math.min(Math.round(warmup.epochs * place.stepsPerEpoch), total);
  const rest = Math.max(total - warm, 1);
  if (place.step >= warm) return factorOf(schedule, place.step - warm, rest, place.stepsPerEpoch, plateau);
  return (warmup.from + ((1 - warmup.from) * place.step) / warm) * factorOf(schedule, 0, rest, place.stepsPerEpoch, plateau);
}

/**
 * torch.optim.lr_scheduler.ReduceLROnPlateau (mode "min", relative threshold): told the validation loss after every epoch, it
 * multiplies the factor when `patience` epochs in a row were not better than the best by `threshold`.
 */
export function plateauAfter(c: Plateau, state: PlateauState, loss: number): PlateauState {
  const better = state.best === null || loss < state.best * (1 - c.threshold);
  const best = better ? loss : state.best;
  const cooldown = Math.max(0, state.cooldown - 1);
  const bad = better || state.cooldown > 0 ? 0 : state.bad + 1;
  if (bad <= c.patience) return { factor: state.factor, best, bad, cooldown };
  return { factor: Math.max(state.factor * c.factor, c.minimum), best, bad: 0, cooldown: c.cooldown };
}
