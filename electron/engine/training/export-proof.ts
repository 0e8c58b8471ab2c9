/** Runs an exported file from disk and compares it with the net in the app. */
import { lowerForward } from '../../../shared/compile/lower.ts';
import type { Network } from '../../../shared/compile/network.ts';
import type { Tensor } from '../../../shared/onnx/ir.ts';
import { elementCount } from '../../../shared/shapes/shape.ts';
import { createRandom } from '../../../shared/util/random.ts';
import { required } from '../../../shared/util/assert.ts';
import type { Dataset } from '../datasets/dataset.ts';
import { noiseOf } from '../importing/noise.ts';
import { modelBytes } from '../importing/proof.ts';
import { softmax } from '../insight/predict.ts';
import { ForeignSession } from '../runtime/foreign.ts';
import { batchOf, encodingOf } from './batches.ts';
import type { TrainingSession, Weights } from './engine.ts';

/** Shared with whoever waits: a wish to end, and samples that are done. */
export const CANCEL = 0;
export const DONE = 1;
export const proofControl = (): Int32Array => new Int32Array(new SharedArrayBuffer(8));

export interface ProofSubject {
  /** Of the model; what lies beside it is found from there. */
  readonly path: string;
  /** Samples that the file takes at once; null for any number. */
  readonly batch: number | null;
  /** The file takes values as they are stored. */
  readonly stored: boolean;
  /** Layers that the file leaves out: it takes what they answer. */
  readonly prepared: string | null;
  /** Outputs that the file answers as probabilities and the net as scores. */
  readonly softened: readonly string[];
}

/** Generic over how the data set is handed over. */
export interface ProofOptions<D = Dataset> {
  readonly network: Network;
  readonly weights: Weights;
  readonly dataset: D;
  readonly samples: readonly number[];
  readonly subject: ProofSubject;
  readonly control: Int32Array;
}

export interface NamedTensor extends Tensor { readonly name: string }

export interface ProofAnswer {
  /** Largest difference, and the largest number of the answers that it is beside. */
  readonly absolute: number;
  readonly largest: number;
  /** Largest difference that is rounding. */
  readonly allowed: number;
  readonly samples: number;
  /** What the file was given first, and what it answered. */
  readonly inputs: readonly NamedTensor[];
  readonly outputs: readonly NamedTensor[];
}

/** Samples at once where the file takes any number: more than one, so that a batch held by mistake shows. */
const TOGETHER = 4;

/** Of answers of size one or less; in parts of the largest answer above. */
const TOLERANCE = 1e-4;

/** What the runtime makes of one file with and without its optimisations may differ more in a net that magnifies rounding; so much more passes then. */
const SPREADS = 4;

/** Numbers that the record holds of inputs and outputs. */
const MOST_RECORDED = 2 ** 20;

const sigmoid = (z: number): number => 1 / (1 + Math.exp(-z));

/** Scores of one sample [C, …] as probabilities along the classes; of one score that of the second class. */
function probabilitiesOf(scores: Float32Array, shape: readonly number[]): Float32Array {
  const classes = shape[0] ?? 1;
  if (classes === 1) return scores.map(sigmoid);
  const places = scores.length / classes;
  const out = new Float32Array(scores.length);
  for (let p = 0; p < places; p++) softmax(Float32Array.from({ length: classes }, (_, c) => scores[c * places + p] as number)).forEach((v, c) => { out[c * places + p] = v; });
  return out;
}

/** Largest difference that passes: the tolerance, or where the runtime itself differs more between its ways to run the file, some of that. */
async function allowance(o: ProofOptions, { absolute, largest }: Comparison, given: readonly NamedTensor[], answers: ReadonlyMap<string, Tensor>): Promise<number> {
  const usual = TOLERANCE * Math.max(1, largest);
  if (absolute <= usual) return usual;
  const plain = await ForeignSession.open(o.subject.path, { plain: true });
  try {
    const spread = new Comparison();
    for (const [name, t] of await plain.run(new Map(given.map((g) => [g.name, g])))) spread.add(answers.get(name)?.data, t.data);
    return Math.max(usual, SPREADS * spread.absolute || 0);
  } finally {
    await plain.dispose();
  }
}

class Comparison {
  absolute = 0;
  largest = 0;

  add(got: ArrayLike<number | bigint> | undefined, wanted: ArrayLike<number | bigint>): void {
    if (got?.length !== wanted.length) this.absolute = NaN;
    for (let i = 0; i < wanted.length; i++) {
      const [a, b] = [Number(got?.[i] ?? NaN), Number(wanted[i])];
      // What is no number on both sides is no difference, and equal infinities are none.
      const difference = Object.is(a, b) || a === b ? 0 : Math.abs(a - b);
      // NaN stays: no number is larger, so it is kept by hand.
      if (Number.isNaN(difference) || difference > this.absolute) this.absolute = Number.isNaN(this.absolute) ? NaN : difference;
      if (Number.isFinite(b)) this.largest = Math.max(this.largest, Math.abs(b));
    }
  }
}

