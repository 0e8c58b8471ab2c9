/** Turns step losses into curve points: a point is a mean over more steps the longer the run, so that a curve stays small. */
import type { CurvePoint } from '../../../shared/protocol/values.ts';

/** Steps of one point grow as step / 200: about 200 · (1 + ln(steps / 200)) points, 1,400 for 100,000 steps. By step, not by time, so that equal runs have equal curves. */
const GROWTH = 200;

/** The open point's sums; part of a checkpoint. */
export interface CurveWindow { readonly loss: number; readonly correct: number; readonly samples: number; readonly steps: number }

const empty: CurveWindow = { loss: 0, correct: 0, samples: 0, steps: 0 };

export class CurveBuilder {
  #window: CurveWindow;
  constructor(window: CurveWindow = empty) {
    this.#window = window;
  }

  get window(): CurveWindow {
    return this.#window;
  }

  /** Adds a step; answers a point when one is complete. `step` counts from 1 over the whole run. */
  add(step: { readonly loss: number; readonly correct: number; readonly samples: number; readonly step: number; readonly epoch: number; readonly learningRate: number }): CurvePoint | null {
    const w = this.#window;
    this.#window = { loss: w.loss + step.loss * step.samples, correct: w.correct + step.correct, samples: w.samples + step.samples, steps: w.steps + 1 };
    return this.#window.steps >= Math.floor(step.step / GROWTH) ? this.close(step) : null;
  }

  /** Ends the open point early (at an epoch's end); null when it is empty. */
  close(at: { readonly step: number; readonly epoch: number; readonly learningRate: number }): CurvePoint | null {
    const { loss, correct, samples } = this.#window;
    this.#window = empty;
    if (samples === 0) return null;
    return { step: at.step, epoch: at.epoch, loss: loss / samples, accuracy: correct / samples, learningRate: at.learningRate };
  }
}
