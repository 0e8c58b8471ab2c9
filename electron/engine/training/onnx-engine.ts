/** The training engine on ONNX Runtime: the whole step is one graph, its outputs are the next step's inputs. */
import { lowerForward } from '../../../shared/compile/lower.ts';
import type { Network } from '../../../shared/compile/network.ts';
import { problem } from '../../../shared/diagnostics/diagnostic.ts';
import type { Graph } from '../../../shared/onnx/ir.ts';
import { elementCount, sameShape } from '../../../shared/shapes/shape.ts';
import type { TrainingConfig } from '../../../shared/training/config.ts';
import { required } from '../../../shared/util/assert.ts';
import { lowerGraph } from '../autodiff/lowering/lower.ts';
import { buildEvaluationGraph, buildStepGraph, buildTapGraph, type StepGraph } from '../autodiff/step-graph.ts';
import { encodeModel } from '../onnx-io/model.ts';
import { cpuBlock } from '../runtime/blocks.ts';
import { RuntimeSession, scalar, tensor, type DeviceId, type Feeds, type RuntimeTensor } from '../runtime/session.ts';
import type { Batch, BatchMetrics, EngineSnapshot, InputEncoding, StepResult, TrainingEngine, TrainingSession, Weights } from './engine.ts';
import { noiseOf } from './noise.ts';
import { createTensorStore, type TensorStore } from './tensor-store.ts';

interface Loaded { readonly session: RuntimeSession; readonly graph: Graph }

/** Graphs for maps and predictions kept loaded at once. */
const TAP_SESSIONS = 2;

const numbers = (outputs: Feeds, name: string): Float32Array => required(outputs[name], `output ${name}`).data as Float32Array;

class OnnxSession implements TrainingSession {
  readonly #network: Network;
  readonly #config: TrainingConfig;
  readonly #input: InputEncoding;
  readonly #device: DeviceId;
  /** Channels in a block of the CPU's blocked kernels. */
  readonly #block: number | null;
  readonly #weights: TensorStore;
  #state: TensorStore | null = null;
  #stepGraph: StepGraph | null = null;
  #stepSession: RuntimeSession | null = null;
  #evaluation: Loaded | null = null;
  readonly #taps = new Map<string, Loaded>();
  #step = 0;

  constructor(network: Network, config: TrainingConfig, input: InputEncoding, device: DeviceId, block: number | null) {
    this.#block = block;
    this.#network = network;
    this.#config = config;
    this.#input = input;
    this.#device = device;
    this.#weights = createTensorStore(new Map(network.layers.flatMap((l) => l.weights.map((w) => [w.fullName, w.shape] as const))), device);
  }

