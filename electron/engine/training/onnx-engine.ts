/** The training engine on ONNX Runtime: the whole step is one graph, its outputs are the next step's inputs. */
import { refusals } from '../../../shared/analysis/refusals.ts';
import type { ForwardGraph } from '../../../shared/compile/forward.ts';
import { lowerForward } from '../../../shared/compile/lower.ts';
import { opsetsOf } from '../../../shared/compile/opsets.ts';
import type { Network } from '../../../shared/compile/network.ts';
import { diagnostic, NetloomError, type Diagnostic } from '../../../shared/diagnostics/diagnostic.ts';
import type { Graph } from '../../../shared/onnx/ir.ts';
import type { TrainingConfig } from '../../../shared/training/config.ts';
import { required } from '../../../shared/util/assert.ts';
import { unsupported } from '../autodiff/capabilities.ts';
import { legalise } from '../autodiff/legalise.ts';
import { lowerGraph } from '../autodiff/lowering/lower.ts';
import { buildEvaluationGraph, buildTapGraph } from '../autodiff/loss-graph.ts';
import { averageName, type StateSlot } from '../autodiff/parameters.ts';
import { buildStepGraph, type StepGraph } from '../autodiff/step-graph.ts';
import { encodeModel } from '../onnx-io/model.ts';
import { onnxAbilities } from '../runtime/abilities.ts';
import { cpuBlock } from '../runtime/blocks.ts';
import { RuntimeSession, scalar, tensor, type DeviceId, type Feeds, type RuntimeTensor } from '../runtime/session.ts';
import type { Batch, BatchMetrics, EngineSnapshot, InputEncoding, RestoreOptions, StepResult, TrainingEngine, TrainingSession, Weights } from './engine.ts';
import { plainLoss } from './class-weights.ts';
import { batchFeeds, bytesMade } from './feeds.ts';
import { noiseOf } from './noise.ts';
import { checkWeights, stateOf, weightShapes } from './restoring.ts';
import { createTensorStore, type TensorStore } from './tensor-store.ts';

/** One step a batch, or with accumulation: all batches of a step but the last, and the last. */
type Phase = 'step' | 'gather' | 'apply';

interface Loaded { readonly session: RuntimeSession; readonly graph: Graph }

