/** An engine that computes what frozen layers say of each sample once, keeps it on disk, and trains the rest on it. */
import type { SplitNetwork } from '../../../../shared/compile/cuts.ts';
import type { Network } from '../../../../shared/compile/network.ts';
import { problem } from '../../../../shared/diagnostics/diagnostic.ts';
import type { FeatureState } from '../../../../shared/protocol/finetune-requests.ts';
import { elementCount } from '../../../../shared/shapes/shape.ts';
import type { TrainingConfig } from '../../../../shared/training/config.ts';
import { required } from '../../../../shared/util/assert.ts';
import type { Dataset, Split } from '../../datasets/dataset.ts';
import { batchOf } from '../batches.ts';
import { Ended } from '../ended.ts';
import type { Batch, BatchMetrics, EngineSnapshot, InputEncoding, RestoreOptions, StepResult, TrainingEngine, TrainingSession, Weights } from '../engine.ts';
import { planFeatures, trunkKey } from './plan.ts';
import { LARGEST_CACHE, readFeatures, sampleKey, writeFeatures, type FeatureRows } from './store.ts';

/** Samples that a trunk computes at once; always as many, so that the same sample gives the same bits in any company. */
const BATCH = 32;
const EVENT_GAP_MS = 60;

export interface FeatureSource {
  readonly dataset: Dataset;
  readonly split: Split;
  readonly device: string;
  readonly folder: string;
  /** Of all that is kept, in bytes. */
  readonly limit: number;
  /** Null where a session after this one needs none. */
  readonly report: (state: FeatureState | null) => void;
  /** Something to know that stops nothing: the disk is full. */
  readonly warn: (error: unknown) => void;
  readonly stopped: () => boolean;
}

/** Features of a run: the rows, and which belongs to which sample of the data set. */
interface Features { readonly values: Float32Array; readonly width: number; readonly rowOf: Int32Array }

const bytesOf = (v: Uint8Array | Float32Array): Uint8Array => new Uint8Array(v.buffer, v.byteOffset, v.byteLength);
const part = (network: Network, weights: Weights): Weights => new Map(network.layers.flatMap((l) => l.weights.map((w) => [w.fullName, required(weights.get(w.fullName), w.fullName)] as const)));

async function collect(trunk: TrainingSession, { cut }: SplitNetwork, key: string, source: FeatureSource): Promise<Features> {
  const { dataset, split, folder } = source;
  const width = elementCount(cut.shape);
  const wanted = [...split.train, ...split.validation];
  const length = elementCount(dataset.shape);
  const keys = new Map(wanted.map((i) => [i, sampleKey(bytesOf(dataset.values.subarray(i * length, (i + 1) * length)))]));
  const kept = await readFeatures(folder, key, width);
  const missing = [...new Map(wanted.flatMap((i) => (kept?.rows.has(keys.get(i) as string) ? [] : [[keys.get(i) as string, i] as const])))];
  const found = wanted.filter((i) => kept?.rows.has(keys.get(i) as string)).length;
  const state = (done: number, rows: FeatureRows | null): FeatureState => ({
    layer: cut.id, name: cut.name, samples: wanted.length, found, done, bytes: (rows?.values.byteLength ?? 0), computing: rows === null,
  });
  let rows = kept;
  if (missing.length > 0) {
    source.report(state(found, null));
    // What is kept of other samples stays, while there is room.
    const before = kept && (kept.rows.size + missing.length) * width * 4 <= LARGEST_CACHE ? kept : { width, rows: new Map<string, number>(), values: new Float32Array() };
    const reused = before === kept ? [] : [...new Set(wanted.map((i) => keys.get(i) as string))].filter((k) => kept?.rows.has(k));
    const values = new Float32Array((before.rows.size + reused.length + missing.length) * width);
    const index = new Map(before.rows);
    values.set(before.values);
    for (const k of reused) {
      const row = kept?.rows.get(k) as number;
      values.set((kept as FeatureRows).values.subarray(row * width, (row + 1) * width), index.size * width);
      index.set(k, index.size);
    }
    let told = 0;
    for (let from = 0; from < missing.length; from += BATCH) {
      await new Promise((resolve) => setImmediate(resolve));
      if (source.stopped()) throw new Ended(null);
      const now = missing.slice(from, from + BATCH);
      const filled = Array.from({ length: BATCH }, (_, i) => (now[i] ?? now[0] as (typeof now)[number])[1]);
      const { data } = required((await trunk.forward(batchOf(dataset, filled), [cut.id])).get(cut.id), cut.name);
      now.forEach(([k], i) => {
        values.set(data.subarray(i * width, (i + 1) * width), index.size * width);
        index.set(k, index.size);
      });
      if (performance.now() - told >= EVENT_GAP_MS) {
        told = performance.now();
        source.report(state(Math.min(wanted.length, found + from + now.length), null));
      }
    }
    rows = { width, rows: index, values };
    await writeFeatures(folder, key, rows, source.limit).catch(source.warn);
  }
  const all = rows as FeatureRows;
  const rowOf = new Int32Array(dataset.count).fill(-1);
  for (const i of wanted) rowOf[i] = all.rows.get(keys.get(i) as string) as number;
  source.report(state(wanted.length, all));
  return { values: all.values, width, rowOf };
}

const same = (a: Float32Array, b: Float32Array | undefined): boolean => a === b || (b !== undefined && a.length === b.length && a.every((v, i) => v === b[i]));

class FeatureSession implements TrainingSession {
  readonly #split: SplitNetwork;
  readonly #network: Network;
  readonly #trunkWeights: Weights;
  readonly #trunk: TrainingSession;
  readonly #head: TrainingSession;
  readonly #features: Features;

