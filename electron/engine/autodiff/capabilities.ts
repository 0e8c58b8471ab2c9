/** What each device cannot compute: one table, which rules and rewritings read. Measured on onnxruntime-node 1.30 by the placement test. */
import { attribute, type Node } from '../../../shared/onnx/ir.ts';
import type { DeviceKind } from './rule.ts';

/** Standard operators without a kernel in the device's provider: the runtime would run them on the CPU, with a copy each way. */
export const lacking: Readonly<Record<DeviceKind, ReadonlySet<string>>> = {
  cpu: new Set(),
  webgpu: new Set([
    'LogSoftmax', 'Sign', 'Selu', 'Celu', 'Softsign', 'Round', 'Sum', 'Mean', 'IsNaN', 'LRN', 'LpPool', 'GroupNormalization', 'SpaceToDepth', 'OneHot', 'MaxUnpool', 'Hardmax', 'RandomNormal',
    'RandomUniform', 'Bernoulli',
  ]),
};

/**
 * Whether a kernel exists but answers wrongly. WebGPU: ConvTranspose with several input channels and one output channel a group
 * (seen on Dawn with software Vulkan; the placement test asks again with each version).
 */
export function broken(device: DeviceKind, node: Node, shapeOf: (name: string) => readonly number[]): boolean {
  if (device !== 'webgpu' || node.op !== 'ConvTranspose') return false;
  const [inputs, outputsPerGroup] = shapeOf(node.inputs[1] as string) as [number, number];
  const group = attribute(node, 'group', 'int', 1);
  return group > 1 && outputsPerGroup === 1 && inputs > group;
}
