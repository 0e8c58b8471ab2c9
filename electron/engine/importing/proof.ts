/** Proof of an import: the net as it is drawn here beside the file itself in ONNX Runtime, on the same input. */
import type { ForwardGraph } from '../../../shared/compile/forward.ts';
import { lowerForward } from '../../../shared/compile/lower.ts';
import type { Network } from '../../../shared/compile/network.ts';
import type { NamedWeight } from '../../../shared/compile/weights.ts';
import type { Graph, Tensor, TensorData, TensorType, ValueInfo } from '../../../shared/onnx/ir.ts';
import { elementCount } from '../../../shared/shapes/shape.ts';
import { required } from '../../../shared/util/assert.ts';
import { halfValue } from '../../../shared/util/half.ts';
import { createRandom, deriveSeed } from '../../../shared/util/random.ts';
import { encodeModel } from '../onnx-io/model.ts';
import { ForeignSession } from '../runtime/foreign.ts';
import { noiseOf } from './noise.ts';
import type { Border } from './recognise/recognised.ts';

/** Largest relative difference that is rounding: two orders of the same float32 sums. */
export const PROOF_TOLERANCE = 1e-4;

/** Samples of noise; where the batch is free our net takes them all at once, the file one by one. */
export const NOISE = 3;

export interface ProofSubject {
  readonly network: Network;
  readonly weights: ReadonlyMap<string, NamedWeight>;
  readonly inputs: readonly Border[];
  readonly outputs: readonly Border[];
  /** Whether the net here takes any batch. */
  readonly batched: boolean;
}

export interface Difference {
  /** Largest |here − file|. */
  readonly absolute: number;
  /** The same over the largest magnitude of that output in the file's answer. */
  readonly relative: number;
}

const numbersOf = (t: Tensor): Float64Array => (t.element === 'float16' ? Float64Array.from(t.data as Uint16Array, halfValue) : Float64Array.from(t.data as ArrayLike<number | bigint>, Number));

/** The forward graph with its weights inside, for a batch. */
export function modelBytes(network: Network, weights: ReadonlyMap<string, NamedWeight>, batch: number): { readonly bytes: Uint8Array; readonly forward: ForwardGraph } {
  const forward = lowerForward(network, { batch, training: false });
  const initializers = new Map<string, Tensor>(forward.graph.initializers);
  for (const w of forward.weights) initializers.set(w.name, { element: 'float32', shape: w.shape, data: required(weights.get(w.name), `weight ${w.name}`).data });
  const graph: Graph = { ...forward.graph, initializers, inputs: forward.graph.inputs.filter((v) => !initializers.has(v.name)) };
  return { bytes: encodeModel(graph, { opsets: forward.opsets }), forward };
}

/** A tensor with its axes in another order, as Transpose has it. */
export function turned(t: Tensor, perm: readonly number[]): Tensor {
  const shape = perm.map((p) => t.shape[p] as number);
  const strides = t.shape.map((_, i) => elementCount(t.shape.slice(i + 1)));
  const data = t.data.slice() as TensorData;
  const place = new Array<number>(shape.length).fill(0);
  for (let i = 0; i < data.length; i++) {
    const from = place.reduce((sum, p, axis) => sum + p * (strides[perm[axis] as number] as number), 0);
    (data as unknown as (number | bigint)[])[i] = t.data[from] as number | bigint;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      place[axis] = (place[axis] as number) + 1;
      if ((place[axis] as number) < (shape[axis] as number)) break;
      place[axis] = 0;
    }
  }
  return { element: t.element, shape, data };
}

const inverse = (perm: readonly number[]): number[] => perm.map((_, i) => perm.indexOf(i));

/** Values of one input for several samples as the net here takes them: its axes, its type, one batch. */
function fed(samples: readonly Tensor[], border: Border, type: TensorType): Tensor {
  const parts = samples.map((t) => (border.perm ? turned(t, border.perm) : t));
  const [first] = parts as [Tensor];
  if (parts.length === 1 && first.element === type.element) return { ...first, shape: type.shape };
  const data = new Float32Array(elementCount(type.shape));
  parts.forEach((t, i) => data.set(numbersOf(t), (i * data.length) / parts.length));
  return { element: 'float32', shape: type.shape, data };
}

/** |a − b| of every number and the largest |b|; two infinities of one sign, or two that are no numbers, agree. */
function differenceOf(here: Float64Array, there: Float64Array): { absolute: number; largest: number } {
  let absolute = here.length === there.length ? 0 : Infinity;
  let largest = 0;
  there.forEach((b, i) => {
    const a = here[i] as number;
    const d = Object.is(a, b) || a === b ? 0 : Math.abs(a - b);
    absolute = Math.max(absolute, Number.isNaN(d) ? Infinity : d);
    if (Number.isFinite(b)) largest = Math.max(largest, Math.abs(b));
  });
  return { absolute, largest };
}

