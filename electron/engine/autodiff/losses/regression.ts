/** Losses of differences, mean over a sample's outputs; and of overlaps. */
import type { GraphBuilder, Value } from '../../../../shared/onnx/builder.ts';
import { axesFrom, CLASS_AXIS, type LossPart, type Scores } from './targets.ts';

const over = (b: GraphBuilder, v: Value): LossPart => ({ perSample: b.mean(v, axesFrom(v, 1), false), weight: null });

/** (ŷ − y)² (torch.nn.MSELoss). */
export function squaredError(b: GraphBuilder, { outputs }: Scores, targets: Value): LossPart {
  const difference = b.sub(outputs, targets);
  return over(b, b.mul(difference, difference));
}

/** |ŷ − y| (torch.nn.L1Loss). */
export function absoluteError(b: GraphBuilder, { outputs }: Scores, targets: Value): LossPart {
  return over(b, b.op('Abs', [b.sub(outputs, targets)]));
}

/** Huber 1964 (torch.nn.HuberLoss): d²/2 up to δ, beyond it δ·(|d| − δ/2); in one piece c·(d − c/2) with c = d cut to ±δ. */
export function huber(b: GraphBuilder, delta: number, { outputs }: Scores, targets: Value): LossPart {
  const difference = b.sub(outputs, targets);
  const cut = b.op('Clip', [difference, b.scalar(-delta), b.scalar(delta)]);
  return over(b, b.mul(cut, b.sub(difference, b.mul(cut, b.scalar(0.5)))));
}

/**
 * Soft Dice (Milletari et al. 2016): 1 − (2·Σ p·t + s) / (Σ p + Σ t + s) over a picture's places, mean over classes; over the
 * classes where there are no places. p are the net's probabilities, or made of its scores.
 */
export function dice(b: GraphBuilder, smoothing: number, { outputs, activation }: Scores, targets: Value): LossPart {
  const { shape } = outputs.type;
  const p = activation !== 'none' ? outputs : shape[CLASS_AXIS] === 1 ? b.op('Sigmoid', [outputs]) : b.op('Softmax', [outputs], { axis: { kind: 'int', value: CLASS_AXIS } });
  const places = shape.length > 2 ? axesFrom(outputs, 2) : [CLASS_AXIS];
  const sum = (v: Value) => b.sum(v, places, false);
  const s = b.scalar(smoothing);
  const overlap = b.div(b.add(b.mul(sum(b.mul(p, targets)), b.scalar(2)), s), b.add(b.add(sum(p), sum(targets)), s));
  const score = shape.length > 2 ? b.mean(overlap, [1], false) : overlap;
  return { perSample: b.sub(b.scalar(1), score), weight: null };
}
