/** Proof of an import: the net as it is drawn here beside the file itself in ONNX Runtime, on the same input. */
import type { ForwardGraph } from '../../../shared/compile/forward.ts';
import { lowerForward } from '../../../shared/compile/lower.ts';
import type { Network } from '../../../shared/compile/network.ts';
import type { NamedWeight } from '../../../shared/compile/weights.ts';
import { NetloomError, problem, render } from '../../../shared/diagnostics/diagnostic.ts';
import type { Graph, Tensor, TensorType, ValueInfo } from '../../../shared/onnx/ir.ts';
import { numbersOf, zeros } from '../../../shared/onnx/fold/numbers.ts';
import { randomOperators } from '../../../shared/onnx/ops/random.ts';
import { elementCount } from '../../../shared/shapes/shape.ts';
import { required } from '../../../shared/util/assert.ts';
import { createRandom, deriveSeed } from '../../../shared/util/random.ts';
import { encodeModel } from '../onnx-io/model.ts';
import { ForeignSession } from '../runtime/foreign.ts';
import { noiseOf } from './noise.ts';
import { turned } from './recognise/axes.ts';
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
}

export interface Difference {
  /** Largest |here − file|. */
  readonly absolute: number;
  /** The same over the largest magnitude of that output in the file's answer. */
  readonly relative: number;
}

/** The nearest float64 of every number. */
const nearest = (t: Tensor): ArrayLike<number> => numbersOf(t) ?? Float64Array.from(t.data as ArrayLike<number | bigint>, Number);

/** The forward graph with its weights inside, for a batch. */
export function modelBytes(network: Network, weights: ReadonlyMap<string, NamedWeight>, batch: number): { readonly bytes: Uint8Array; readonly forward: ForwardGraph } {
  const forward = lowerForward(network, { batch, training: false });
  const initializers = new Map<string, Tensor>(forward.graph.initializers);
  for (const w of forward.weights) initializers.set(w.name, { element: 'float32', shape: w.shape, data: required(weights.get(w.name), `weight ${w.name}`).data });
  const graph: Graph = { ...forward.graph, initializers, inputs: forward.graph.inputs.filter((v) => !initializers.has(v.name)) };
  return { bytes: encodeModel(graph, { opsets: forward.opsets }), forward };
}

const inverse = (perm: readonly number[]): number[] => perm.map((_, i) => perm.indexOf(i));

/** Values of one input for several samples as the net here takes them: its axes, its type, one batch. */
function fed(samples: readonly Tensor[], border: Border, type: TensorType): Tensor {
  const parts = samples.map((t) => (border.perm ? turned(t, border.perm) : t));
  const [first] = parts as [Tensor];
  if (parts.length === 1 && first.element === type.element) return { ...first, shape: type.shape };
  const count = elementCount(type.shape);
  if (first.element === type.element) {
    // Arrays of one kind, whichever it is.
    const data = required(zeros(type.element, count), `numbers of ${type.element}`);
    parts.forEach((t, i) => (data as Float32Array).set(t.data as Float32Array, (i * count) / parts.length));
    return { element: type.element, shape: type.shape, data };
  }
  const data = new Float32Array(count);
  parts.forEach((t, i) => data.set(nearest(t), (i * count) / parts.length));
  return { element: 'float32', shape: type.shape, data };
}

/** |a − b| of every number and the largest |b|; two infinities of one sign, or two that are no numbers, agree. */
function differenceOf(here: ArrayLike<number>, there: Float64Array): { absolute: number; largest: number } {
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

/** One output of ours, of all samples at once, beside the file's answers one by one. */
function between(ours: Tensor | undefined, theirs: readonly Tensor[]): Difference {
  const parts = theirs.map(nearest);
  const there = new Float64Array(parts.reduce((n, p) => n + p.length, 0));
  parts.reduce((at, p) => { there.set(p, at); return at + p.length; }, 0);
  const { absolute, largest } = differenceOf(ours ? nearest(ours) : new Float64Array(), there);
  return { absolute, relative: absolute === 0 ? 0 : absolute / Math.max(largest, Number.MIN_VALUE) };
}

/** Values of a graph that may be others every time: with them there is nothing to compare. */
function randomValues(graph: Graph): ReadonlySet<string> {
  const random = new Set<string>();
  for (const node of graph.nodes) if ((node.domain === '' && randomOperators.has(node.op)) || node.inputs.some((x) => random.has(x))) for (const y of node.outputs) random.add(y);
  return random;
}

const larger = (a: Difference, b: Difference): Difference => ({ absolute: Math.max(a.absolute, b.absolute), relative: Math.max(a.relative, b.relative) });

type Sample = ReadonlyMap<string, Tensor>;

/** The net here, by the names of the file's inputs and outputs. */
class Drawn {
  readonly #subject: ProofSubject;
  readonly #forward: ForwardGraph;
  constructor(subject: ProofSubject) {
    this.#subject = subject;
    this.#forward = lowerForward(subject.network, { batch: 1, training: false });
  }

  /** Type at a batch of one of what stands for a border. */
  typeOf(border: Border): TensorType {
    return inputOf(this.#forward, border).type;
  }

  /** Whether samples may be fed together: the batch is free, and nothing is fed or answered that has none. */
  get joins(): boolean {
    return [...this.#forward.dataInputs, ...this.#forward.outputs].every((name) => this.#forward.batched.has(name));
  }

  /** Names in the file of the outputs that the same question has one answer to. */
  get certain(): readonly string[] {
    const random = randomValues(this.#forward.graph);
    return this.#subject.outputs.filter((border) => !random.has(outputOf(this.#forward, border) ?? '')).map((border) => border.name);
  }

  /** How many samples there are in what the file is fed; 1 where the batch is not free. */
  batchOf(sample: Sample): number {
    const border = this.#subject.inputs.find((b) => this.#forward.batched.has(inputOf(this.#forward, b).name));
    return (border && sample.get(border.name)?.shape[border.perm?.[0] ?? 0]) ?? 1;
  }

  /** Answers to questions of the same batch, each of one sample or several together. */
  async answers(questions: readonly (readonly Sample[])[], batch: number): Promise<Map<string, Tensor>[]> {
    const { bytes, forward } = modelBytes(this.#subject.network, this.#subject.weights, batch);
    const session = await ForeignSession.open(bytes);
    try {
      const all = [];
      for (const samples of questions) all.push(this.#named(forward, await session.run(this.#feeds(forward, samples))));
      return all;
    } finally {
      await session.dispose();
    }
  }

  #feeds(forward: ForwardGraph, samples: readonly Sample[]): Map<string, Tensor> {
    return new Map(this.#subject.inputs.map((border) => {
      const { name, type } = inputOf(forward, border);
      return [name, fed(samples.map((s) => required(s.get(border.name), `input ${border.name}`)), border, type)] as const;
    }));
  }

  #named(forward: ForwardGraph, answers: Sample): Map<string, Tensor> {
    return new Map(this.#subject.outputs.flatMap((border) => {
      const answer = answers.get(outputOf(forward, border) ?? '');
      return answer ? [[border.name, border.perm ? turned(answer, inverse(border.perm)) : answer] as const] : [];
    }));
  }
}