const none = { absolute: 0, relative: 0 };
const larger = (a: Difference, b: Difference): Difference => ({ absolute: Math.max(a.absolute, b.absolute), relative: Math.max(a.relative, b.relative) });

/** The net here, loaded for a batch, by the names of the file's inputs and outputs. */
class Drawn {
  readonly #subject: ProofSubject;
  readonly #session: ForeignSession;
  readonly #forward: ForwardGraph;
  private constructor(subject: ProofSubject, session: ForeignSession, forward: ForwardGraph) {
    this.#subject = subject;
    this.#session = session;
    this.#forward = forward;
  }

  static async open(subject: ProofSubject, batch: number): Promise<Drawn> {
    const { bytes, forward } = modelBytes(subject.network, subject.weights, batch);
    return new Drawn(subject, await ForeignSession.open(bytes), forward);
  }

  /** Name and type in our graph of what stands for a border. */
  inputOf(border: Border): ValueInfo {
    const { borders, graph } = this.#forward;
    return required(graph.inputs.find((v) => borders.get(v.name) === border.node), `input ${border.name}`);
  }

  async run(samples: readonly ReadonlyMap<string, Tensor>[]): Promise<Map<string, Tensor>> {
    const feeds = new Map(this.#subject.inputs.map((border) => {
      const { name, type } = this.inputOf(border);
      return [name, fed(samples.map((s) => required(s.get(border.name), `input ${border.name}`)), border, type)] as const;
    }));
    const answers = await this.#session.run(feeds);
    return new Map(this.#subject.outputs.flatMap((border) => {
      const answer = answers.get(this.#forward.outputs.find((o) => this.#forward.borders.get(o) === border.node) ?? '');
      return answer ? [[border.name, border.perm ? turned(answer, inverse(border.perm)) : answer] as const] : [];
    }));
  }

  dispose(): Promise<void> {
    return this.#session.dispose();
  }
}

/** Noise for every input of the file, each a batch of one. */
function noiseSamples(subject: ProofSubject, file: ForeignSession, drawn: Drawn, count: number): Map<string, Tensor>[] {
  return Array.from({ length: count }, (_, k) => new Map(file.inputs.map(({ name, element, shape }) => {
    const border = subject.inputs.find((b) => b.name === name);
    const ours = border ? drawn.inputOf(border).type.shape : null;
    const sizes = border?.perm && ours ? inverse(border.perm).map((p) => ours[p] as number) : (ours ?? shape.map((d) => d ?? 1));
    return [name, noiseOf(required(element, `a type of ${name}`), sizes, createRandom(deriveSeed(k, name)))] as const;
  })));
}

/**
 * Runs both on noise, and on `real` samples where there are any (by the file's input names, in its layout, a batch of one
 * each). Where the batch is free ours takes all noise at once, which tries that too. Throws engine.load or engine.run where
 * one of them cannot run.
 */
export async function compareWithFile(file: Uint8Array | string, subject: ProofSubject, real: readonly ReadonlyMap<string, Tensor>[] = [], noise = NOISE): Promise<Difference> {
  const original = await ForeignSession.open(file);
  const single = await Drawn.open(subject, 1);
  try {
    const samples = noiseSamples(subject, original, single, noise);
    const truths = new Map<ReadonlyMap<string, Tensor>, Map<string, Tensor>>();
    for (const s of [...samples, ...real]) truths.set(s, await original.run(s));
    const against = (answers: ReadonlyMap<string, Tensor>, of: readonly ReadonlyMap<string, Tensor>[]): Difference => subject.outputs.map(({ name }) => {
      const there = Float64Array.from(of.flatMap((s) => { const t = truths.get(s)?.get(name); return t ? [...numbersOf(t)] : []; }));
      const here = answers.get(name);
      const { absolute, largest } = differenceOf(here ? numbersOf(here) : new Float64Array(), there);
      return { absolute, relative: absolute === 0 ? 0 : absolute / Math.max(largest, Number.MIN_VALUE) };
    }).reduce(larger, none);
    let worst: Difference = none;
    for (const s of [...real, ...(subject.batched ? samples.slice(0, 1) : samples)]) worst = larger(worst, against(await single.run([s]), [s]));
    if (!subject.batched || samples.length === 0) return worst;
    const many = await Drawn.open(subject, samples.length);
    try {
      return larger(worst, against(await many.run(samples), samples));
    } finally {
      await many.dispose();
    }
  } finally {
    await original.dispose();
    await single.dispose();
  }
}