/** Nets of samples: the engine that the app shows and trains with answers one by one, the file several at once. */
async function withSamples(session: TrainingSession, file: ForeignSession, o: ProofOptions, outputs: ReadonlyMap<string, string>): Promise<ProofAnswer | null> {
  const { dataset, samples, subject, control } = o;
  const { scale, offset } = encodingOf(dataset);
  const size = subject.batch ?? Math.min(TOGETHER, samples.length);
  const input = required(file.inputs[0], 'input of the file').name;
  const layers = [...outputs.values()];
  const comparison = new Comparison();
  let first: { readonly given: readonly NamedTensor[]; readonly answers: ReadonlyMap<string, Tensor> } | null = null;
  for (let from = 0; from < samples.length; from += size) {
    if (Atomics.load(control, CANCEL) !== 0) return null;
    const some = samples.slice(from, from + size);
    const taps = [];
    for (const sample of some) taps.push(await session.forward(batchOf(dataset, [sample]), subject.prepared === null ? layers : [...layers, subject.prepared]));
    const raw = batchOf(dataset, some).inputs;
    const values = subject.prepared !== null ? joined(taps.map((t) => required(t.get(subject.prepared ?? ''), 'prepared input').data))
      : subject.stored ? Float32Array.from(raw) : Float32Array.from(raw, (x) => (x - offset) * scale);
    // A file of a fixed batch is given zeros behind the last samples, where the batch is not full.
    const rows = subject.batch ?? some.length;
    const fed = new Float32Array((values.length / some.length) * rows);
    fed.set(values);
    const given = { name: input, element: 'float32', shape: [rows, ...dataset.shape], data: fed } as const;
    const answers = await file.run(new Map([[input, given]]));
    for (const [name, layer] of outputs) {
      const got = required(answers.get(name), `output ${name}`).data as Float32Array;
      const each = got.length / rows;
      taps.forEach((tap, i) => {
        const { data, shape } = required(tap.get(layer), `layer ${layer}`);
        comparison.add(got.subarray(i * each, (i + 1) * each), subject.softened.includes(name) ? probabilitiesOf(data, shape.slice(1)) : data);
      });
    }
    first ??= { given: [given], answers };
    Atomics.add(control, DONE, some.length);
  }
  const { given, answers } = first ?? { given: [], answers: new Map<string, Tensor>() };
  return { ...comparison, allowed: await allowance(o, comparison, given, answers), samples: samples.length, ...recordOf(given, answers) };
}

function joined(parts: readonly Float32Array[]): Float32Array {
  const out = new Float32Array(parts.reduce((a, p) => a + p.length, 0));
  let at = 0;
  for (const p of parts) {
    out.set(p, at);
    at += p.length;
  }
  return out;
}

/** Inputs and outputs to be kept with the file; none where they would be as large as a net. */
function recordOf(inputs: readonly NamedTensor[], answers: ReadonlyMap<string, Tensor>): Pick<ProofAnswer, 'inputs' | 'outputs'> {
  const outputs = [...answers].map(([name, t]) => ({ name, ...t }));
  const numbers = [...inputs, ...outputs].reduce((a, t) => a + elementCount(t.shape), 0);
  return numbers <= MOST_RECORDED ? { inputs, outputs } : { inputs: [], outputs: [] };
}

/** Nets of other tensors: the net as it is lowered, untouched by passes and unoptimised, beside the file, on noise. */
async function withNoise(file: ForeignSession, o: ProofOptions): Promise<ProofAnswer | null> {
  const { network, weights, subject, control } = o;
  const batch = subject.batch ?? 2;
  const { bytes, forward } = modelBytes(network, weights, batch);
  if (Atomics.load(control, CANCEL) !== 0) return null;
  const reference = await ForeignSession.open(bytes, { plain: true });
  try {
    const random = createRandom(1);
    const given = forward.dataInputs.map((name) => {
      const type = required(forward.graph.types.get(name), name);
      return { name, ...noiseOf(type.element, type.shape, random) };
    });
    const feeds = new Map<string, Tensor>(given.map((t) => [t.name, t]));
    const [wanted, got] = [await reference.run(feeds), await file.run(feeds)];
    const comparison = new Comparison();
    for (const name of forward.outputs) {
      const tensor = required(wanted.get(name), `output ${name}`);
      const rows = tensor.shape[0] ?? 1;
      const each = tensor.data.length / rows;
      const scores = subject.softened.includes(name) ? joined(Array.from({ length: rows }, (_, i) => probabilitiesOf((tensor.data as Float32Array).subarray(i * each, (i + 1) * each), tensor.shape.slice(1)))) : null;
      comparison.add(got.get(name)?.data, scores ?? tensor.data);
    }
    Atomics.add(control, DONE, batch);
    return { ...comparison, allowed: await allowance(o, comparison, given, got), samples: batch, ...recordOf(given, got) };
  } finally {
    await reference.dispose();
  }
}

/** Whether a net takes one batch of samples and answers such: what data sets feed. */
export function takesSamples(network: Network): boolean {
  const { graph, dataInputs, outputs, batched } = lowerForward(network, { batch: 1, training: false });
  return dataInputs.length === 1 && [...dataInputs, ...outputs].every((name) => batched.has(name) && graph.types.get(name)?.element === 'float32');
}

/** How the file at a path answers beside the net; null when it was cancelled. Throws engine.load when it cannot be loaded. */
export async function proveExport(session: () => Promise<TrainingSession>, o: ProofOptions): Promise<ProofAnswer | null> {
  const file = await ForeignSession.open(o.subject.path);
  try {
    if (!takesSamples(o.network)) return await withNoise(file, o);
    const { borders, outputs } = lowerForward(o.network, { batch: 1, training: false });
    return await withSamples(await session(), file, o, new Map(outputs.map((name) => [name, required(borders.get(name), name)])));
  } finally {
    await file.dispose();
  }
}
