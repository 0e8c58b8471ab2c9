/** The training loop: epochs, validation, checkpoints, levers and events over any engine. It knows no process and no thread. */
import type { Network } from '../../../shared/compile/network.ts';
import { diagnostic, NetloomError, problem, type Diagnostic } from '../../../shared/diagnostics/diagnostic.ts';
import type { Progress, RunState } from '../../../shared/protocol/values.ts';
import type { TrainingConfig } from '../../../shared/training/config.ts';
import type { Dataset, Split } from '../datasets/dataset.ts';
import { probeFrame, STREAMED_CHANNELS } from '../insight/maps.ts';
import { batchOf, encodingOf, epochOrder } from './batches.ts';
import { resolveLoss } from './class-weights.ts';
import { PAUSE, STOP, type Control } from './control.ts';
import { CurveBuilder } from './curve.ts';
import type { Batch, EngineSnapshot, StepResult, TrainingEngine, TrainingSession, Weights } from './engine.ts';
import { allFinite, blame } from './guard.ts';
import { Meter } from './meter.ts';
import { Reporter, type LoopEvent } from './reporter.ts';
import type { Checkpoint, RunPosition, RunSink } from './run-sink.ts';

export interface LoopDeps {
  readonly engine: TrainingEngine;
  readonly sink: RunSink;
  /** Milliseconds that never go back. */
  readonly now?: () => number;
  /** Every step's exact result; `step` counts from 1. */
  readonly onStep?: (step: number, result: StepResult) => void;
}

export interface LoopOptions {
  readonly run: string;
  readonly network: Network;
  readonly config: TrainingConfig;
  readonly dataset: Dataset;
  readonly split: Split;
  /** To begin with; a checkpoint's take their place. */
  readonly weights: Weights;
  readonly device: { readonly id: string; readonly reason: string };
  /** Goes on from here as if the run had never stopped. */
  readonly resume?: Checkpoint;
}

export interface RunResult {
  readonly state: 'finished' | 'stopped' | 'failed';
  readonly error: Diagnostic | null;
  /** As the run left them; after a failure the last healthy checkpoint's. */
  readonly last: Weights;
  /** Of the best validation accuracy; null before the first validation of this process. */
  readonly best: Weights | null;
  readonly progress: Progress;
}

/** Milliseconds between frames of maps, at least; and how many times its own cost a frame must wait: watching stays under 2 %. */
const MAPS_GAP_MS = 100;
const MAPS_COST = 50;
/** While paused the levers are read this often. */
const PAUSED_MS = 20;

const start: RunPosition = { epoch: 0, stepInEpoch: 0, step: 0, learningRate: 0, bestAccuracy: null, bestEpoch: null, window: { loss: 0, correct: 0, samples: 0, steps: 0 }, seconds: 0 };

/** Ends the loop from within; `error` is null for a stop that was asked for. */
class Ended extends Error {
  readonly diagnostic: Diagnostic | null;
  constructor(d: Diagnostic | null) {
    super('The run ended');
    this.diagnostic = d;
  }
}

class TrainingRun {
  readonly #deps: LoopDeps;
  readonly #options: LoopOptions;
  readonly #control: Control;
  readonly #reporter: Reporter;
  readonly #now: () => number;
  readonly #meter = new Meter();
  readonly #batchSize: number;
  readonly #stepsPerEpoch: number;
  #session: TrainingSession | null = null;
  #position: RunPosition;
  #curve: CurveBuilder;
  #state: RunState = 'preparing';
  #error: Diagnostic | null = null;
  #best: Weights | null = null;
  #healthy: EngineSnapshot | null = null;
  #checkpointAt = 0;
  #clockFrom = 0;
  #nextFrameAt = -Infinity;
  #validationMs = 0;
  #overflowed = false;

  constructor(deps: LoopDeps, options: LoopOptions, control: Control, emit: (event: LoopEvent) => void) {
    this.#deps = deps;
    this.#options = options;
    this.#control = control;
    this.#now = deps.now ?? (() => performance.now());
    this.#reporter = new Reporter(emit, deps.sink, this.#now);
    this.#batchSize = Math.min(options.config.batchSize, options.split.train.length);
    this.#stepsPerEpoch = this.#batchSize === 0 ? 0 : Math.floor(options.split.train.length / this.#batchSize);
    this.#position = options.resume?.position ?? { ...start, learningRate: options.config.learningRate };
    this.#curve = new CurveBuilder(this.#position.window);
  }

