/** What the engine holds between requests: the open project, the current weights, the data set, the compute thread. */
import { cpus, homedir } from 'node:os';
import { join } from 'node:path';
import { compile } from '../../../shared/compile/compile.ts';
import type { Network } from '../../../shared/compile/network.ts';
import { requireTrainable } from '../../../shared/compile/trainable.ts';
import { NetloomError, render, severityOf, type Diagnostic } from '../../../shared/diagnostics/diagnostic.ts';
import type { Document } from '../../../shared/graph/document.ts';
import { parseDocument } from '../../../shared/graph/parse.ts';
import type { EventData, EventName } from '../../../shared/protocol/events.ts';
import type { DataRef } from '../../../shared/protocol/values.ts';
import type { TrainingConfig } from '../../../shared/training/config.ts';
import { required } from '../../../shared/util/assert.ts';
import type { Dataset, Split } from '../datasets/dataset.ts';
import { openDataset, splitOf } from '../datasets/open.ts';
import { chooseDevice, trainingDevices } from '../training/devices.ts';
import type { TrainingDevice, Weights } from '../training/engine.ts';
import { ComputeHost } from '../training/host.ts';
import { weightsFor } from '../training/model-state.ts';
import { updateRun } from '../projects/runs.ts';

export interface WorkspaceOptions {
  readonly resourcesDir: string;
  /** The app's own folder: journal, recent list, runs of a session without a project. */
  readonly appDir: string;
  readonly workerUrl: URL;
}

/** ~/.netloom, or what NETLOOM_HOME says. */
export const defaultAppDir = (): string => process.env.NETLOOM_HOME ?? join(homedir(), '.netloom');

export class Workspace {
  readonly options: WorkspaceOptions;
  readonly host: ComputeHost;
  /** Folder of the open project; null in a session without one. */
  project: string | null = null;
  weights: Weights | null = null;
  /** Folder of the run under way or last made. */
  runFolder: string | null = null;
  readonly #listeners = new Set<<E extends EventName>(event: E, data: EventData<E>) => void>();
  #dataset: { readonly key: string; readonly value: Promise<Dataset> } | null = null;

  constructor(options: WorkspaceOptions) {
    this.options = options;
    this.host = new ComputeHost(options.workerUrl, {
      progress: (p) => this.emit('training.progress', p),
      points: (run, points) => this.emit('training.points', { run, points: [...points] }),
      maps: (frame) => this.emit('training.maps', frame),
      features: (run, features) => this.emit('training.features', { run, features }),
      gradients: (run, gradients) => this.emit('training.gradients', { run, gradients }),
      note: (note) => this.log('warning', render(note).sentence),
      weights: (_run, weights) => { this.weights = weights; },
      died: (error, run) => {
        this.log('error', `The compute thread ended${run === null ? '' : ` in run ${run}`}: ${JSON.stringify(error.args)}`);
        if (run !== null && this.runFolder) void updateRun(this.runFolder, { state: 'failed' }).catch(() => undefined);
      },
    });
  }

  /** Where runs are kept: the project, or the app's folder before the first save. */
  get home(): string {
    return this.project ?? join(this.options.appDir, 'session');
  }

  /** Where features of frozen layers are kept, of all projects: what they were computed from names them. */
  get featuresFolder(): string {
    return join(this.options.appDir, 'features');
  }

  onEvent(listener: <E extends EventName>(event: E, data: EventData<E>) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  emit<E extends EventName>(event: E, data: EventData<E>): void {
    for (const listener of this.#listeners) listener(event, data);
  }

  log(level: 'info' | 'warning' | 'error', text: string): void {
    this.emit('log', { time: new Date().toISOString(), level, text });
  }

  /** The data set of a reference; the last one opened is kept. */
  dataset(ref: DataRef): Promise<Dataset> {
    const key = JSON.stringify(ref);
    if (this.#dataset?.key !== key) {
      const value = openDataset(ref, this.options.resourcesDir);
      this.#dataset = { key, value };
      // A failure must not be remembered: the file may be mended.
      value.catch(() => { this.#dataset = null; });
    }
    return this.#dataset.value;
  }

  split(dataset: Dataset, share: number, seed: number): Split {
    return splitOf(dataset, share, seed);
  }

  /** A document from outside, checked and compiled against the data. Throws its first error, and training.tensors where no data can feed it. */
  network(document: Document, dataset: Dataset | null): Network {
    const parsed = parseDocument(document, document.name || 'The network');
    if (!parsed.ok) throw new NetloomError(parsed.error);
    const compiled = compile(parsed.value, dataset ? { classes: dataset.classes.length, sampleShape: dataset.shape } : {});
    const first = compiled.problems.find((p) => severityOf(p.diagnostic) === 'error');
    if (first) throw new NetloomError(first.diagnostic as Diagnostic);
    if (dataset) requireTrainable(compiled.network);
    return compiled.network;
  }

  /** Current weights where name and shape fit, seeded fresh ones elsewhere. */
  weightsOf(network: Network, seed: number): Weights {
    return weightsFor(network, this.weights, seed).weights;
  }

  /** The device a configuration asks for, and why. Throws what keeps it from training the net. */
  async device(network: Network, config: Pick<TrainingConfig, 'device' | 'precision'>): Promise<{ id: TrainingDevice; reason: string }> {
    const { id, reason } = chooseDevice(await trainingDevices(), network, config);
    return { id, reason };
  }

  get cores(): number {
    return required(cpus().length, 'processors');
  }
}
