/** What the compute thread does with its messages; knows no thread, so that it can be tried without one. */
import { diagnostic, NetloomError, type Diagnostic } from '../../../shared/diagnostics/diagnostic.ts';
import { defaultTrainingConfig, type TrainingConfig } from '../../../shared/training/config.ts';
import { required } from '../../../shared/util/assert.ts';
import type { Dataset } from '../datasets/dataset.ts';
import { evaluate } from '../insight/evaluate.ts';
import { filters } from '../insight/filters.ts';
import { probeFrame } from '../insight/maps.ts';
import { predict } from '../insight/predict.ts';
import { compareWithFile } from '../importing/proof.ts';
import { encodingOf } from './batches.ts';
import { Control, STOP } from './control.ts';
import type { InputEncoding, TrainingDevice, TrainingEngine, TrainingSession } from './engine.ts';
import { proveExport } from './export-proof.ts';
import { withFeatures } from './features/session.ts';
import { runTraining } from './loop.ts';
import type { DatasetId, FromCompute, JobAnswer, JobName, JobParams, Model, ToCompute, TrainRequest } from './messages.ts';
import { paceOfDevice } from './pace-of-device.ts';
import type { LoopEvent } from './reporter.ts';
import { MemorySink, type RunSink } from './run-sink.ts';
import { importWithTrainable } from './trainable.ts';
import { proveTraining } from './training-proof.ts';
import { timeLayers } from './time-layers.ts';

/** Samples a run in evaluation. */
const EVALUATION_BATCH = 64;

export interface ComputeDeps {
  engine(device: TrainingDevice): TrainingEngine;
  /** Where the results of the run in this folder go. */
  sink(folder: string): RunSink;
}

type JobTable = { readonly [J in JobName]: (params: JobParams<J, Dataset>) => Promise<JobAnswer<J>> };

/** Memory that an answer takes along: the weights of a large net are not worth copying. */
const handedOver: { readonly [J in JobName]?: (answer: JobAnswer<J>) => readonly ArrayBuffer[] } = {
  import: ({ subject }) => [...new Set([...subject.weights.values()].map((w) => w.data.buffer as ArrayBuffer))],
};

export class Compute {
  readonly #deps: ComputeDeps;
  readonly #post: (message: FromCompute, transfer?: readonly ArrayBuffer[]) => void;
  readonly #datasets = new Map<DatasetId, Dataset>();
  /** The session of the last job: the next is likely to be about the same net. */
  #held: { readonly key: string; readonly session: TrainingSession } | null = null;
  /** Jobs one after another: they share the held session. */
  #queue: Promise<void> = Promise.resolve();

  /** `post` hands a message over; memory in `transfer` goes with it instead of being copied. */
  constructor(deps: ComputeDeps, post: (message: FromCompute, transfer?: readonly ArrayBuffer[]) => void) {
    this.#deps = deps;
    this.#post = post;
  }

  receive(message: ToCompute): void {
    switch (message.kind) {
      case 'dataset':
        this.#datasets.set(message.id, message.dataset);
        break;
      case 'forget':
        this.#datasets.delete(message.id);
        break;
      case 'train':
        void this.#train(message.request, new Control(message.control));
        break;
      case 'job':
        this.#enqueue(message.id, message.name, message.params);
        break;
    }
  }

  async #train(request: TrainRequest<DatasetId>, control: Control): Promise<void> {
    const { run, folder, resume, dataset, features, ...rest } = request;
    const sink = folder === null ? new MemorySink() : this.#deps.sink(folder);
    const options = { run, ...rest, dataset: this.#dataset(dataset), ...(resume ? { resume } : {}) };
    const emit = (event: LoopEvent): void => this.#post({ kind: 'event', run, event });
    const plain = this.#deps.engine(request.device.id);
    const engine = features ? withFeatures(plain, {
      ...features, dataset: options.dataset, split: options.split, device: request.device.id, stopped: () => control.command === STOP,
      report: (state) => emit({ kind: 'features', features: state }), warn: (e) => emit({ kind: 'note', note: diagnosticOf(e) }),
    }) : plain;
    const result = await runTraining({ engine, sink }, options, control, emit);
    this.#post({ kind: 'ended', run, result });
  }

  /** The data set is looked up now: it may be forgotten before the job's turn comes. */
  #enqueue<J extends JobName>(id: number, name: J, params: JobParams<J, DatasetId>): void {
    const whole = ('dataset' in params ? { ...params, dataset: this.#dataset(params.dataset) } : params) as JobParams<J, Dataset>;
    this.#queue = this.#queue.then(() => this.#answer(id, name, whole));
  }

  async #answer<J extends JobName>(id: number, name: J, params: JobParams<J, Dataset>): Promise<void> {
    try {
      const value = await this.#jobs[name](params);
      this.#post({ kind: 'answer', id, ok: true, value }, handedOver[name]?.(value));
    } catch (e) {
      this.#post({ kind: 'answer', id, ok: false, error: diagnosticOf(e) });
    }
  }

  readonly #jobs: JobTable = {
    maps: async (p) => probeFrame(await this.#session(p, encodingOf(p.dataset)), p),
    filters: (p) => Promise.resolve(filters(p.network, p.weights, p.layer)),
    evaluate: async (p) => {
      const batch = Math.max(1, Math.min(EVALUATION_BATCH, p.indices.length));
      const session = await this.#session(p, encodingOf(p.dataset), { loss: p.loss, batchSize: batch });
      return evaluate(session, { ...p, batch });
    },
    predict: async (p) => predict(await this.#session(p, p.encoding), p.network, p.image, p.classes, p.k),
    import: importWithTrainable,
    prove: (p) => compareWithFile(p.path, p.subject, p.real),
    proveTraining: (p) => proveTraining(this.#deps.engine('cpu'), p),
    time: (p) => timeLayers(p.network, p.config),
    verify: (p) => proveExport(() => this.#session(p, encodingOf(p.dataset)), p),
    pace: async (p) => {
      // Its memory belongs to what is timed.
      await this.#letGo();
      return paceOfDevice(this.#deps.engine(p.device), p);
    },
  };

  async #session(model: Model, encoding: InputEncoding, change: Partial<TrainingConfig> = {}): Promise<TrainingSession> {
    const config = { ...defaultTrainingConfig(), ...change };
    const key = JSON.stringify([model.device, model.network, encoding, config]);
    if (this.#held?.key === key) {
      await this.#held.session.restore({ weights: model.weights, state: new Map(), step: 0 });
      return this.#held.session;
    }
    await this.#letGo();
    const session = await this.#deps.engine(model.device).open(model.network, config, model.weights, encoding);
    this.#held = { key, session };
    return session;
  }

  async #letGo(): Promise<void> {
    const held = this.#held;
    this.#held = null;
    await held?.session.dispose();
  }

  #dataset(id: DatasetId): Dataset {
    return required(this.#datasets.get(id), `data set ${id}`);
  }
}

function diagnosticOf(e: unknown): Diagnostic {
  if (e instanceof NetloomError) return e.diagnostic;
  return diagnostic('engine.internal', { label: 'Engine' }, { message: e instanceof Error ? e.message : String(e) });
}
