/** The engine thread's side of the compute thread: it answers at once whatever the other is busy with, and survives its death. */
import { SHARE_ENV, Worker } from 'node:worker_threads';
import { diagnostic, NetloomError, problem, type Diagnostic } from '../../../shared/diagnostics/diagnostic.ts';
import type { FeatureState } from '../../../shared/protocol/finetune-requests.ts';
import type { CurvePoint, Gradients, MapsFrame, Progress } from '../../../shared/protocol/values.ts';
import type { Dataset } from '../datasets/dataset.ts';
import { Control, PAUSE, RUN, STOP, type Stride } from './control.ts';
import type { Weights } from './engine.ts';
import type { RunResult } from './run-options.ts';
import type { DatasetId, FromCompute, JobAnswer, JobName, JobParams, ToCompute, TrainRequest } from './messages.ts';

export interface HostListener {
  progress?(progress: Progress): void;
  points?(run: string, points: readonly CurvePoint[]): void;
  maps?(frame: MapsFrame): void;
  gradients?(run: string, gradients: Gradients): void;
  features?(run: string, features: FeatureState | null): void;
  /** Something to know about a run that goes on all the same. */
  note?(note: Diagnostic): void;
  /** After every validation of a run. */
  weights?(run: string, weights: Weights, best: boolean): void;
  /** The compute thread died; a fresh one serves the next request. */
  died?(error: Diagnostic, run: string | null): void;
}

/** Data sets the compute thread keeps; a run holds its own besides. */
const KEPT_DATASETS = 2;

interface ActiveRun {
  readonly request: TrainRequest<Dataset>;
  readonly control: Control;
  readonly curve: CurvePoint[];
  progress: Progress;
  features: FeatureState | null;
  over: boolean;
  readonly resolve: (result: RunResult) => void;
}

interface PendingJob { readonly resolve: (value: never) => void; readonly reject: (e: Error) => void }

/** What a request for pause or stop means for the state before the loop has come to it: no further step begins. */
function asAsked(progress: Progress, control: Control): Progress {
  if (control.command === STOP && (progress.state === 'running' || progress.state === 'paused' || progress.state === 'preparing')) return { ...progress, state: 'stopping' };
  if (control.command === PAUSE && progress.state === 'running') return { ...progress, state: 'paused' };
  if (control.command === RUN && progress.state === 'paused') return { ...progress, state: 'running' };
  return progress;
}

export class ComputeHost {
  readonly #script: URL;
  readonly #listener: HostListener;
  #worker: Worker | null = null;
  #run: ActiveRun | null = null;
  #jobs = new Map<number, PendingJob>();
  #datasets = new WeakMap<Dataset, DatasetId>();
  #sent = new Set<DatasetId>();
  #nextId = 1;

  /** `script`: the built compute thread, out/engine/worker.mjs. It starts with the first request. */
  constructor(script: URL, listener: HostListener = {}) {
    this.#script = script;
    this.#listener = listener;
  }

