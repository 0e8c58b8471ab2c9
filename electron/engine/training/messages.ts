/** What the engine's own thread and its compute thread say to each other; plain data that clones. */
import type { Network } from '../../../shared/compile/network.ts';
import type { Diagnostic } from '../../../shared/diagnostics/diagnostic.ts';
import type { Tensor } from '../../../shared/onnx/ir.ts';
import type { Evaluation, LayerTimings, MapsFrame } from '../../../shared/protocol/values.ts';
import type { Loss, TrainingConfig } from '../../../shared/training/config.ts';
import type { Dataset, Split } from '../datasets/dataset.ts';
import type { Imported } from '../importing/import.ts';
import type { Difference, ProofSubject } from '../importing/proof.ts';
import type { Prediction } from '../insight/predict.ts';
import type { InputEncoding, TrainingDevice, Weights } from './engine.ts';
import type { ProofAnswer, ProofOptions } from './export-proof.ts';
import type { MeasuredPace, PaceOptions } from './pace-of-device.ts';
import type { RunResult } from './run-options.ts';
import type { LoopEvent } from './reporter.ts';
import type { Checkpoint } from './run-sink.ts';
import type { TrainingProofAnswer, TrainingProofOptions } from './training-proof.ts';

/** A data set is sent once and named by number after that. */
export type DatasetId = number;

/** A net to be run: its weights and the device. */
export interface Model { readonly network: Network; readonly weights: Weights; readonly device: TrainingDevice }

/** Short work beside or between trainings, generic over how the data set is handed over. */
export interface Jobs<D> {
  /** Every layer's maps for one sample. */
  maps: { params: Model & { readonly dataset: D; readonly sample: number; readonly step: number }; answer: MapsFrame };
  filters: { params: { readonly network: Network; readonly weights: Weights; readonly layer: string }; answer: { shape: number[]; values: Float32Array } };
  evaluate: { params: Model & { readonly dataset: D; readonly indices: Int32Array; readonly split: Evaluation['split']; readonly loss: Loss }; answer: Evaluation };
  /** The k most probable classes of an image stored as the data set stores its samples (see insight/predict.ts, storeImage). */
  predict: { params: Model & { readonly image: Float32Array | Uint8Array; readonly encoding: InputEncoding; readonly classes: readonly string[]; readonly k: number }; answer: Prediction[] };
  /** How an exported file on disk answers beside the net in the app; null when it was cancelled. */
  verify: { params: Model & Omit<ProofOptions<D>, 'network' | 'weights'>; answer: ProofAnswer | null };
  /** A foreign file as a net of ours; its report says what trains and why not. */
  import: { params: { readonly path: string; readonly sizes: Readonly<Record<string, number>>; readonly name?: string }; answer: Imported };
  /** An imported net beside its file, on noise and on real samples. */
  prove: { params: { readonly path: string; readonly subject: ProofSubject; readonly real: readonly ReadonlyMap<string, Tensor>[] }; answer: Difference };
  /** Losses of a few steps by the engine and by an exported step; null when it was cancelled. */
  proveTraining: { params: TrainingProofOptions<D>; answer: TrainingProofAnswer | null };
  /** How fast a device trains; null when it was cancelled. */
  pace: { params: Omit<Model, 'weights' | 'network'> & PaceOptions<D>; answer: MeasuredPace | null };
  /** One training step layer by layer, on the CPU. */
  time: { params: { readonly network: Network; readonly config: TrainingConfig }; answer: LayerTimings };
}
export type JobName = keyof Jobs<never>;
export type JobParams<J extends JobName, D> = Jobs<D>[J]['params'];
export type JobAnswer<J extends JobName> = Jobs<never>[J]['answer'];

export interface TrainRequest<D> {
  readonly run: string;
  readonly network: Network;
  readonly config: TrainingConfig;
  readonly dataset: D;
  readonly split: Split;
  readonly weights: Weights;
  readonly device: { readonly id: TrainingDevice; readonly reason: string };
  /** The run's folder on disk, which exists; null keeps everything in memory. */
  readonly folder: string | null;
  readonly resume: Checkpoint | null;
  /** Where features of frozen layers are kept, and how many bytes of them in all; none are kept where it is left out. */
  readonly features?: { readonly folder: string; readonly limit: number };
  /** With `resume`: the best epoch's weights so far. */
  readonly best?: Weights;
}

export type ToCompute =
  | { readonly kind: 'dataset'; readonly id: DatasetId; readonly dataset: Dataset }
  | { readonly kind: 'forget'; readonly id: DatasetId }
  | { readonly kind: 'train'; readonly request: TrainRequest<DatasetId>; readonly control: SharedArrayBuffer }
  | { readonly kind: 'job'; readonly id: number; readonly name: JobName; readonly params: JobParams<JobName, DatasetId> };

export type FromCompute =
  | { readonly kind: 'event'; readonly run: string; readonly event: LoopEvent }
  | { readonly kind: 'ended'; readonly run: string; readonly result: RunResult }
  | { readonly kind: 'answer'; readonly id: number; readonly ok: true; readonly value: JobAnswer<JobName> }
  | { readonly kind: 'answer'; readonly id: number; readonly ok: false; readonly error: Diagnostic };
