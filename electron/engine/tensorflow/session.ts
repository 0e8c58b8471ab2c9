/** A training session on TensorFlow: our graphs on its operators, its gradients, our optimisers. */
import type { ForwardGraph, GraphWeight } from '../../../shared/compile/forward.ts';
import { lowerForward } from '../../../shared/compile/lower.ts';
import type { Network } from '../../../shared/compile/network.ts';
import type { Graph } from '../../../shared/onnx/ir.ts';
import type { TrainingConfig } from '../../../shared/training/config.ts';
import { required } from '../../../shared/util/assert.ts';
import { buildEvaluationGraph, buildLossGraph, buildTapGraph, type LossOptions } from '../autodiff/loss-graph.ts';
import { reachedWeights } from '../autodiff/step-graph.ts';
import { buildUpdateGraph, type GradientOptions, type UpdateGraph } from '../autodiff/update-graph.ts';
import { batchArrays } from '../training/batch-arrays.ts';
import { plainLoss } from '../training/class-weights.ts';
import type { Batch, BatchMetrics, EngineSnapshot, InputEncoding, RestoreOptions, StepResult, TrainingSession } from '../training/engine.ts';
import { noiseOf } from '../training/noise.ts';
import { checkWeights, stateOf } from '../training/restoring.ts';
import { releaseConstants } from './constants.ts';
import { translateError } from './errors.ts';
import { differentiated, splitBefore } from './gradients.ts';
import { HeldState } from './held-state.ts';
import { HeldWeights } from './held-weights.ts';
import { isWhole } from './keras/build.ts';
import { channelsFirst, type Laid } from './laid.ts';
import { runGraph } from './run-graph.ts';
import { shaped, tidied, type Tensor, type Tf } from './tf.ts';

type Phase = 'step' | 'gather' | 'apply';

/** Graphs for maps and predictions kept at once. */
const TAP_GRAPHS = 2;

interface Numbers { readonly shape: readonly number[]; readonly data: Float32Array }
/** The training graph in two (splitBefore), the weights it moves, and what the optimiser keeps of them. */
interface Prepared { readonly graph: Graph; readonly halves: readonly [Graph, Graph]; readonly trained: readonly GraphWeight[]; readonly state: HeldState }

export class TensorflowSession implements TrainingSession {
  readonly #tf: Tf;
  readonly #network: Network;
  readonly #config: TrainingConfig;
  readonly #input: InputEncoding;
  readonly #weights: HeldWeights;
  #training: Prepared | null = null;
  readonly #updates = new Map<Phase, UpdateGraph>();
  #evaluation: Graph | null = null;
  readonly #taps = new Map<string, Graph>();
  /** Batches trained; with accumulation several make one step of the optimiser. */
  #step = 0;

  constructor(tf: Tf, network: Network, config: TrainingConfig, input: InputEncoding) {
    this.#tf = tf;
    this.#network = network;
    this.#config = config;
    this.#input = input;
    this.#weights = new HeldWeights(tf, network);
  }