  /** Trains; resolves when the run has ended in whatever way. Throws training.busy while another one is not over. */
  train(request: TrainRequest<Dataset>, probe = 0): Promise<RunResult> {
    if (this.#run && !this.#run.over) throw problem('training.busy', { label: 'Training' }, {});
    const { config, device, run } = request;
    const control = new Control();
    control.probe = probe;
    const progress: Progress = {
      run, state: 'preparing', epoch: 1, epochs: config.epochs, step: 0, stepsPerEpoch: Math.floor(request.split.train.length / Math.max(1, Math.min(config.batchSize, request.split.train.length))),
      speed: 0, remaining: null, device: device.id, deviceReason: device.reason, bestAccuracy: null, bestEpoch: null, error: null,
    };
    return new Promise((resolve) => {
      this.#run = { request, control, curve: [], progress, features: null, over: false, resolve };
      this.#post({ kind: 'train', request: { ...request, dataset: this.#idOf(request.dataset) }, control: control.buffer });
    });
  }

  /** Holds after the step that runs now. Throws training.none when nothing runs. */
  pause(): Progress {
    return this.#command(PAUSE);
  }
  resume(): Progress {
    return this.step(null);
  }
  /** Goes on for one batch or to the epoch's end, then holds again; null: to the end of the run. */
  step(stride: Stride | null): Progress {
    const run = this.#active;
    run.control.goOn(stride);
    return asAsked(run.progress, run.control);
  }
  /** Ends after the step that runs now, with a checkpoint. */
  stop(): Progress {
    return this.#command(STOP);
  }
  setLearningRate(rate: number): void {
    this.#active.control.setLearningRate(rate);
  }
  setProbe(sample: number): void {
    if (this.#run) this.#run.control.probe = sample;
  }
  /** Credit for one frame of maps. */
  wantMaps(): void {
    this.#run?.control.wantMaps();
  }

  /** Where the present or last run stands, and its curve since it was started here. */
  status(): { readonly progress: Progress | null; readonly curve: readonly CurvePoint[]; readonly features: FeatureState | null } {
    const run = this.#run;
    return { progress: run ? asAsked(run.progress, run.control) : null, curve: run?.curve ?? [], features: run?.features ?? null };
  }

  /** Whether a run is under way (paused counts). */
  get training(): boolean {
    return this.#run !== null && !this.#run.over;
  }

  /** Short work on the compute thread, between two steps while it trains. Rejects with the job's diagnostic. */
  job<J extends JobName>(name: J, params: JobParams<J, Dataset>): Promise<JobAnswer<J>> {
    const id = this.#nextId++;
    const sendable = 'dataset' in params ? { ...params, dataset: this.#idOf(params.dataset as Dataset) } : params;
    return new Promise((resolve, reject) => {
      this.#jobs.set(id, { resolve: resolve as (value: never) => void, reject });
      this.#post({ kind: 'job', id, name, params: sendable as JobParams<JobName, DatasetId> });
    });
  }

  /** Ends the compute thread. */
  async dispose(): Promise<void> {
    const worker = this.#worker;
    this.#worker = null;
    this.#abandon(diagnostic('engine.died', { label: 'Engine' }, { cause: 'it was closed' }));
    await worker?.terminate();
  }

  get #active(): ActiveRun {
    if (!this.#run || this.#run.over) throw problem('training.none', { label: 'Training' }, {});
    return this.#run;
  }

  #command(command: typeof PAUSE | typeof STOP): Progress {
    const run = this.#active;
    run.control.command = command;
    return asAsked(run.progress, run.control);
  }

  #idOf(dataset: Dataset): DatasetId {
    const id = this.#datasets.get(dataset) ?? this.#nextId++;
    this.#datasets.set(dataset, id);
    // Used last, kept longest.
    if (!this.#sent.delete(id)) this.#post({ kind: 'dataset', id, dataset });
    this.#sent.add(id);
    for (const old of this.#sent) {
      if (this.#sent.size <= KEPT_DATASETS) break;
      this.#sent.delete(old);
      this.#post({ kind: 'forget', id: old });
    }
    return id;
  }

  #post(message: ToCompute): void {
    this.#worker ??= this.#spawn();
    this.#worker.postMessage(message);
  }

  #spawn(): Worker {
    // Native libraries read the process's own environment; what a thread sets would else be in a copy.
    const worker = new Worker(this.#script, { env: SHARE_ENV });
    let cause: string | null = null;
    worker.on('message', (m: FromCompute) => this.#receive(m));
    worker.on('error', (e) => (cause = e instanceof Error ? e.message : String(e)));
    worker.on('exit', (code) => {
      if (this.#worker !== worker) return;
      this.#worker = null;
      this.#sent.clear();
      const run = this.training ? (this.#run?.request.run ?? null) : null;
      const error = diagnostic('engine.died', { label: 'Engine' }, { cause: cause ?? `its compute thread ended with code ${code}` });
      this.#abandon(error);
      this.#listener.died?.(error, run);
    });
    return worker;
  }

  #receive(m: FromCompute): void {
    if (m.kind === 'answer') {
      const job = this.#jobs.get(m.id);
      this.#jobs.delete(m.id);
      if (m.ok) job?.resolve(m.value as never);
      else job?.reject(new NetloomError(m.error));
      return;
    }
    const run = this.#run;
    if (!run || run.over || run.request.run !== m.run) return;
    if (m.kind === 'ended') {
      this.#end(run, m.result);
      return;
    }
    const { event } = m;
    switch (event.kind) {
      case 'progress':
        run.progress = event.progress;
        // The end is told with the result, when a new run may start.
        if (!['stopped', 'finished', 'failed'].includes(event.progress.state)) this.#listener.progress?.(asAsked(run.progress, run.control));
        break;
      case 'points':
        run.curve.push(...event.points);
        this.#listener.points?.(m.run, event.points);
        break;
      case 'maps':
        this.#listener.maps?.(event.frame);
        break;
      case 'gradients':
        this.#listener.gradients?.(m.run, { step: event.step, layers: [...event.gradients.layers], norms: event.gradients.norms });
        break;
      case 'features':
        run.features = event.features;
        this.#listener.features?.(m.run, event.features);
        break;
      case 'note':
        this.#listener.note?.(event.note);
        break;
      case 'weights':
        this.#listener.weights?.(m.run, event.weights, event.best);
        break;
    }
  }

  #end(run: ActiveRun, result: RunResult): void {
    run.over = true;
    run.progress = result.progress;
    run.resolve(result);
    // After the awaiting code has taken the weights over.
    queueMicrotask(() => this.#listener.progress?.(result.progress));
  }

  /** Tells everybody who waits that nothing will come. */
  #abandon(error: Diagnostic): void {
    const jobs = [...this.#jobs.values()];
    this.#jobs.clear();
    for (const job of jobs) job.reject(new NetloomError(error));
    const run = this.#run;
    if (!run || run.over) return;
    const progress: Progress = { ...run.progress, state: 'failed', error };
    this.#end(run, { state: 'failed', error, last: new Map(), best: null, kept: new Map(), progress });
  }
}