  async step(batch: Batch, learningRate: number): Promise<StepResult> {
    const { graph, renewed } = this.#graph();
    this.#stepSession ??= await RuntimeSession.open(encodeModel(graph), { device: this.#device, keepOnDevice: renewed.map((n) => `new:${n}`) });
    const state = await this.#stateStore();
    const mine = renewed.filter((n) => this.#weights.current.has(n));
    const others = renewed.filter((n) => !this.#weights.current.has(n));
    const step = this.#step + 1;
    const feeds = this.#feeds(graph, { ...this.#batchFeeds(batch, this.#config.batchSize), learning_rate: scalar(learningRate), step: scalar(step), noise: tensor('float32', noiseOf(this.#config.seed, step), [4]) });
    const kept = this.#weights.fetches(mine);
    const fetches = kept ? { loss: scalar(0), correct: scalar(0), gradient_norm: scalar(0), ...kept, ...state.fetches(others) } : undefined;
    const ran = await this.#stepSession.run(feeds, fetches);
    const outputs = fetches ?? ran;
    const result = { loss: numbers(outputs, 'loss')[0] as number, correct: Math.round(numbers(outputs, 'correct')[0] as number), gradientNorm: numbers(outputs, 'gradient_norm')[0] as number };
    // A step that leaves the finite is not taken: the weights before it tell where it went wrong.
    const healthy = Number.isFinite(result.loss) && Number.isFinite(result.gradientNorm);
    for (const [store, names] of [[this.#weights, mine], [state, others]] as const) {
      if (healthy) store.accept(names, outputs);
      else store.reject(names, outputs);
    }
    if (healthy) this.#step = step;
    return result;
  }

  async evaluate(batch: Batch): Promise<BatchMetrics> {
    const size = this.#config.batchSize;
    if (!this.#evaluation) {
      const graph = buildEvaluationGraph(lowerForward(this.#network, { batch: size, training: false }), { loss: this.#config.loss, input: this.#input });
      this.#evaluation = await this.#load(graph);
    }
    const { session, graph } = this.#evaluation;
    const outputs = await session.run(this.#feeds(graph, this.#batchFeeds(batch, size)));
    // The padding's rows come last and are left out of every sum.
    const sum = (name: string) => numbers(outputs, name).subarray(0, batch.size).reduce((a, v) => a + v, 0);
    const all = numbers(outputs, 'outputs');
    return { lossSum: sum('loss'), correct: outputs.correct ? sum('correct') : 0, outputs: all.slice(0, (all.length / size) * batch.size) };
  }

  async forward(batch: Batch, layers: readonly string[]): Promise<Map<string, { shape: readonly number[]; data: Float32Array }>> {
    const key = JSON.stringify([batch.size, layers]);
    const loaded = this.#taps.get(key) ?? (await this.#load(buildTapGraph(lowerForward(this.#network, { batch: batch.size, training: false }), this.#input, layers)));
    this.#taps.delete(key);
    this.#taps.set(key, loaded);
    for (const [old, { session }] of this.#taps) {
      if (this.#taps.size <= TAP_SESSIONS) break;
      this.#taps.delete(old);
      await session.dispose();
    }
    const outputs = await loaded.session.run(this.#feeds(loaded.graph, this.#batchFeeds(batch, batch.size)));
    return new Map(loaded.graph.outputs.map((o) => [o.name.slice('tap:'.length), { shape: o.type.shape, data: numbers(outputs, o.name) }]));
  }

  async snapshot(): Promise<EngineSnapshot> {
    const state = await this.#stateStore();
    const shaped = (values: Map<string, Float32Array>, shapes: ReadonlyMap<string, readonly number[]>): Weights =>
      new Map([...values].map(([name, data]) => [name, { shape: required(shapes.get(name), name), data }]));
    return {
      weights: shaped(await this.#weights.read(), this.#weightShapes()),
      state: shaped(await state.read(), new Map(this.#graph().state.map((s) => [s.name, s.shape]))),
      step: this.#step,
    };
  }

  async restore(snapshot: EngineSnapshot): Promise<void> {
    for (const [name, shape] of this.#weightShapes()) {
      const held = snapshot.weights.get(name);
      if (!held || !sameShape(held.shape, shape)) throw problem('training.checkpoint-mismatch', { label: this.#network.name }, { weight: name });
    }
    await this.#weights.write(new Map([...snapshot.weights].map(([n, w]) => [n, w.data])));
    if (snapshot.state.size > 0 || this.#state) {
      for (const { name, shape } of this.#graph().state) {
        const held = snapshot.state.get(name);
        if (held && !sameShape(held.shape, shape)) throw problem('training.checkpoint-mismatch', { label: this.#network.name }, { weight: name });
      }
      await (await this.#stateStore()).write(new Map([...snapshot.state].map(([n, w]) => [n, w.data])));
    }
    this.#step = snapshot.step;
  }

  async dispose(): Promise<void> {
    await this.#stepSession?.dispose();
    await this.#evaluation?.session.dispose();
    for (const { session } of this.#taps.values()) await session.dispose();
    this.#taps.clear();
    await this.#weights.dispose();
    await this.#state?.dispose();
  }

  #graph(): StepGraph {
    this.#stepGraph ??= buildStepGraph(lowerForward(this.#network, { batch: this.#config.batchSize, training: true }), {
      loss: this.#config.loss, optimizer: this.#config.optimizer, weightDecay: this.#config.weightDecay, device: this.#device, block: this.#block, input: this.#input,
    });
    return this.#stepGraph;
  }

  async #stateStore(): Promise<TensorStore> {
    if (!this.#state) {
      this.#state = createTensorStore(new Map(this.#graph().state.map((s) => [s.name, s.shape])), this.#device);
      await this.#state.write(new Map());
    }
    return this.#state;
  }

  #weightShapes(): Map<string, readonly number[]> {
    return new Map(this.#network.layers.flatMap((l) => l.weights.map((w) => [w.fullName, w.shape] as const)));
  }

  async #load(graph: Graph): Promise<Loaded> {
    return { session: await RuntimeSession.open(encodeModel(lowerGraph(graph, { device: this.#device, block: this.#block })), { device: this.#device }), graph };
  }

  /** What the graph asks for, out of these and the held tensors. */
  #feeds(graph: Graph, given: Readonly<Record<string, RuntimeTensor>>): Feeds {
    return Object.fromEntries(graph.inputs.map(({ name }) => [name, required(given[name] ?? this.#weights.current.get(name) ?? this.#state?.current.get(name), `input ${name}`)]));
  }

  /** Data and labels, padded with zeros to `rows`. */
  #batchFeeds(batch: Batch, rows: number): Record<string, RuntimeTensor> {
    const shape = [rows, ...(this.#network.layers.find((l) => l.inputs.length === 0)?.shape ?? [])];
    const labels = new Int32Array(rows);
    labels.set(batch.targets.subarray(0, Math.min(rows, batch.targets.length)));
    if (this.#input.element === 'uint8') return { data: tensor('uint8', padded(batch.inputs, new Uint8Array(0), elementCount(shape)), shape), labels: tensor('int32', labels, [rows]) };
    return { data: tensor('float32', padded(batch.inputs, new Float32Array(0), elementCount(shape)), shape), labels: tensor('int32', labels, [rows]) };
  }
}

/** The same numbers in an array of `kind` with `count` places. */
function padded<T extends Uint8Array | Float32Array>(values: Uint8Array | Float32Array, kind: T, count: number): T {
  if (values.length === count && values.constructor === kind.constructor) return values as T;
  const room = new (kind.constructor as new (n: number) => T)(count);
  room.set(values);
  return room;
}

/** An engine on one device: "cpu" or "webgpu". Its sessions block the thread they run on. */
export function createOnnxEngine(device: DeviceId): TrainingEngine {
  return {
    async open(network, config, weights, input) {
      const session = new OnnxSession(network, config, input, device, device === 'cpu' ? await cpuBlock() : null);
      await session.restore({ weights, state: new Map(), step: 0 });
      return session;
    },
  };
}
