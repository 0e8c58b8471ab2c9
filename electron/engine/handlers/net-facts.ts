/** What is known of a net beside its weights: the data it can be tried on, its classes, how good it was. */
import type { Network } from '../../../shared/compile/network.ts';
import type { Document } from '../../../shared/graph/document.ts';
import type { DataRef } from '../../../shared/protocol/values.ts';
import { elementCount, sameShape } from '../../../shared/shapes/shape.ts';
import { DEFAULT_SEED, defaultTrainingConfig } from '../../../shared/training/config.ts';
import { createRandom } from '../../../shared/util/random.ts';
import type { Dataset } from '../datasets/dataset.ts';
import { answerLayer, isRegression } from '../insight/predict.ts';
import { listRuns } from '../projects/runs.ts';
import { takesSamples } from '../training/export-proof.ts';
import type { Workspace } from './workspace.ts';

/** Samples that prove an export: of the data, and where that is another net's data, of noise. */
const SAMPLES = 32;
const NOISE_SAMPLES = 4;

export interface TrialData {
  readonly dataset: Dataset;
  readonly samples: readonly number[];
  /** The data are the net's own: it reads them and tells apart what is in them. */
  readonly own: boolean;
}

/** Bytes where the net takes pictures, which are stored so; else numbers from 0 to 1. */
function noiseFor(shape: readonly number[]): Dataset {
  const random = createRandom(DEFAULT_SEED);
  const length = NOISE_SAMPLES * elementCount(shape);
  const picture = shape.length === 3 && (shape[0] === 1 || shape[0] === 3);
  const values = picture ? Uint8Array.from({ length }, () => random.below(256)) : Float32Array.from({ length }, () => random.next());
  return { name: 'noise', licence: '', shape, classes: [], values, labels: new Int32Array(NOISE_SAMPLES), count: NOISE_SAMPLES, maximum: picture ? 255 : 1 };
}

/** Validation samples of the data where the net takes them; else noise of the net's own size, of no classes. */
export async function trialData(w: Workspace, network: Network, ref: DataRef): Promise<TrialData> {
  const data = await w.dataset(ref);
  const shape = network.layers.find((l) => l.inputs.length === 0)?.shape ?? [];
  const answers = network.layers.find((l) => l.id === answerLayer(network))?.shape ?? [];
  const samples = takesSamples(network);
  const own = samples && sameShape(shape, data.shape) && (isRegression(network) || answers[0] === data.classes.length);
  if (!own) return { dataset: noiseFor(samples ? shape : [1]), samples: Array.from({ length: NOISE_SAMPLES }, (_, i) => i), own };
  const { validation } = w.split(data, defaultTrainingConfig().validationSplit, DEFAULT_SEED);
  const from = validation.length > 0 ? validation : Int32Array.from({ length: data.count }, (_, i) => i);
  const count = Math.min(SAMPLES, from.length);
  return { dataset: data, samples: Array.from({ length: count }, (_, i) => from[Math.floor((i * from.length) / count)] as number), own };
}

/** Names of the net's classes: those it brought along, or the data's; none where neither fits. */
export function classesOf(document: Document, network: Network, trial: TrialData): readonly string[] {
  if (isRegression(network)) return [];
  const count = network.layers.find((l) => l.id === answerLayer(network))?.shape[0] ?? 0;
  if (trial.own) return trial.dataset.classes;
  return document.labels?.length === count ? document.labels : [];
}

/** Of the best run of a net of as many parameters; null where there is none. */
export async function bestAccuracy(w: Workspace, network: Network): Promise<number | null> {
  const runs = await listRuns(w.home);
  return runs.filter((r) => r.parameters === network.parameters).reduce<number | null>((best, r) => (r.bestAccuracy === null ? best : Math.max(best ?? 0, r.bestAccuracy)), null);
}
