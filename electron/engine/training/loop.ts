/** The training loop: epochs, validation, checkpoints, levers and events over any engine. It knows no process and no thread. */
import { diagnostic, NetloomError, problem, type Diagnostic } from '../../../shared/diagnostics/diagnostic.ts';
import type { Progress, RunState } from '../../../shared/protocol/values.ts';
import { judgedWeights } from './averages.ts';
import { batchOf, epochOrder } from './batches.ts';
import { PAUSE, STOP, type Control } from './control.ts';
import { CurveBuilder } from './curve.ts';
import { Ended } from './ended.ts';
import type { Batch, TrainingSession, Weights } from './engine.ts';
import { allFinite, blame, requireSound } from './guard.ts';
import { Keeper } from './keeper.ts';
import { MapStream } from './map-stream.ts';
import { Meter } from './meter.ts';
import { isOver, judgedBy, rateAt } from './pace.ts';
import { progressOf } from './progress.ts';
import { Reporter, type LoopEvent } from './reporter.ts';
import type { LoopDeps, LoopOptions, RunResult } from './run-options.ts';
import { firstPosition, type RunPosition } from './run-sink.ts';
import { Stages } from './stages.ts';
import { validate } from './validate.ts';

/** While paused the levers are read this often. */
const PAUSED_MS = 20;

class TrainingRun {
  readonly #deps: LoopDeps;
  readonly #options: LoopOptions;
  readonly #control: Control;
  readonly #reporter: Reporter;
  readonly #now: () => number;
  readonly #meter = new Meter();
  readonly #maps: MapStream;
  readonly #batchSize: number;
  readonly #stepsPerEpoch: number;
  #session: TrainingSession | null = null;
  #position: RunPosition;
  #curve: CurveBuilder;
  #state: RunState = 'preparing';
  #error: Diagnostic | null = null;
  #best: Weights | null;
  readonly #keeper: Keeper;
  readonly #stages: Stages;
  #clockFrom = 0;
  #validationMs = 0;
  #overflowed = false;

  constructor(deps: LoopDeps, options: LoopOptions, control: Control, emit: (event: LoopEvent) => void) {
    this.#deps = deps;
    this.#options = options;
    this.#control = control;
    this.#now = deps.now ?? (() => performance.now());
    this.#reporter = new Reporter(emit, deps.sink, this.#now);
    this.#keeper = new Keeper(deps.sink, this.#now);
    this.#batchSize = Math.min(options.config.batchSize, options.split.train.length);
    this.#stepsPerEpoch = this.#batchSize === 0 ? 0 : Math.floor(options.split.train.length / this.#batchSize);
    this.#position = options.resume?.position ?? { ...firstPosition, learningRate: options.config.learningRate };
    this.#stages = new Stages(deps.engine, options, { batchSize: this.#batchSize, stepsPerEpoch: this.#stepsPerEpoch });
    this.#best = options.best ?? null;
    this.#maps = new MapStream(options, control, this.#now);
    this.#curve = new CurveBuilder(this.#position.window);
  }

