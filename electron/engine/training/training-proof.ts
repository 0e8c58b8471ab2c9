/** Trains a few steps with an exported step from disk and compares the losses with the engine's own. */
import { readFile } from 'node:fs/promises';
import type { Network } from '../../../shared/compile/network.ts';
import type { Tensor } from '../../../shared/onnx/ir.ts';
import type { TrainingConfig } from '../../../shared/training/config.ts';
import type { Dataset } from '../datasets/dataset.ts';
import { decodeSafetensors } from '../projects/safetensors.ts';
import { ForeignSession } from '../runtime/foreign.ts';
import { batchOf, encodingOf } from './batches.ts';
import type { TrainingEngine, Weights } from './engine.ts';
import { CANCEL, DONE } from './export-proof.ts';
import { noiseOf } from './noise.ts';

export const PROOF_STEPS = 5;

export interface TrainingProofOptions<D = Dataset> {
  readonly network: Network;
  readonly weights: Weights;
  readonly config: TrainingConfig;
  readonly dataset: D;
  /** Samples to train on, in order; taken from the beginning again where they end. */
  readonly samples: readonly number[];
  /** The model, and the file of first values. */
  readonly model: string;
  readonly tensors: string;
  readonly control: Int32Array;
}

/** Losses of the steps, by the engine and by the file. */
export interface TrainingProofAnswer { readonly here: readonly number[]; readonly there: readonly number[] }

/** Null when it was cancelled. Throws engine.load when the file cannot be loaded, engine.run when it does not run. */
export async function proveTraining(engine: TrainingEngine, o: TrainingProofOptions): Promise<TrainingProofAnswer | null> {
  const { config, dataset, samples, control } = o;
  const input = encodingOf(dataset);
  const batches = Array.from({ length: PROOF_STEPS }, (_, k) => batchOf(dataset, Array.from({ length: config.batchSize }, (_x, i) => samples[(k * config.batchSize + i) % samples.length] as number)));
  const session = await engine.open(o.network, config, o.weights, input);
  const here: number[] = [];
  try {
    for (const batch of batches) here.push((await session.step(batch, config.learningRate)).loss);
  } finally {
    await session.dispose();
  }
  const file = await ForeignSession.open(o.model);
  const there: number[] = [];
  try {
    const carried = new Map<string, Tensor>([...decodeSafetensors(await readFile(o.tensors)).tensors].map(([name, t]) => [name, { element: 'float32', ...t }]));
    const number = (value: number): Tensor => ({ element: 'float32', shape: [], data: Float32Array.of(value) });
    const wanted = new Set(file.inputs.map((v) => v.name));
    for (const [k, batch] of batches.entries()) {
      if (Atomics.load(control, CANCEL) !== 0) return null;
      const fed: [string, Tensor][] = [
        ['data', { element: input.element, shape: [batch.size, ...dataset.shape], data: batch.inputs }],
        ['labels', { element: 'int32', shape: shapeOf(file, 'labels'), data: batch.targets }],
        ['learning_rate', number(config.learningRate)], ['step', number(k + 1)],
        ['noise', { element: 'float32', shape: [4], data: noiseOf(config.seed, k + 1) }],
      ];
      const outputs = await file.run(new Map([...fed, ...carried].filter(([name]) => wanted.has(name))));
      there.push(Number(outputs.get('loss')?.data[0] ?? NaN));
      for (const [name, t] of outputs) if (name.startsWith('new:')) carried.set(name.slice('new:'.length), t);
      Atomics.add(control, DONE, 1);
    }
  } finally {
    await file.dispose();
  }
  return { here, there };
}

const shapeOf = (file: ForeignSession, name: string): number[] => (file.inputs.find((v) => v.name === name)?.shape ?? []).map((d) => d ?? 1);
