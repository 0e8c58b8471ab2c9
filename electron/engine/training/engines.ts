/** Which engine trains on which device: the one place that knows. */
import type { DeviceId } from '../runtime/session.ts';
import { createTensorflowEngine } from '../tensorflow/engine.ts';
import { loadTensorflow } from '../tensorflow/load.ts';
import type { TrainingDevice, TrainingEngine } from './engine.ts';
import { createOnnxEngine } from './onnx-engine.ts';

const onnx = (device: DeviceId) => (): TrainingEngine => createOnnxEngine(device);

const engines: { readonly [D in TrainingDevice]: () => TrainingEngine } = {
  cpu: onnx('cpu'),
  webgpu: onnx('webgpu'),
  cuda: onnx('cuda'),
  dml: onnx('dml'),
  coreml: onnx('coreml'),
  tensorflow: () => createTensorflowEngine(loadTensorflow),
};

/** The engine of a device; nothing is loaded before it opens a session. */
export const engineOf = (device: TrainingDevice): TrainingEngine => engines[device]();
