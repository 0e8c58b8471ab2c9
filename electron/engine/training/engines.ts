/** Which engine trains on which device: the one place that knows. */
import type { Network } from '../../../shared/compile/network.ts';
import type { Diagnostic } from '../../../shared/diagnostics/diagnostic.ts';
import type { TrainingConfig } from '../../../shared/training/config.ts';
import type { DeviceId } from '../runtime/session.ts';
import { createTensorflowEngine } from '../tensorflow/engine.ts';
import { loadTensorflow } from '../tensorflow/load.ts';
import { refusals } from '../tensorflow/refusals.ts';
import type { TrainingDevice, TrainingEngine } from './engine.ts';
import { createOnnxEngine } from './onnx-engine.ts';

interface EngineRow {
  create(): TrainingEngine;
  /** What this engine cannot train of the net or its configuration; known without starting anything. */
  refusals(network: Network, config: TrainingConfig): readonly Diagnostic[];
}

const onnx = (device: DeviceId): EngineRow => ({ create: () => createOnnxEngine(device), refusals: () => [] });

const engines: { readonly [D in TrainingDevice]: EngineRow } = {
  cpu: onnx('cpu'),
  webgpu: onnx('webgpu'),
  cuda: onnx('cuda'),
  dml: onnx('dml'),
  coreml: onnx('coreml'),
  tensorflow: { create: () => createTensorflowEngine(loadTensorflow), refusals },
};

/** The engine of a device; nothing is loaded before it opens a session. */
export const engineOf = (device: TrainingDevice): TrainingEngine => engines[device].create();

/** What a device would not train, before it is tried. */
export const refusalsOf = (device: TrainingDevice, network: Network, config: TrainingConfig): readonly Diagnostic[] => engines[device].refusals(network, config);