  async step(batch: Batch, learningRate: number): Promise<StepResult> {
    const tf = this.#tf;
    const { accumulation: count, seed } = this.#config;
    const place = this.#step % count;
    const phase: Phase = count === 1 ? 'step' : place === count - 1 ? 'apply' : 'gather';
    const step = this.#step + 1;
    const { graph, halves, trained, state } = this.#prepared();
    const update = this.#update(phase, trained);
    try {
      const made = tidied(tf, () => {
        const scalar = (value: number): Laid => ({ tensor: tf.scalar(value), last: false });
        const feeds = new Map([...this.#batch(batch, graph), ...this.#weights.feeds(), ['noise', { tensor: tf.tensor1d(noiseOf(seed, step)), last: false }] as const]);
        const variables = trained.map((w) => this.#weights.of(w.name).variable);
        const { outputs, gradients } = differentiated(tf, halves, feeds, { layers: this.#weights.layers, target: 'total', variables });
        const fed = new Map<string, Laid>([...state.feeds(), ['learning_rate', scalar(learningRate)], ['step', scalar(step / count)], ['carry', scalar(place === 0 ? 0 : 1)]]);
        for (const [i, w] of trained.entries()) {
          const variable = required(variables[i], w.name);
          fed.set(w.name, { tensor: shaped(tf, variable, w.shape), last: false });
          fed.set(`gradient:${w.name}`, { tensor: shaped(tf, gradients[variable.name] ?? tf.zerosLike(variable), w.shape), last: false });
        }
        const next = runGraph(tf, update.graph, fed, { layers: new Map(), taped: false });
        return { outputs, next: new Map([...next].map(([name, v]) => [name, { ...v, tensor: tf.keep(tf.clone(v.tensor)) }])) };
      });
      return await this.#take(made, update.layers, step);
    } catch (e) {
      throw translateError(e);
    }
  }

  async evaluate(batch: Batch): Promise<BatchMetrics> {
    const size = this.#config.batchSize;
    this.#evaluation ??= buildEvaluationGraph(this.#forward(size, false), { loss: plainLoss(this.#config.loss), input: this.#input });
    const graph = this.#evaluation;
    const out = await this.#weights.with(this.#averages(), () => this.#run(graph, batch));
    const numbers = (name: string): Float32Array => required(out.get(name), name).data;
    // The padding's rows come last and are left out of every sum.
    const sum = (name: string) => numbers(name).subarray(0, batch.size).reduce((a, v) => a + v, 0);
    const all = numbers('outputs');
    return { lossSum: sum('loss'), weightSum: out.has('weight') ? sum('weight') : batch.size, correct: out.has('correct') ? sum('correct') : 0, outputs: all.slice(0, (all.length / size) * batch.size) };
  }

  async forward(batch: Batch, layers: readonly string[]): Promise<Map<string, Numbers>> {
    const key = JSON.stringify([batch.size, layers]);
    const graph = this.#taps.get(key) ?? buildTapGraph(this.#forward(batch.size, false), this.#input, layers);
    this.#taps.delete(key);
    this.#taps.set(key, graph);
    for (const [old, spare] of [...this.#taps].slice(0, -TAP_GRAPHS)) {
      this.#taps.delete(old);
      releaseConstants(spare);
    }
    return new Map([...(await this.#run(graph, batch))].map(([name, v]) => [name.slice('tap:'.length), v]));
  }

  async snapshot(): Promise<EngineSnapshot> {
    return { weights: await this.#weights.snapshot(), state: await this.#prepared().state.snapshot(), step: this.#step };
  }

  restore(snapshot: EngineSnapshot, options: RestoreOptions = {}): Promise<void> {
    try {
      checkWeights(this.#network, snapshot);
      const state = stateOf(this.#network, this.#config, snapshot, () => this.#prepared().state.slots, options);
      this.#weights.write(snapshot.weights);
      if (state.size > 0 || this.#training) this.#prepared().state.write(state);
      this.#step = snapshot.step;
      return Promise.resolve();
    } catch (e) {
      return Promise.reject(translateError(e));
    }
  }

  dispose(): Promise<void> {
    this.#training?.state.dispose();
    this.#weights.dispose();
    for (const graph of [this.#training?.graph, this.#evaluation, ...this.#taps.values(), ...[...this.#updates.values()].map((u) => u.graph)]) if (graph) releaseConstants(graph);
    this.#taps.clear();
    return Promise.resolve();
  }

  /** Reads what a step says of itself and takes its new numbers over, unless it left the finite: the weights before it tell where. */
  async #take({ outputs, next }: { outputs: ReadonlyMap<string, Laid>; next: ReadonlyMap<string, Laid> }, layers: readonly string[], step: number): Promise<StepResult> {
    const all = new Map([...outputs, ...next]);
    const tensorOf = (name: string): Tensor => required(all.get(name), name).tensor;
    const [loss, correct, norm] = await Promise.all(['loss', 'correct', 'gradient_norm'].map(async (name) => (await tensorOf(name).data())[0] as number)) as [number, number, number];
    const result = { loss, correct, gradientNorm: norm, ...(layers.length > 0 ? { layerNorms: { layers, norms: (await tensorOf('layer_norms').data()).slice() as Float32Array } } : {}) };
    if (Number.isFinite(loss) && Number.isFinite(norm)) {
      for (const [name, { tensor }] of all) if (name.startsWith('new:')) this.#renew(name.slice('new:'.length), this.#tf.clone(tensor));
      this.#step = step;
    }
    for (const { tensor } of all.values()) tensor.dispose();
    return result;
  }

  #renew(name: string, value: Tensor): void {
    const { state } = this.#prepared();
    if (state.has(name)) state.renew(name, value);
    else this.#weights.assign(name, value);
  }

  /** A graph's answers for a batch, in our order. */
  async #run(graph: Graph, batch: Batch): Promise<Map<string, Numbers>> {
    const tf = this.#tf;
    try {
      const answers = tf.tidy(() => {
        const out = runGraph(tf, graph, new Map([...this.#batch(batch, graph), ...this.#weights.feeds()]), { layers: this.#weights.layers, taped: false });
        return [...out].map(([name, v]) => ({ name, tensor: tf.clone(channelsFirst(tf, v)) }));
      });
      const read = new Map<string, Numbers>();
      for (const { name, tensor } of answers) {
        read.set(name, { shape: tensor.shape, data: (await tensor.data()).slice() as Float32Array });
        tensor.dispose();
      }
      return read;
    } catch (e) {
      throw translateError(e);
    }
  }

  #batch(batch: Batch, graph: Graph): Map<string, Laid> {
    const { data, labels } = batchArrays(batch, graph, this.#input);
    const tf = this.#tf;
    const x = data.values instanceof Uint8Array ? tf.tensor(data.values, [...data.shape], 'int32') : tf.tensor(data.values, [...data.shape]);
    return new Map<string, Laid>([['data', { tensor: x, last: false }], ['labels', { tensor: tf.tensor(labels.values, [...labels.shape], 'int32'), last: false }]]);
  }

  /** The net for this many samples, with the layers whole that TensorFlow has as they are. */
  #forward(batch: number, training: boolean): ForwardGraph {
    return lowerForward(this.#network, { batch, training, keepStatistics: this.#config.keepStatistics, whole: isWhole });
  }

  #options(phase: Phase): LossOptions & GradientOptions {
    const { loss, accumulation: count, optimizer, weightDecay, clip, layerRates, ema } = this.#config;
    return { loss: plainLoss(loss), input: this.#input, device: 'cpu', optimizer, weightDecay, clip, layerRates, ema, accumulation: phase === 'step' ? null : { phase, count } };
  }

  #prepared(): Prepared {
    if (this.#training) return this.#training;
    const { batchSize, keepStatistics, accumulation } = this.#config;
    const options = this.#options('step');
    const graph = buildLossGraph(this.#forward(batchSize, true), options);
    const inTheirs = (w: GraphWeight): GraphWeight => ({ ...w, shape: w.shape.length < 2 ? w.shape : this.#weights.of(w.name).variable.shape });
    const trained = reachedWeights(lowerForward(this.#network, { batch: batchSize, training: true, keepStatistics }), options).map(inTheirs);
    const halves = splitBefore(graph, new Set(trained.map((w) => w.name)), new Set(trained.map((w) => w.layer)));
    // The graph that steps knows all state; the one that gathers, only its own.
    const { state } = this.#update(accumulation === 1 ? 'step' : 'apply', trained);
    this.#training = { graph, halves, trained, state: new HeldState(this.#tf, this.#weights, trained, state) };
    return this.#training;
  }

  #update(phase: Phase, trained: readonly GraphWeight[]): UpdateGraph {
    const known = this.#updates.get(phase) ?? buildUpdateGraph(trained, this.#options(phase));
    this.#updates.set(phase, known);
    return known;
  }

  /** The running means in place of the weights, once there are any. */
  #averages(): Map<string, Tensor> {
    return !this.#config.ema || this.#step < this.#config.accumulation ? new Map() : this.#prepared().state.averages();
  }
}