/** Steps that make more than this run in half the memory instead of some per cent faster. */
const ONE_BLOCK_BYTES = 2 ** 33;

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
  readonly #graphs = new Map<Phase, StepGraph>();
  readonly #stepSessions = new Map<Phase, RuntimeSession>();
  #evaluation: Loaded | null = null;
  readonly #taps = new Map<string, Loaded>();
  /** Batches trained; with accumulation several make one step of the optimiser. */
  #step = 0;

  constructor(network: Network, config: TrainingConfig, input: InputEncoding, device: DeviceId, block: number | null) {
    this.#block = block;
    this.#network = network;
    this.#config = config;
    this.#input = input;
    this.#device = device;
    this.#weights = createTensorStore(weightShapes(network), device);
  }

  async step(batch: Batch, learningRate: number): Promise<StepResult> {
    const { accumulation: count, seed } = this.#config;
    const place = this.#step % count;
    const phase: Phase = count === 1 ? 'step' : place === count - 1 ? 'apply' : 'gather';
    const { graph, renewed, layers } = this.#graph(phase);
    const session = await this.#stepSession(phase);
    const state = await this.#stateStore();
    const mine = renewed.filter((n) => this.#weights.current.has(n));
    const others = renewed.filter((n) => !this.#weights.current.has(n));
    const step = this.#step + 1;
    const scalars = { learning_rate: scalar(learningRate), step: scalar(step / count), carry: scalar(place === 0 ? 0 : 1), noise: tensor('float32', noiseOf(seed, step), [4]) };
    const feeds = this.#feeds(graph, { ...batchFeeds(batch, graph, this.#input), ...scalars });
    const kept = this.#weights.fetches(mine);
    const norms = layers.length > 0 ? { layer_norms: tensor('float32', new Float32Array(layers.length), [layers.length]) } : {};
    const fetches = kept ? { loss: scalar(0), correct: scalar(0), gradient_norm: scalar(0), ...norms, ...kept, ...state.fetches(others) } : undefined;
    const ran = await session.run(feeds, fetches);
    const outputs = fetches ?? ran;
    const result = {
      loss: numbers(outputs, 'loss')[0] as number, correct: numbers(outputs, 'correct')[0] as number, gradientNorm: numbers(outputs, 'gradient_norm')[0] as number,
      ...(layers.length > 0 ? { layerNorms: { layers, norms: numbers(outputs, 'layer_norms').slice() } } : {}),
    };
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
      const graph = buildEvaluationGraph(this.#forward(size, false), { loss: plainLoss(this.#config.loss), input: this.#input });
      this.#evaluation = await this.#load(graph);
    }
    const { session, graph } = this.#evaluation;
    const outputs = await session.run(this.#feeds(graph, { ...this.#averages(), ...batchFeeds(batch, graph, this.#input) }));
    // The padding's rows come last and are left out of every sum.
    const sum = (name: string) => numbers(outputs, name).subarray(0, batch.size).reduce((a, v) => a + v, 0);
    const all = numbers(outputs, 'outputs');
    return { lossSum: sum('loss'), weightSum: outputs.weight ? sum('weight') : batch.size, correct: outputs.correct ? sum('correct') : 0, outputs: all.slice(0, (all.length / size) * batch.size) };
  }

  async forward(batch: Batch, layers: readonly string[]): Promise<Map<string, { shape: readonly number[]; data: Float32Array }>> {
    const key = JSON.stringify([batch.size, layers]);
    const loaded = this.#taps.get(key) ?? (await this.#load(buildTapGraph(this.#forward(batch.size, false), this.#input, layers)));
    this.#taps.delete(key);
    this.#taps.set(key, loaded);
    for (const [old, { session }] of this.#taps) {
      if (this.#taps.size <= TAP_SESSIONS) break;
      this.#taps.delete(old);
      await session.dispose();
    }
    const outputs = await loaded.session.run(this.#feeds(loaded.graph, batchFeeds(batch, loaded.graph, this.#input)));
    return new Map(loaded.graph.outputs.map((o) => [o.name.slice('tap:'.length), { shape: o.type.shape, data: numbers(outputs, o.name) }]));
  }

  async missing(): Promise<readonly Diagnostic[]> {
    const phase: Phase = this.#config.accumulation === 1 ? 'step' : 'apply';
    const { fallsBack } = await this.#stepSession(phase);
    const { graph, missing } = this.#graph(phase);
    const device = this.#device;
    return fallsBack ? [...missing, diagnostic('engine.cpu-fallback', { label: device }, { device, ops: unsupported(graph, device) })] : missing;
  }

  async snapshot(): Promise<EngineSnapshot> {
    const state = await this.#stateStore();
    const shaped = (values: Map<string, Float32Array>, shapes: ReadonlyMap<string, readonly number[]>): Weights =>
      new Map([...values].map(([name, data]) => [name, { shape: required(shapes.get(name), name), data }]));
    return {
      weights: shaped(await this.#weights.read(), weightShapes(this.#network)),
      state: shaped(await state.read(), new Map(this.#stateSlots().map((s) => [s.name, s.shape]))),
      step: this.#step,
    };
  }

  async restore(snapshot: EngineSnapshot, options: RestoreOptions = {}): Promise<void> {
    checkWeights(this.#network, snapshot);
    const arrays = (tensors: Weights) => new Map([...tensors].map(([n, w]) => [n, w.data]));
    await this.#weights.write(arrays(snapshot.weights));
    const state = stateOf(this.#network, this.#config, snapshot, () => this.#stateSlots(), options);
    if (state.size > 0 || this.#state) await (await this.#stateStore()).write(arrays(state));
    this.#step = snapshot.step;
  }

  async dispose(): Promise<void> {
    for (const session of this.#stepSessions.values()) await session.dispose();
    this.#stepSessions.clear();
    await this.#evaluation?.session.dispose();
    for (const { session } of this.#taps.values()) await session.dispose();
    this.#taps.clear();
    await this.#weights.dispose();
    await this.#state?.dispose();
  }

  /** The net for this many samples, in operators that the device has. */
  #forward(batch: number, training: boolean): ForwardGraph {
    const forward = lowerForward(this.#network, { batch, training, keepStatistics: this.#config.keepStatistics });
    return { ...forward, graph: legalise(forward.graph, this.#device) };
  }

  #graph(phase: Phase): StepGraph {
    const known = this.#graphs.get(phase);
    if (known) return known;
    const { loss, accumulation: count, batchSize, ...rest } = this.#config;
    const graph = buildStepGraph(this.#forward(batchSize, true), {
      ...rest, loss: plainLoss(loss), device: this.#device, block: this.#block, input: this.#input, accumulation: phase === 'step' ? null : { phase, count },
    });
    this.#graphs.set(phase, graph);
    return graph;
  }

  async #stepSession(phase: Phase): Promise<RuntimeSession> {
    const { graph, renewed } = this.#graph(phase);
    const session = this.#stepSessions.get(phase) ?? (await RuntimeSession.open(encodeModel(graph, { opsets: opsetsOf(this.#network) }), { device: this.#device, keepOnDevice: renewed.map((n) => `new:${n}`), oneBlock: bytesMade(graph) < ONE_BLOCK_BYTES }));
    this.#stepSessions.set(phase, session);
    return session;
  }

  /** The graph that steps knows all state; the one that gathers, only its own. */
  #stateSlots(): readonly StateSlot[] {
    return this.#graph(this.#config.accumulation === 1 ? 'step' : 'apply').state;
  }

  async #stateStore(): Promise<TensorStore> {
    if (!this.#state) {
      this.#state = createTensorStore(new Map(this.#stateSlots().map((s) => [s.name, s.shape])), this.#device);
      await this.#state.write(new Map());
    }
    return this.#state;
  }

  /** The running means in place of the weights, once there are any. */
  #averages(): Record<string, RuntimeTensor> {
    if (!this.#config.ema || this.#step < this.#config.accumulation) return {};
    return Object.fromEntries([...this.#weights.current.keys()].flatMap((name) => {
      const mean = this.#state?.current.get(averageName(name));
      return mean ? [[name, mean] as const] : [];
    }));
  }

  async #load(graph: Graph): Promise<Loaded> {
    return { session: await RuntimeSession.open(encodeModel(lowerGraph(graph, { device: this.#device, block: this.#block }), { opsets: opsetsOf(this.#network) }), { device: this.#device }), graph };
  }

  /** What the graph asks for, out of these and the held tensors. */
  #feeds(graph: Graph, given: Readonly<Record<string, RuntimeTensor>>): Feeds {
    return Object.fromEntries(graph.inputs.map(({ name }) => [name, required(given[name] ?? this.#weights.current.get(name) ?? this.#state?.current.get(name), `input ${name}`)]));
  }
}

/** An engine on one device. Its sessions block the thread they run on. Opening throws the first refusal; whether a card has half precision shows when it runs. */
export function createOnnxEngine(device: DeviceId): TrainingEngine {
  return {
    async open(network, config, weights, input) {
      const [refused] = refusals(network, config, { id: device, trains: onnxAbilities(device, true) });
      if (refused) throw new NetloomError(refused);
      const session = new OnnxSession(network, config, input, device, device === 'cpu' ? await cpuBlock() : null);
      await session.restore({ weights, state: new Map(), step: 0 });
      return session;
    },
  };
}
