/** Memory that a training step needs, by what it is for. */
import type { Network, NetworkLayer } from '../compile/network.ts';
import { layerSpec } from '../layers/table.ts';
import { tensorTypeOf } from '../layers/value-type.ts';
import type { ElementType } from '../onnx/ir.ts';
import { elementCount } from '../shapes/shape.ts';
import { optimizerCopies, type OptimizerConfig } from '../training/config.ts';

const FLOAT_BYTES = 4;

export interface MemoryOptions {
  readonly batchSize: number;
  readonly optimizer: OptimizerConfig;
  /** A running mean of the weights is kept. */
  readonly ema?: boolean;
}

/** In bytes. */
export interface TrainingMemory {
  /** Every weight once, frozen ones and the statistics of norms too. */
  readonly weights: number;
  /** One number for each weight that is trained; frozen ones have none. */
  readonly gradients: number;
  /** What the optimiser remembers of each trained weight (momentum 1 number, Adam 2), and the running mean where one is kept. */
  readonly optimizer: number;
  /** Outputs of the forward pass that the backward pass reads, for one batch; see `keptOutputs`. */
  readonly activations: number;
  readonly total: number;
}

const trains = (layer: NetworkLayer): boolean => !layer.frozen && layer.parameters > 0;

/** Whether a layer's output is memory of its own; otherwise it is its input's under another shape. */
function ownsOutput(layer: NetworkLayer): boolean {
  const spec = layerSpec(layer.type);
  return !layer.bypassed && spec.view !== true && spec.outputs.length > 0;
}

/** Bytes of one number; text has none that are known. */
const elementBytes: { readonly [E in ElementType]: number } = { float32: 4, float64: 8, float16: 2, bfloat16: 2, uint8: 1, int8: 1, uint16: 2, int16: 2, uint32: 4, int32: 4, uint64: 8, int64: 8, bool: 1, string: 0 };

/** Bytes of a layer's outputs for one batch; 0 where the output is its input's memory. */
export const activationBytes = (layer: NetworkLayer, batchSize: number): number => (ownsOutput(layer) ? layer.types.reduce((n, t) => n + elementBytes[t.element] * elementCount(tensorTypeOf(t, batchSize).shape), 0) : 0);

/**
 * Ids of the layers whose output must live until the backward pass: those that a gradient passes through (a trained weight lies
 * in them or before them), and those that feed one. What lies before the first trained weight is free again at once.
 */
export function keptOutputs(network: Network): ReadonlySet<string> {
  const passed = new Set<string>();
  const kept = new Set<string>();
  for (const layer of network.layers) {
    if (!trains(layer) && !layer.inputs.some((id) => passed.has(id))) continue;
    passed.add(layer.id);
    kept.add(layer.id);
    for (const id of layer.inputs) kept.add(id);
  }
  return kept;
}

/**
 * The memory one training step holds, counted in 32-bit numbers: weights, gradients, optimiser state, and every kept output
 * once. Scratch space of the kernels, copies in other layouts and the runtime itself come on top; a library that writes
 * activations over their inputs needs less.
 */
export function trainingMemory(network: Network, { batchSize, optimizer, ema = false }: MemoryOptions): TrainingMemory {
  const sum = (pick: (l: NetworkLayer) => number) => network.layers.reduce((n, l) => n + pick(l), 0);
  const trained = sum((l) => (l.frozen ? 0 : l.parameters));
  const kept = keptOutputs(network);
  const weights = FLOAT_BYTES * sum((l) => l.weights.reduce((n, w) => n + elementCount(w.shape), 0));
  const gradients = FLOAT_BYTES * trained;
  const state = FLOAT_BYTES * trained * (optimizerCopies(optimizer) + (ema ? 1 : 0));
  const activations = sum((l) => (kept.has(l.id) ? activationBytes(l, batchSize) : 0));
  return { weights, gradients, optimizer: state, activations, total: weights + gradients + state + activations };
}
