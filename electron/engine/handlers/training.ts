/** Start, pause, stop, and what is seen of a run. */
import { problem } from '../../../shared/diagnostics/diagnostic.ts';
import type { Network } from '../../../shared/compile/network.ts';
import type { TrainingConfig } from '../../../shared/training/config.ts';
import type { Dataset } from '../datasets/dataset.ts';
import { continueRun, createRun, readBest, readCheckpoint, runFolder, runId, updateRun } from '../projects/runs.ts';
import type { Weights } from '../training/engine.ts';
import { FEATURES_LIMIT } from '../training/features/store.ts';
import { checkpointOf } from '../training/file-sink.ts';
import { frozenWeights } from '../training/model-state.ts';
import { checkWeights } from '../training/restoring.ts';
import type { RunResult } from '../training/run-options.ts';
import type { Checkpoint } from '../training/run-sink.ts';
import type { Handlers } from './handler.ts';
import { requireOneAnswer } from './one-answer.ts';
import { settleRace } from './race.ts';
import type { Workspace } from './workspace.ts';

export interface TrainOptions {
  readonly network: Network;
  readonly config: TrainingConfig;
  readonly dataset: Dataset;
  readonly weights: Weights;
  readonly probe: number;
  /** Continues this run. */
  readonly resume?: string;
}

interface Started { readonly run: string; readonly done: Promise<RunResult> }

/** Where a run is about to begin: its folder is made before its thread is asked. */
const starting = new WeakSet<Workspace>();

/** Begins a run with its folder; `done` resolves when it has ended. Throws training.busy while another one trains or begins. */
export async function startRun(w: Workspace, options: TrainOptions): Promise<Started> {
  if (w.host.training || starting.has(w)) throw problem('training.busy', { label: 'Training' }, {});
  starting.add(w);
  try {
    return await begin(w, options);
  } finally {
    starting.delete(w);
  }
}

async function begin(w: Workspace, options: TrainOptions): Promise<Started> {
  const { network, config, dataset, probe } = options;
  await settleRace(w, 'Training');
  requireOneAnswer(network);
  const device = await w.device(network, config);
  const split = w.split(dataset, config.validationSplit, config.seed);
  if (split.train.length === 0 || split.validation.length === 0) throw problem('data.too-few', { label: dataset.name }, { need: 2 * dataset.classes.length, got: dataset.count });
  const started = new Date();
  let run = runId(network.name, started);
  let folder: string;
  let resume: Checkpoint | null = null;
  let best: Weights | null = null;
  if (options.resume === undefined) {
    folder = await createRun(w.home, {
      id: run, name: network.name, started: started.toISOString(), state: 'running', epochs: 0, bestAccuracy: null, finalLoss: null, seconds: 0,
      parameters: network.parameters, device: device.id, settings: { config },
    });
  } else {
    run = options.resume;
    folder = runFolder(w.home, run);
    const { tensors, position } = await readCheckpoint(folder);
    resume = checkpointOf(tensors, position);
    // Before anything of the run is touched: another net may be open than the one it trained.
    checkWeights(network, resume.snapshot);
    best = await readBest(folder);
    await continueRun(folder, device.id, resume.position.epoch + 1);
  }
  w.runFolder = folder;
  w.log('info', `Training ${network.name} on ${device.id}: ${split.train.length} training and ${split.validation.length} validation samples`);
  const done = w.host.train({ run, network, config, dataset, split, weights: options.weights, device, folder, resume, features: { folder: w.featuresFolder, limit: FEATURES_LIMIT }, ...(best ? { best } : {}) }, probe).then(async (result) => {
    w.weights = result.kept.size > 0 ? result.kept : w.weights;
    const { progress } = result;
    await updateRun(folder, { state: result.state, epochs: result.state === 'finished' ? progress.epoch : Math.max(progress.epoch - 1, 0) });
    w.log(result.state === 'failed' ? 'error' : 'info', `Run ${result.state}${progress.bestAccuracy === null ? '' : `, best validation accuracy ${(progress.bestAccuracy * 100).toFixed(1)} % in epoch ${progress.bestEpoch ?? 0}${result.kept === result.best ? ', whose weights are kept' : ''}`}`);
    return result;
  });
  return { run, done };
}

export const trainingHandlers: Handlers<'training'> = {
  'training.start': async (w, { document, config, data, from, probe }) => {
    const dataset = await w.dataset(data);
    const network = w.network(document, dataset);
    if (from.kind === 'fresh') w.weights = frozenWeights(network, w.weights);
    const weights = w.weightsOf(network, config.seed);
    const { run, done } = await startRun(w, { network, config, dataset, weights, probe: Math.min(probe, dataset.count - 1), ...(from.kind === 'checkpoint' ? { resume: from.run } : {}) });
    done.catch((e: unknown) => w.log('error', e instanceof Error ? e.message : String(e)));
    return { run };
  },
  'training.pause': (w) => w.host.pause(),
  'training.resume': (w) => w.host.resume(),
  'training.step': (w, { stride }) => w.host.step(stride),
  'training.stop': (w) => w.host.stop(),
  'training.setLearningRate': (w, { learningRate }) => {
    w.host.setLearningRate(learningRate);
    return {};
  },
  'training.setProbe': (w, { sample }) => {
    w.host.setProbe(sample);
    return {};
  },
  'training.wantMaps': (w) => {
    w.host.wantMaps();
    return {};
  },
  'training.status': (w) => {
    const { progress, curve, features } = w.host.status();
    return { progress, curve: [...curve], features };
  },
};
