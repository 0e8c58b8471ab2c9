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

/** What decides whether a node meets a failing kernel. */
interface Form { constant(i: number): readonly number[]; weight(): readonly number[]; readonly group: number }
const isVolume = (weight: readonly number[]): boolean => weight.length > 4;

/** As seen on Dawn with software Vulkan; the placement test asks again with each version. */
const webgpuFailing: Readonly<Record<string, (form: Form) => boolean>> = {
  /** Backwards from before the last place. */
  Slice: ({ constant }) => constant(4).some((step) => step < 0),
  /** Volumes in groups. */
  Conv: ({ weight, group }) => isVolume(weight()) && group > 1,
  /** Volumes; several input channels and one output channel a group. */
  ConvTranspose: ({ weight, group }) => isVolume(weight()) || (group > 1 && weight()[1] === 1 && (weight()[0] as number) > group),
};
const failing: Readonly<Record<DeviceKind, Readonly<Record<string, (form: Form) => boolean>>>> = { cpu: {}, webgpu: webgpuFailing, cuda: {}, dml: {}, coreml: {} };

/** Whether a kernel exists but answers wrongly, or fails when it runs. `constantOf` gives the numbers of a constant, null for another value. */
export function broken(device: DeviceKind, node: Node, shapeOf: (name: string) => readonly number[], constantOf: (name: string) => readonly number[] | null = () => null): boolean {
  const row = Object.hasOwn(failing[device], node.op) ? failing[device][node.op] : undefined;
  return row?.({ constant: (i) => constantOf(node.inputs[i] ?? '') ?? [], weight: () => shapeOf(node.inputs[1] as string), group: attribute(node, 'group', 'int', 1) }) ?? false;
}

/** Operators of a graph that a device is known not to have, each once, in the graph's order. */
export const unsupported = (graph: Graph, device: DeviceKind): string[] => [...new Set(graph.nodes.filter((n) => n.domain === '' && lacking[device].has(n.op)).map((n) => n.op))];
