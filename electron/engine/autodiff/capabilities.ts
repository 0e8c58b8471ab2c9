/** What each device cannot compute: one table, which rules and rewritings read. Measured on onnxruntime-node 1.30 by the placement test. */
import { attribute, type Graph, type Node } from '../../../shared/onnx/ir.ts';
import type { DeviceKind } from './rule.ts';

const webgpu: ReadonlySet<string> = new Set([
  'LogSoftmax', 'Sign', 'Selu', 'Celu', 'Softsign', 'Round', 'Sum', 'Mean', 'IsNaN', 'LRN', 'LpPool', 'GroupNormalization', 'SpaceToDepth', 'OneHot', 'MaxUnpool', 'Hardmax', 'RandomNormal',
  'RandomUniform', 'Bernoulli',
]);

/** Standard operators without a kernel in the device's provider: the runtime would run them on the CPU, with a copy each way. */
export const lacking: Readonly<Record<DeviceKind, ReadonlySet<string>>> = {
  cpu: new Set(),
  webgpu,
  // Nobody has asked these: the plain operators that serve WebGPU are the likeliest to be there.
  cuda: webgpu, dml: webgpu, coreml: webgpu,
};

/** Devices whose half precision kernels are faster than their others; whether a card has them shows when it runs. */
export const halves: ReadonlySet<DeviceKind> = new Set(['webgpu', 'cuda', 'dml']);

/**
 * Whether a kernel exists but answers wrongly, or fails when it runs. `constantOf` gives the numbers of a constant, null for another
 * value. WebGPU, as seen on Dawn with software Vulkan (the placement test asks again with each version): ConvTranspose with several
 * input channels and one output channel a group, or of volumes; Conv of volumes in groups; Slice backwards from before the last place.
 */
export function broken(device: DeviceKind, node: Node, shapeOf: (name: string) => readonly number[], constantOf: (name: string) => readonly number[] | null = () => null): boolean {
  if (device !== 'webgpu') return false;
  if (node.op === 'Slice') return (constantOf(node.inputs[4] ?? '') ?? []).some((step) => step < 0);
  if (node.op !== 'ConvTranspose' && node.op !== 'Conv') return false;
  const weight = shapeOf(node.inputs[1] as string);
  const group = attribute(node, 'group', 'int', 1);
  if (weight.length > 4) return node.op === 'ConvTranspose' || group > 1;
  return node.op === 'ConvTranspose' && group > 1 && weight[1] === 1 && (weight[0] as number) > group;
}

/** Operators of a graph that a device is known not to have, each once, in the graph's order. */
export const unsupported = (graph: Graph, device: DeviceKind): string[] => [...new Set(graph.nodes.filter((n) => n.domain === '' && lacking[device].has(n.op)).map((n) => n.op))];