  constructor(network: Network, split: SplitNetwork, trunkWeights: Weights, trunk: TrainingSession, head: TrainingSession, features: Features) {
    this.#network = network;
    this.#split = split;
    this.#trunkWeights = trunkWeights;
    this.#trunk = trunk;
    this.#head = head;
    this.#features = features;
  }

  step(batch: Batch, learningRate: number): Promise<StepResult> {
    return this.#head.step(this.#batch(batch), learningRate);
  }
  evaluate(batch: Batch): Promise<BatchMetrics> {
    return this.#head.evaluate(this.#batch(batch));
  }

  /** Layers before the cut by the trunk, from it on by the head: any sample, also one without features. */
  async forward(batch: Batch, layers: readonly string[]): Promise<ReadonlyMap<string, { shape: readonly number[]; data: Float32Array }>> {
    const { cut, trunk } = this.#split;
    const before = new Set(trunk.layers.map((l) => l.id));
    const first = await this.#trunk.forward(batch, [...new Set([...layers.filter((l) => before.has(l)), cut.id])]);
    const rest = layers.filter((l) => !before.has(l));
    if (rest.length === 0) return first;
    const inputs = required(first.get(cut.id), cut.name).data;
    return new Map([...first, ...(await this.#head.forward({ inputs, targets: batch.targets, size: batch.size }, rest))]);
  }

  missing(): ReturnType<NonNullable<TrainingSession['missing']>> {
    return this.#head.missing?.() ?? [];
  }

  async snapshot(): Promise<EngineSnapshot> {
    const { weights, state, step } = await this.#head.snapshot();
    const names = this.#network.layers.flatMap((l) => l.weights.map((w) => w.fullName));
    return { weights: new Map(names.map((n) => [n, required(weights.get(n) ?? this.#trunkWeights.get(n), n)])), state, step };
  }

  /** Another trunk has other features: a checkpoint must be of this one. */
  restore(snapshot: EngineSnapshot, options?: RestoreOptions): Promise<void> {
    for (const [name, w] of this.#trunkWeights) if (!same(w.data, snapshot.weights.get(name)?.data)) throw problem('training.checkpoint-mismatch', { label: this.#network.name }, { weight: name });
    return this.#head.restore({ ...snapshot, weights: part(this.#split.head, snapshot.weights) }, options);
  }

  async dispose(): Promise<void> {
    await this.#trunk.dispose();
    await this.#head.dispose();
  }

  #batch(batch: Batch): Batch {
    const { values, width, rowOf } = this.#features;
    const samples = required(batch.samples, 'places of the samples');
    const inputs = new Float32Array(batch.size * width);
    for (let i = 0; i < batch.size; i++) {
      const row = rowOf[samples[i] as number] as number;
      inputs.set(values.subarray(row * width, (row + 1) * width), i * width);
    }
    return { inputs, targets: batch.targets, size: batch.size };
  }
}

const planned = (network: Network, config: TrainingConfig, { train, validation }: Split): SplitNetwork | null => (config.featureCache ? planFeatures(network, config, train.length + validation.length) : null);

/** Both halves as sessions, with the features that `gather` has the first compute. Throws what engine and `gather` throw; then nothing stays open. */
async function halves(engine: TrainingEngine, split: SplitNetwork, network: Network, config: TrainingConfig, weights: Weights, input: InputEncoding, gather: (trunk: TrainingSession, own: Weights) => Promise<Features>): Promise<TrainingSession> {
  const own = part(split.trunk, weights);
  const trunk = await engine.open(split.trunk, { ...config, precision: 'float32', ema: null }, own, input);
  try {
    const features = await gather(trunk, own);
    const head = await engine.open(split.head, config, part(split.head, weights), { element: 'float32', offset: 0, scale: 1 });
    return new FeatureSession(network, split, own, trunk, head, features);
  } catch (e) {
    await trunk.dispose();
    throw e;
  }
}

/** Opens sessions that train on features where that pays, and plain ones elsewhere. A stop while features are computed ends the run. */
export function withFeatures(engine: TrainingEngine, source: FeatureSource): TrainingEngine {
  return {
    open(network: Network, config: TrainingConfig, weights: Weights, input: InputEncoding): Promise<TrainingSession> {
      const split = planned(network, config, source.split);
      if (!split) {
        source.report(null);
        return engine.open(network, config, weights, input);
      }
      return halves(engine, split, network, config, weights, input, (trunk, own) => collect(trunk, split, trunkKey(split.trunk, own, input, source.device), source));
    },
  };
}

/**
 * As withFeatures, to time steps alone: a few samples' features stand for those of all, and none are kept. `told` hears of the
 * layer that they are of, where a run would train on features.
 */
export function withFewFeatures(engine: TrainingEngine, { dataset, split, told }: Pick<FeatureSource, 'dataset' | 'split'> & { readonly told: (layer: string) => void }): TrainingEngine {
  return {
    open(network: Network, config: TrainingConfig, weights: Weights, input: InputEncoding): Promise<TrainingSession> {
      const parted = planned(network, config, split);
      if (!parted) return engine.open(network, config, weights, input);
      const { cut } = parted;
      told(cut.name);
      return halves(engine, parted, network, config, weights, input, async (trunk) => {
        const few = split.train.subarray(0, BATCH);
        const { data } = required((await trunk.forward(batchOf(dataset, few), [cut.id])).get(cut.id), cut.name);
        return { values: data, width: elementCount(cut.shape), rowOf: Int32Array.from({ length: dataset.count }, (_, i) => i % few.length) };
      });
    },
  };
}
