/** What happens to gradients between differentiation and the next weights: clipping, decay, the optimiser, averages. */
import type { GraphWeight } from '../../../shared/compile/forward.ts';
import type { GraphBuilder, Value } from '../../../shared/onnx/builder.ts';
import { int } from '../../../shared/onnx/ir.ts';
import { decouplesDecay, sharedScalars, stateSlots, update, type OptimizerSpec } from './optimisers/optimisers.ts';
import type { DeviceKind } from './rule.ts';

export type ClipSpec = { readonly kind: 'none' } | { readonly kind: 'norm' | 'value'; readonly limit: number };

export interface UpdateOptions {
  readonly optimizer: OptimizerSpec;
  readonly weightDecay: number;
  readonly device: DeviceKind;
  readonly clip?: ClipSpec;
  /** Factors of the learning rate by layer; 1 where none is given, 0 for no training at all. */
  readonly layerRates?: Readonly<Record<string, number>>;
  /** A running mean of the weights is kept as state. */
  readonly ema?: { readonly decay: number } | null;
}

/** A trained weight and its gradient. */
export interface Trained { readonly weight: GraphWeight; readonly gradient: Value }
export interface Renewed { readonly name: string; readonly value: Value }
export interface StateSlot { readonly name: string; readonly shape: readonly number[] }

export const stateName = (slot: string, weight: string): string => `state:${slot}:${weight}`;
/** The state that holds a weight's running mean. */
export const averageName = (weight: string): string => stateName('ema', weight);

export const rateOf = (options: UpdateOptions, weight: GraphWeight): number => options.layerRates?.[weight.layer] ?? 1;

/** Norms by layer [L] and over all parameters, before any clipping; layers in the order of their first weight. */
export function gradientNorms(b: GraphBuilder, trained: readonly Trained[]): { layers: string[]; byLayer: Value | null; total: Value } {
  const squares = new Map<string, Value>();
  for (const { weight, gradient } of trained) {
    const square = b.reshape(b.op('ReduceSumSquare', [gradient], { keepdims: int(0) }), [1]);
    const known = squares.get(weight.layer);
    squares.set(weight.layer, known ? b.add(known, square) : square);
  }
  if (squares.size === 0) return { layers: [], byLayer: null, total: b.scalar(0) };
  const all = b.op('Concat', [...squares.values()], { axis: int(0) });
  return { layers: [...squares.keys()], byLayer: b.sqrt(all), total: b.sqrt(b.sum(all, [0], false)) };
}

/** torch.nn.utils.clip_grad_norm_ and clip_grad_value_; a norm's factor is limit / (norm + 1e-6), at most 1. */
export function clipped(b: GraphBuilder, clip: ClipSpec | undefined, trained: readonly Trained[], norm: Value): readonly Trained[] {
  if (!clip || clip.kind === 'none') return trained;
  if (clip.kind === 'value') return trained.map(({ weight, gradient }) => ({ weight, gradient: b.op('Clip', [gradient, b.scalar(-clip.limit), b.scalar(clip.limit)]) }));
  const factor = b.op('Min', [b.div(b.scalar(clip.limit), b.add(norm, b.scalar(1e-6))), b.scalar(1)]);
  return trained.map(({ weight, gradient }) => ({ weight, gradient: b.mul(gradient, factor) }));
}

/**
 * Biases and norms are many and tiny: those with the same rate, decay and beginning are updated as one vector, so that an update costs a
 * few nodes, not a few for each. The rest stay alone.
 */
function groupsOf(trained: readonly Trained[], options: UpdateOptions): Trained[][] {
  const groups = new Map<string, Trained[]>();
  for (const t of trained) {
    const key = t.weight.shape.length === 1 ? `${rateOf(options, t.weight)} ${t.weight.decays} ${t.weight.joined ?? 0}` : t.weight.name;
    groups.set(key, [...(groups.get(key) ?? []), t]);
  }
  return [...groups.values()];
}

const lengthOf = ({ weight: w }: Trained): number => w.shape.reduce((a, d) => a * d, 1);
const joined = (b: GraphBuilder, values: readonly Value[]): Value => (values.length === 1 ? (values[0] as Value) : b.op('Concat', values, { axis: int(0) }));

/** Parts that WebGPU's kernel may make at once: a shader has eight storage buffers on every device, and one of them is read. */
const PARTS = 7;