  async run(): Promise<RunResult> {
    const { config, dataset, split, resume } = this.#options;
    let end: RunResult['state'] = 'finished';
    try {
      if (split.train.length === 0) throw problem('training.no-samples', { label: dataset.name }, { split: 'training' });
      if (split.validation.length === 0) throw problem('training.no-samples', { label: dataset.name }, { split: 'validation' });
      await this.#enter('preparing');
      this.#session = await this.#deps.engine.open(this.#options.network, { ...config, batchSize: this.#batchSize, loss: resolveLoss(config.loss, dataset, split.train) }, this.#options.weights, encodingOf(dataset));
      if (resume) await this.#session.restore(resume.snapshot);
      this.#healthy = resume?.snapshot ?? (await this.#session.snapshot());
      this.#checkpointAt = this.#clockFrom = this.#now();
      await this.#enter('running');
      while (this.#position.epoch < config.epochs) await this.#epoch();
    } catch (e) {
      end = this.#fail(e);
    }
    return this.#finish(end);
  }

  get #open(): TrainingSession {
    if (!this.#session) throw new Error('No session is open');
    return this.#session;
  }

  async #epoch(): Promise<void> {
    const { config, split, dataset } = this.#options;
    const order = epochOrder(split.train, config.seed, this.#position.epoch);
    while (this.#position.stepInEpoch < this.#stepsPerEpoch) {
      await this.#gate();
      const from = this.#position.stepInEpoch * this.#batchSize;
      await this.#step(batchOf(dataset, order.subarray(from, from + this.#batchSize)));
      await this.#reporter.tick(() => this.progress());
      if (this.#now() - this.#checkpointAt >= config.checkpointSeconds * 1000) await this.#checkpoint();
    }
    const p = this.#position;
    this.#reporter.point(this.#curve.close({ step: p.step, epoch: p.epoch + 1, learningRate: p.learningRate }));
    this.#move({});
    await this.#validate();
    this.#move({ epoch: this.#position.epoch + 1, stepInEpoch: 0 });
    await this.#checkpoint();
  }

  async #step(batch: Batch): Promise<void> {
    const rate = this.#control.takeLearningRate() ?? this.#position.learningRate;
    const began = this.#now();
    const result = await this.#open.step(batch, rate);
    const step = this.#position.step + 1;
    if (!Number.isFinite(result.loss) || !Number.isFinite(result.gradientNorm ?? 0)) throw new Ended(await blame(this.#open, this.#options.network, batch, step));
    this.#meter.add(began, this.#now(), batch.size);
    this.#move({ step, stepInEpoch: this.#position.stepInEpoch + 1, learningRate: rate });
    const epoch = this.#position.epoch + this.#position.stepInEpoch / this.#stepsPerEpoch;
    this.#reporter.point(this.#curve.add({ loss: result.loss, correct: result.correct, samples: batch.size, step, epoch, learningRate: rate }));
    this.#move({});
    this.#deps.onStep?.(step, result);
  }

  /** Mean loss and accuracy over the whole validation set. A stop in between leaves it to the resumed run. */
  async #validate(): Promise<void> {
    const { dataset, split, network } = this.#options;
    const began = this.#now();
    let lossSum = 0;
    let weightSum = 0;
    let correct = 0;
    for (let from = 0; from < split.validation.length; from += this.#batchSize) {
      await this.#gate();
      const batch = batchOf(dataset, split.validation.subarray(from, from + this.#batchSize));
      const result = await this.#open.evaluate(batch);
      if (!Number.isFinite(result.lossSum)) throw new Ended(await blame(this.#open, network, batch, this.#position.step));
      lossSum += result.lossSum;
      weightSum += result.weightSum ?? batch.size;
      correct += result.correct;
    }
    this.#validationMs = this.#now() - began;
    this.#meter.restart();
    const loss = lossSum / weightSum;
    const accuracy = correct / split.validation.length;
    const { bestAccuracy, epoch, step } = this.#position;
    const best = bestAccuracy === null || accuracy > bestAccuracy;
    const { weights } = await this.#open.snapshot();
    if (best) {
      this.#best = weights;
      this.#move({ bestAccuracy: accuracy, bestEpoch: epoch + 1 });
      await this.#deps.sink.best(weights, { accuracy, loss, epoch: epoch + 1 });
    }
    this.#reporter.point({ step, epoch: epoch + 1, validationLoss: loss, validationAccuracy: accuracy });
    this.#reporter.emit({ kind: 'weights', weights, best });
    this.#reporter.send(this.progress());
  }

  /** Between steps: lets messages in, streams maps, waits while paused, ends on stop. */
  async #gate(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    if (this.#control.command === PAUSE) {
      this.#move({ seconds: this.#seconds() });
      await this.#enter('paused');
      await this.#reporter.write();
      while (this.#control.command === PAUSE) {
        await this.#maps();
        await new Promise((resolve) => setTimeout(resolve, PAUSED_MS));
      }
      this.#meter.restart();
      this.#clockFrom = this.#now();
      if (this.#control.command !== STOP) await this.#enter('running');
    }
    if (this.#control.command === STOP) throw new Ended(null);
    await this.#maps();
  }

  async #maps(): Promise<void> {
    if (!this.#control.mapsWanted || this.#now() < this.#nextFrameAt) return;
    const began = this.#now();
    this.#control.takeMaps();
    const { network, dataset } = this.#options;
    const frame = await probeFrame(this.#open, { network, dataset, sample: this.#control.probe, step: this.#position.step, limit: STREAMED_CHANNELS });
    const ended = this.#now();
    // A pause has time for every frame.
    this.#nextFrameAt = ended + (this.#state === 'paused' ? MAPS_GAP_MS : Math.max(MAPS_GAP_MS, MAPS_COST * (ended - began)));
    this.#reporter.emit({ kind: 'maps', frame });
  }

  async #checkpoint(): Promise<void> {
    const snapshot = await this.#open.snapshot();
    const { network, dataset, split } = this.#options;
    // A last step may have spoiled the weights before any loss showed it; the checkpoint before stays the good one.
    if (!allFinite(snapshot.weights)) throw new Ended(await blame(this.#open, network, batchOf(dataset, split.train.subarray(0, 1)), this.#position.step));
    this.#move({ seconds: this.#seconds() });
    this.#clockFrom = this.#now();
    await this.#reporter.write();
    await this.#deps.sink.checkpoint({ snapshot, position: this.#position });
    this.#healthy = snapshot;
    this.#checkpointAt = this.#now();
  }

  /** Notes why the run ends; a stop that was asked for is no error. */
  #fail(e: unknown): 'failed' | 'stopped' {
    if (e instanceof Ended) {
      this.#error = e.diagnostic;
      this.#overflowed = e.diagnostic !== null;
    } else this.#error = e instanceof NetloomError ? e.diagnostic : diagnostic('engine.internal', { label: 'Training' }, { message: e instanceof Error ? e.message : String(e) });
    return this.#error ? 'failed' : 'stopped';
  }

  async #finish(end: RunResult['state']): Promise<RunResult> {
    let state = end;
    if (this.#session && state === 'stopped') {
      try {
        await this.#checkpoint();
      } catch (e) {
        state = this.#fail(e);
      }
    }
    const last = await this.#lastWeights();
    await this.#session?.dispose().catch(() => undefined);
    try {
      await this.#reporter.write();
      await this.#enter(state);
    } catch (e) {
      // What is on disk no longer says how it ended; the result does.
      if (!this.#error) state = this.#fail(e);
      this.#state = state;
      this.#reporter.send(this.progress());
    }
    return { state, error: this.#error, last, best: this.#best, progress: this.progress() };
  }

  /** The weights as they are, unless they cannot be had or are spoiled: then the last healthy checkpoint's. */
  async #lastWeights(): Promise<Weights> {
    if (!this.#overflowed && this.#session) {
      const now = await this.#session.snapshot().catch(() => null);
      if (now && allFinite(now.weights)) return now.weights;
    }
    return this.#healthy?.weights ?? this.#options.weights;
  }

  async #enter(state: RunState): Promise<void> {
    this.#state = state;
    await this.#deps.sink.state(state, this.#position);
    this.#reporter.send(this.progress());
  }

  #move(change: Partial<RunPosition>): void {
    this.#position = { ...this.#position, window: this.#curve.window, ...change };
  }

  #seconds(): number {
    return this.#position.seconds + (this.#now() - this.#clockFrom) / 1000;
  }

  progress(): Progress {
    const { run, config, device } = this.#options;
    const { epoch, step, stepInEpoch, bestAccuracy, bestEpoch } = this.#position;
    const speed = this.#meter.speed;
    const stepsLeft = config.epochs * this.#stepsPerEpoch - step;
    const seconds = (stepsLeft * this.#batchSize) / speed + ((config.epochs - epoch) * this.#validationMs) / 1000;
    return {
      run, state: this.#state,
      epoch: Math.min(epoch + 1, config.epochs), epochs: config.epochs,
      step: epoch >= config.epochs ? this.#stepsPerEpoch : stepInEpoch, stepsPerEpoch: this.#stepsPerEpoch,
      speed, remaining: speed > 0 ? Math.max(seconds, 0) : null,
      device: device.id, deviceReason: device.reason, bestAccuracy, bestEpoch, error: this.#error,
    };
  }
}

/**
 * Trains until the last epoch, a stop or a failure; never rejects for what a user can cause: the result says how it ended.
 * Acts on `control` within one step or one validation batch.
 */
export function runTraining(deps: LoopDeps, options: LoopOptions, control: Control, emit: (event: LoopEvent) => void): Promise<RunResult> {
  return new TrainingRun(deps, options, control, emit).run();
}
