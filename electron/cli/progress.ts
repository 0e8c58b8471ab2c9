/** A progress bar on stderr; plain lines where that is no terminal. */
import type { FeatureState } from '../../shared/protocol/finetune-requests.ts';
import type { Progress } from '../../shared/protocol/values.ts';
import { deviceName } from '../../shared/util/device-names.ts';

/** 75 -> "1:15". */
export function clock(seconds: number): string {
  const s = Math.max(0, Math.round(seconds));
  return `${Math.floor(s / 60)}:${String(s % 60).padStart(2, '0')}`;
}

export const percent = (x: number): string => `${(x * 100).toFixed(1)} %`;

export function progressLine(p: Progress, width = 24): string {
  const done = ((p.epoch - 1) * p.stepsPerEpoch + p.step) / Math.max(1, p.epochs * p.stepsPerEpoch);
  const filled = Math.round(Math.min(done, 1) * width);
  const parts = [`[${'#'.repeat(filled)}${'-'.repeat(width - filled)}]`, `epoch ${p.epoch}/${p.epochs}`, `${Math.round(p.speed)} img/s`];
  if (p.remaining !== null) parts.push(`${clock(p.remaining)} left`);
  if (p.bestAccuracy !== null) parts.push(`best ${percent(p.bestAccuracy)}`);
  return parts.join('  ');
}

export interface Trained {
  readonly state: 'finished' | 'stopped' | 'failed';
  readonly epochs: number;
  readonly device: string;
  readonly seconds: number;
  readonly accuracy: number;
  readonly loss: number;
  /** Null where no epoch came to its validation. */
  readonly bestAccuracy: number | null;
  readonly bestEpoch: number | null;
}

/** What a run came to; accuracy and loss are those of the weights it ends with, on the validation samples. */
export function trainedLines({ state, epochs, device, seconds, accuracy, loss, bestAccuracy, bestEpoch }: Trained): string[] {
  const best = bestAccuracy === null || bestEpoch === null ? '' : `; best ${percent(bestAccuracy)} in epoch ${bestEpoch}`;
  return [
    `${state === 'finished' ? 'Trained' : 'Stopped after'} ${epochs} ${epochs === 1 ? 'epoch' : 'epochs'} on ${deviceName(device)} in ${clock(seconds)}`,
    `Validation: accuracy ${percent(accuracy)}, loss ${loss.toFixed(4)}${best}`,
  ];
}

/** Of features that are computed before the first epoch. */
export const featuresLine = (f: FeatureState): string => (f.computing ? `Computing features ${f.done} / ${f.samples}` : `Training on features of ${f.name}: ${f.samples} samples, ${f.found} of them kept from before`);

export function createProgress(stream: NodeJS.WriteStream): { show(p: Progress): void; features(f: FeatureState): void; end(): void } {
  let lastEpoch = -1;
  let open = false;
  return {
    show: (p) => {
      if (stream.isTTY) {
        stream.write(`\r\x1b[K${progressLine(p)}`);
        open = true;
      } else if (p.epoch !== lastEpoch) {
        lastEpoch = p.epoch;
        stream.write(`${progressLine(p)}\n`);
      }
    },
    features: (f) => {
      if (stream.isTTY && f.computing) {
        stream.write(`\r\x1b[K${featuresLine(f)}`);
        open = true;
      } else if (!f.computing) stream.write(`${stream.isTTY ? '\r\x1b[K' : ''}${featuresLine(f)}\n`);
    },
    end: () => {
      if (open) stream.write('\n');
      open = false;
    },
  };
}
