/** The learning rate over the run as it is set, small. */
import type { TrainingConfig } from '../../../shared/training/config.ts';
import { ratePoints } from './rate-preview.ts';

const WIDTH = 320;
const HEIGHT = 64;

const rateText = (rate: number): string => (rate === 0 ? '0' : rate < 1e-4 ? rate.toExponential(1) : String(Number(rate.toPrecision(3))));
/** Below this share of the highest rate a lowest one is told as none. */
const NEAR_ZERO = 1e-4;

export function RatePreview({ config, trainSamples }: { config: TrainingConfig; trainSamples: number }) {
  const points = ratePoints(config, trainSamples);
  const most = Math.max(...points.map((p) => p.rate), Number.MIN_VALUE);
  const least = Math.min(...points.map((p) => p.rate));
  const end = points.at(-1)?.epoch ?? 0;
  const x = (epoch: number) => (end === 0 ? 0 : (epoch / end) * WIDTH);
  const y = (rate: number) => HEIGHT - 2 - (rate / most) * (HEIGHT - 4);
  const line = points.map((p) => `${x(p.epoch).toFixed(1)},${y(p.rate).toFixed(1)}`).join(' ');
  return (
    <figure style={{ margin: '4px 0 10px' }}>
      <svg role="img" aria-label={`Learning rate over the run, from ${rateText(points[0]?.rate ?? 0)} to ${rateText(points.at(-1)?.rate ?? 0)}`} viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" style={{ display: 'block', width: '100%', height: HEIGHT, background: 'var(--ground)', border: '1px solid var(--line)', borderRadius: 6 }}>
        <polyline points={points.length === 1 ? `0,${y(most)} ${WIDTH},${y(most)}` : line} fill="none" stroke="var(--accent)" strokeWidth={1.6} vectorEffect="non-scaling-stroke" />
      </svg>
      <figcaption className="dim" style={{ display: 'flex', justifyContent: 'space-between', fontSize: 11, marginTop: 3 }}>
        <span>{least === most ? `${rateText(most)} throughout` : `${least < most * NEAR_ZERO ? '≈ 0' : rateText(least)} to ${rateText(most)}`}</span>
        <span>{config.schedule.kind === 'plateau' ? 'falls when the validation loss stays' : `${config.epochs} ${config.epochs === 1 ? 'epoch' : 'epochs'}`}</span>
      </figcaption>
    </figure>
  );
}