  async run(): Promise<RunResult> {
    const { config, dataset, split, resume } = this.#options;
    let end: RunResult['state'] = 'finished';
    try {
      if (split.train.length === 0) throw problem('training.no-samples', { label: dataset.name }, { split: 'training' });
      if (split.validation.length === 0) throw problem('training.no-samples', { label: dataset.name }, { split: 'validation' });
      await this.#enter('preparing');
      this.#session = await this.#stages.open(this.#position.epoch, resume?.snapshot.weights ?? this.#options.weights);
      // A checkpoint at a stage's border has no state yet of what joins.
      if (resume) await this.#session.restore(resume.snapshot, { joining: config.unfreezing !== null });
      const first = resume?.snapshot ?? (await this.#session.snapshot());
      this.#keeper.begin(first, this.#position.step);
      this.#clockFrom = this.#now();
      await this.#enter('running');
      await requireSound(this.#session, this.#options, first.weights, this.#position.step + 1);
      for (const missing of (await this.#session.missing?.()) ?? []) this.#reporter.emit({ kind: 'note', note: missing });
      while (!isOver(config, this.#position)) await this.#epoch();
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
    const { epoch, step, stepInEpoch } = this.#position;
    if (stepInEpoch === 0 && this.#stages.begins(epoch)) {
      this.#session = await this.#stages.enter(this.#open, epoch);
      this.#reporter.point({ step, epoch, thawed: this.#stages.at(epoch) });
    }
    const order = epochOrder(split.train, config.seed, epoch);
    while (this.#position.stepInEpoch < this.#stepsPerEpoch) {
      await this.#gate();
      const from = this.#position.stepInEpoch * this.#batchSize;
      await this.#step(batchOf(dataset, order.subarray(from, from + this.#batchSize)));
      await this.#reporter.tick(() => this.progress());
      if (this.#keeper.due(config, this.#position.step)) await this.#checkpoint();
    }
    const p = this.#position;
    this.#reporter.point(this.#curve.close({ step: p.step, epoch: p.epoch + 1, learningRate: rateAt(config, p, this.#stepsPerEpoch, p.step - 1) }));
    this.#move({});
    await this.#validate();
    this.#move({ epoch: this.#position.epoch + 1, stepInEpoch: 0 });
    await this.#checkpoint();
    this.#control.reached('epoch');
  }

  async #step(batch: Batch): Promise<void> {
    this.#move({ learningRate: this.#control.takeLearningRate() ?? this.#position.learningRate });
    const rate = rateAt(this.#options.config, this.#position, this.#stepsPerEpoch, this.#position.step);
    const began = this.#now();
    const result = await this.#open.step(batch, rate);
    const step = this.#position.step + 1;
    if (!Number.isFinite(result.loss) || !Number.isFinite(result.gradientNorm ?? 0)) throw new Ended(await blame(this.#open, this.#options.network, batch, step, result.layerNorms));
    if (result.layerNorms) this.#reporter.gradients(step, result.layerNorms);
    this.#meter.add(began, this.#now(), batch.size);
    this.#move({ step, stepInEpoch: this.#position.stepInEpoch + 1 });
    const epoch = this.#position.epoch + this.#position.stepInEpoch / this.#stepsPerEpoch;
    this.#reporter.point(this.#curve.add({ loss: result.loss, correct: result.correct, samples: batch.size, step, epoch, learningRate: rate }));
    this.#move({});
    this.#deps.onStep?.(step, result);
    this.#control.reached('batch');
  }

  /** Mean loss and accuracy over the whole validation set. A stop in between leaves it to the resumed run. */
  async #validate(): Promise<void> {
    const { dataset, split, network, config } = this.#options;
    const began = this.#now();
    const result = await validate(this.#open, { dataset, indices: split.validation, batchSize: this.#batchSize, gate: () => this.#gate() });
    if ('spoiled' in result) throw new Ended(await blame(this.#open, network, result.spoiled, this.#position.step));
    const { loss, accuracy } = result;
    this.#validationMs = this.#now() - began;
    this.#meter.restart();
    const { bestAccuracy, epoch, step } = this.#position;
    const best = bestAccuracy === null || accuracy > bestAccuracy;
    const weights = judgedWeights(await this.#open.snapshot(), config);
    this.#move(judgedBy(config, this.#position, result));
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
        await this.#stream();
        await new Promise((resolve) => setTimeout(resolve, PAUSED_MS));
      }
      this.#meter.restart();
      this.#clockFrom = this.#now();
      if (this.#control.command !== STOP) await this.#enter('running');
    }
    if (this.#control.command === STOP) throw new Ended(null);
    await this.#stream();
  }

  async #stream(): Promise<void> {
    const frame = await this.#maps.next(this.#open, this.#position.step, this.#state === 'paused');
    if (frame) this.#reporter.emit({ kind: 'maps', frame });
  }

  async #checkpoint(): Promise<void> {
    const snapshot = await this.#open.snapshot();
    await requireSound(this.#open, this.#options, snapshot.weights, this.#position.step);
    this.#move({ seconds: this.#seconds() });
    this.#clockFrom = this.#now();
    await this.#reporter.write();
    await this.#keeper.keep({ snapshot, position: this.#position });
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
    const { last, judged } = await this.#lastWeights();
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
    return { state, error: this.#error, last, best: this.#best, kept: (this.#options.config.keepBest && state !== 'failed' ? this.#best : null) ?? judged, progress: this.progress() };
  }

  /** The weights as they are, unless they cannot be had or are spoiled: then the last healthy checkpoint's. */
  async #lastWeights(): Promise<{ last: Weights; judged: Weights }> {
    const now = !this.#overflowed && this.#session ? await this.#session.snapshot().catch(() => null) : null;
    const sound = now && allFinite(now.weights) ? now : this.#keeper.healthy;
    if (!sound) return { last: this.#options.weights, judged: this.#options.weights };
    return { last: sound.weights, judged: judgedWeights(sound, this.#options.config) };
  }

  async #enter(state: RunState): Promise<void> {
    this.#state = state;
    await this.#deps.sink.state(state, this.#position);
    this.#reporter.send(this.progress());
  }

  readonly #move = (change: Partial<RunPosition>): void => { this.#position = { ...this.#position, window: this.#curve.window, ...change }; };
  readonly #seconds = (): number => this.#position.seconds + (this.#now() - this.#clockFrom) / 1000;

  progress(): Progress {
    const { run, config, device } = this.#options;
    const fixed = { run, epochs: config.epochs, batchSize: this.#batchSize, stepsPerEpoch: this.#stepsPerEpoch, device };
    return progressOf(fixed, { state: this.#state, position: this.#position, speed: this.#meter.speed, validationMs: this.#validationMs, error: this.#error });
  }
}

/**
 * Trains until the last epoch, a stop or a failure; never rejects for what a user can cause: the result says how it ended.
 * Acts on `control` within one step or one validation batch.
 */
export function runTraining(deps: LoopDeps, options: LoopOptions, control: Control, emit: (event: LoopEvent) => void): Promise<RunResult> {
  return new TrainingRun(deps, options, control, emit).run();
}
