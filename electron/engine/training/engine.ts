/** One interface, any engine: what the training loop asks of whoever computes. */
import type { Network } from '../../../shared/compile/network.ts';
import type { Diagnostic } from '../../../shared/diagnostics/diagnostic.ts';
import type { TrainingConfig } from '../../../shared/training/config.ts';
import type { DeviceId } from '../runtime/session.ts';

/** What a run can be started on: ONNX Runtime's devices, or an engine that chooses its own. */
export type TrainingDevice = DeviceId | 'tensorflow';

/** Named tensors, row-major; the weight layouts are ours (convolution OIHW, dense in×out... as LayerSpec.weights says). */
export type Weights = ReadonlyMap<string, { readonly shape: readonly number[]; readonly data: Float32Array }>;

export interface Batch {
  /** Samples, batch first, NCHW, as the data set stores them (uint8 pixels or float32). */
  readonly inputs: Float32Array | Uint8Array;
  /** Class indices (for pictures one a place), or target values for regression (batch × outputs). */
  readonly targets: Int32Array | Float32Array;
  /** Where its samples stand in the data set, one behind another; left out where they come from elsewhere. */
  readonly samples?: ArrayLike<number>;
  /** Samples in it; may be fewer than the session's batch size in evaluation only. */
  readonly size: number;
}

/** Norms of the gradient by layer, in network order of the layers that are trained. */
export interface LayerNorms { readonly layers: readonly string[]; readonly norms: Float32Array }
/** Mean loss, right answers and the gradient's norm. A step that is not finite in loss or norm is reported but not taken. */
export interface StepResult { readonly loss: number; readonly correct: number; readonly gradientNorm?: number; readonly layerNorms?: LayerNorms }
/** Sums over the samples of the batch, so that batches of any size add up exactly; the mean loss is lossSum / weightSum (the samples, when left out). */
export interface BatchMetrics { readonly lossSum: number; readonly weightSum?: number; readonly correct: number; readonly outputs: Float32Array }

/** `step`: batches trained. */
export interface EngineSnapshot { readonly weights: Weights; readonly state: Weights; readonly step: number }

export interface TrainingEngine {
  open(network: Network, config: TrainingConfig, weights: Weights, input: InputEncoding): Promise<TrainingSession>;
}

/** How stored samples become the network's input: (x − offset) · scale, in the graph. */
export interface InputEncoding { readonly element: 'uint8' | 'float32'; readonly offset: number; readonly scale: number }

export interface RestoreOptions { readonly joining?: boolean }

export interface TrainingSession {
  /** Trains on one full batch; with accumulation every so-many-th one makes a step of the optimiser. */
  step(batch: Batch, learningRate: number): Promise<StepResult>;
  evaluate(batch: Batch): Promise<BatchMetrics>;
  /** The outputs of the named layers for up to `batch` samples, batch first. */
  forward(batch: Batch, layers: readonly string[]): Promise<ReadonlyMap<string, { shape: readonly number[]; data: Float32Array }>>;
  /** Parts that stay as they are because an operator has no gradient rule; known after the first snapshot or step. */
  missing?(): readonly Diagnostic[] | Promise<readonly Diagnostic[]>;
  snapshot(): Promise<EngineSnapshot>;
  /** Throws training.checkpoint-mismatch where something is missing; with `joining` state that is missing begins anew. */
  restore(snapshot: EngineSnapshot, options?: RestoreOptions): Promise<void>;
  dispose(): Promise<void>;
}
