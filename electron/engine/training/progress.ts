/** A run's place and speed as the interface is told. */
import type { Diagnostic } from '../../../shared/diagnostics/diagnostic.ts';
import type { Progress, RunState } from '../../../shared/protocol/values.ts';
import type { RunPosition } from './run-sink.ts';

export interface ProgressOptions {
  readonly run: string;
  readonly epochs: number;
  readonly batchSize: number;
  readonly stepsPerEpoch: number;
  readonly device: { readonly id: string; readonly reason: string };
}

/** `speed` in samples a second, `validationMs` of the last validation. */
export function progressOf(o: ProgressOptions, now: { readonly state: RunState; readonly position: RunPosition; readonly speed: number; readonly validationMs: number; readonly error: Diagnostic | null }): Progress {
  const { position, speed } = now;
  const { epoch, step, stepInEpoch, bestAccuracy, bestEpoch } = position;
  const stepsLeft = o.epochs * o.stepsPerEpoch - step;
  const seconds = (stepsLeft * o.batchSize) / speed + ((o.epochs - epoch) * now.validationMs) / 1000;
  // An epoch is over when its validation is.
  const over = epoch >= o.epochs || (stepInEpoch === 0 && now.state === 'finished');
  return {
    run: o.run, state: now.state,
    epoch: over ? epoch : epoch + 1, epochs: o.epochs,
    step: over ? o.stepsPerEpoch : stepInEpoch, stepsPerEpoch: o.stepsPerEpoch,
    speed, remaining: speed > 0 ? Math.max(seconds, 0) : null,
    device: o.device.id, deviceReason: o.device.reason, bestAccuracy, bestEpoch, error: now.error,
  };
}