/** Name and type in our graph of what stands for a border. */
function inputOf({ borders, graph }: ForwardGraph, border: Border): ValueInfo {
  return required(graph.inputs.find((v) => borders.get(v.name) === border.node), `input ${border.name}`);
}

const outputOf = ({ borders, outputs }: ForwardGraph, border: Border): string | undefined => outputs.find((o) => borders.get(o) === border.node);

/** What the file itself cannot do is not our net's fault. */
async function theirs<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (!(cause instanceof NetloomError)) throw cause;
    throw problem('onnx.original', { label: 'The file' }, { reason: render(cause.diagnostic).what });
  }
}

/** Noise for every input of the file: in the sizes that it fixes, in ours where it leaves them open. */
function noiseSamples(subject: ProofSubject, file: ForeignSession, drawn: Drawn, count: number): Map<string, Tensor>[] {
  return Array.from({ length: count }, (_, k) => new Map(file.inputs.map(({ name, element, shape }) => {
    const border = subject.inputs.find((b) => b.name === name);
    const ours = border ? drawn.typeOf(border).shape : null;
    const sizes = border?.perm && ours ? inverse(border.perm).map((p) => ours[p] as number) : (ours ?? []);
    const own = shape.length === 0 ? sizes : shape.map((d, axis) => d ?? sizes[axis] ?? 1);
    return [name, noiseOf(required(element, `a type of ${name}`), own, createRandom(deriveSeed(k, name)))] as const;
  })));
}

/** A file while something is asked of it; one session at a time, as each holds all weights. */
async function withFile<T>(file: Uint8Array | string, work: (original: ForeignSession) => Promise<T>): Promise<T> {
  const original = await theirs(() => ForeignSession.open(file));
  try {
    return await work(original);
  } finally {
    await original.dispose();
  }
}

async function asked(original: ForeignSession, samples: readonly Sample[]): Promise<Map<string, Tensor>[]> {
  const all = [];
  for (const s of samples) all.push(await theirs(() => original.run(s)));
  return all;
}

/**
 * Runs both on noise, and on `real` samples where there are any (by the file's input names, in its layout and sizes). Where
 * the batch is free ours takes all noise at once, the file one by one, which tries that too. Throws onnx.original where
 * the file cannot be run, engine.load or engine.run where ours cannot.
 */
export async function compareWithFile(file: Uint8Array | string, subject: ProofSubject, real: readonly Sample[] = [], noise = NOISE): Promise<Difference> {
  const drawn = new Drawn(subject);
  const questions = await withFile(file, async (original) => {
    const samples = noiseSamples(subject, original, drawn, noise);
    const groups = [...real.map((s) => [s]), ...(drawn.joins ? [samples] : samples.map((s) => [s]))].filter((g) => g.length > 0);
    const all = [];
    for (const group of groups) all.push({ group, batch: group.reduce((n, s) => n + drawn.batchOf(s), 0), truths: await asked(original, group) });
    return all;
  });
  let worst: Difference = { absolute: 0, relative: 0 };
  for (const batch of new Set(questions.map((q) => q.batch))) {
    const alike = questions.filter((q) => q.batch === batch);
    const answers = await drawn.answers(alike.map((q) => q.group), batch);
    alike.forEach(({ truths }, i) => {
      for (const name of drawn.certain) worst = larger(worst, between(answers[i]?.get(name), truths.flatMap((t) => t.get(name) ?? [])));
    });
  }
  return worst;
}