/** A vector as pieces of these lengths; many pieces in several steps where the device cannot make them at once. */
export function parted(b: GraphBuilder, value: Value, lengths: readonly number[], device: DeviceKind): Value[] {
  if (lengths.length === 1) return [value];
  const split = (sizes: readonly number[]): Value[] => b.ops('Split', [value, b.int64(sizes)], { attributes: { axis: int(0) }, outputs: sizes.length });
  if (device !== 'webgpu' || lengths.length <= PARTS) return split(lengths);
  const step = Math.ceil(lengths.length / PARTS);
  const runs = Array.from({ length: Math.ceil(lengths.length / step) }, (_, i) => lengths.slice(i * step, (i + 1) * step));
  return split(runs.map((run) => run.reduce((a, n) => a + n, 0))).flatMap((piece, i) => parted(b, piece, runs[i] ?? [], device));
}

/**
 * The share of the old mean at update t (from 1): min(d, (t − 1) / (t + 8)), as in TensorFlow's ExponentialMovingAverage with a
 * count of updates, so that a mean over a short run is not mostly its beginning. It starts as a copy of the first weights.
 */
function averageDecay(b: GraphBuilder, decay: number, step: Value): Value {
  return b.op('Min', [b.scalar(decay), b.div(b.sub(step, b.scalar(1)), b.add(step, b.scalar(8)))]);
}

/** Every trained weight's next value and all state, by the names of inputs; declares the state inputs. */
export function updates(b: GraphBuilder, trained: readonly Trained[], options: UpdateOptions, scalars: { readonly learningRate: Value; readonly step: Value }): { renewed: Renewed[]; state: StateSlot[] } {
  const { optimizer, weightDecay, device, ema } = options;
  // A weight that joins later counts its own steps.
  const counts = new Map<number, ReturnType<typeof sharedScalars>>();
  const sharedFrom = (joined: number) => {
    const known = counts.get(joined) ?? sharedScalars(b, optimizer, joined === 0 ? scalars.step : b.sub(scalars.step, b.scalar(joined)));
    counts.set(joined, known);
    return known;
  };
  const kept = ema ? averageDecay(b, ema.decay, scalars.step) : null;
  const renewed: Renewed[] = [];
  const state: StateSlot[] = [];
  const stateInput = (name: string, shape: readonly number[]): Value => {
    state.push({ name, shape });
    return b.input(name, { element: 'float32', shape });
  };
  for (const group of groupsOf(trained, options)) {
    const [{ weight: first }] = group as [Trained];
    const rate = rateOf(options, first);
    const name = group.length === 1 ? first.name : `${first.name}+${group.length - 1}`;
    const shape = group.length === 1 ? first.shape : [group.reduce((n, t) => n + lengthOf(t), 0)];
    b.scope(`update/${name}`, () => {
      const learningRate = rate === 1 ? scalars.learningRate : b.mul(scalars.learningRate, b.scalar(rate));
      const slots = stateSlots(optimizer).map((slot) => [slot, stateInput(stateName(slot, name), shape)] as const);
      const before = joined(b, group.map((t) => b.value(t.weight.name)));
      const gradient = joined(b, group.map((t) => t.gradient));
      const decays = weightDecay > 0 && first.decays;
      const shrinks = decays && decouplesDecay(optimizer);
      const next = update(b, optimizer, {
        parameter: shrinks ? b.mul(before, b.sub(b.scalar(1), b.mul(learningRate, b.scalar(weightDecay)))) : before,
        gradient: decays && !shrinks ? b.add(gradient, b.mul(before, b.scalar(weightDecay))) : gradient,
        state: Object.fromEntries(slots), learningRate, shared: sharedFrom(first.joined ?? 0), device,
      });
      parted(b, next.parameter, group.map(lengthOf), device).forEach((value, i) => renewed.push({ name: (group[i] as Trained).weight.name, value }));
      for (const [slot, value] of Object.entries(next.state)) renewed.push({ name: stateName(slot, name), value });
      if (!kept) return;
      const old = joined(b, group.map((t) => stateInput(averageName(t.weight.name), t.weight.shape)));
      const mean = b.add(next.parameter, b.mul(b.sub(old, next.parameter), kept));
      parted(b, mean, group.map(lengthOf), device).forEach((value, i) => renewed.push({ name: averageName((group[i] as Trained).weight.name), value }));
    });
  }
  return { renewed, state };
}
