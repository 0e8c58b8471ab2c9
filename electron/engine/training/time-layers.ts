/** Times one training step layer by layer: the real step graph, on random data, under the runtime's profiler. */
import { lowerForward } from '../../../shared/compile/lower.ts';
import { opsetsOf } from '../../../shared/compile/opsets.ts';
import type { Network } from '../../../shared/compile/network.ts';
import { initialWeights } from '../../../shared/compile/weights.ts';
import type { LayerTimings } from '../../../shared/protocol/values.ts';
import { elementCount } from '../../../shared/shapes/shape.ts';
import type { TrainingConfig } from '../../../shared/training/config.ts';
import { legalise } from '../autodiff/legalise.ts';
import { buildStepGraph, type StepGraph } from '../autodiff/step-graph.ts';
import { layerTimings } from '../insight/layer-timings.ts';
import { encodeModel } from '../onnx-io/model.ts';
import { cpuBlock } from '../runtime/blocks.ts';
import { profileRuns } from '../runtime/profile.ts';
import { tensor, type Feeds } from '../runtime/session.ts';
import { plainLoss } from './class-weights.ts';

/** Steps whose median counts; the first run beside them still fetches its memory. */
const STEPS = 5;
/** A step this slow is measured by fewer. */
const SLOW_MS = 2000;

/** The graph that a run on the CPU would step with. */
export async function stepGraphOnCpu(network: Network, config: TrainingConfig): Promise<StepGraph> {
  const lowered = lowerForward(network, { batch: config.batchSize, training: true, keepStatistics: config.keepStatistics });
  const { loss, ...rest } = config;
  return buildStepGraph({ ...lowered, graph: legalise(lowered.graph, 'cpu') }, {
    ...rest, precision: 'float32', accumulation: null, loss: plainLoss(loss), device: 'cpu', block: await cpuBlock(), input: { element: 'float32', offset: 0, scale: 1 },
  });
}

/** Numbers that repeat, without a pattern that a kernel could profit from. */
const noise = (n: number): Float32Array => Float32Array.from({ length: n }, (_, i) => ((i * 2654435761) >>> 0) / 2 ** 32);

function feedsOf({ graph }: StepGraph, network: Network, seed: number): Feeds {
  const weights = initialWeights(network, seed);
  const scalars: Readonly<Record<string, number>> = { learning_rate: 1e-6, step: 1 };
  return Object.fromEntries(graph.inputs.map(({ name, type: { element, shape } }) => {
    const n = elementCount(shape);
    if (element === 'int32') return [name, tensor('int32', new Int32Array(n), shape)];
    const own = weights.get(name)?.data ?? (name === 'data' ? noise(n) : name === 'noise' ? Float32Array.from({ length: n }, (_, i) => 7 + i) : new Float32Array(n).fill(scalars[name] ?? 0));
    return [name, tensor('float32', own, shape)];
  }));
}

/** Median milliseconds by layer. Throws as a session does. */
export async function timeLayers(network: Network, config: TrainingConfig): Promise<LayerTimings> {
  const step = await stepGraphOnCpu(network, config);
  const feeds = feedsOf(step, network, config.seed);
  const model = encodeModel(step.graph, { opsets: opsetsOf(network) });
  const fetches = Object.fromEntries(step.graph.outputs.map(({ name, type: { shape } }) => [name, tensor('float32', new Float32Array(elementCount(shape)), shape)]));
  const first = await profileRuns(model, 2, feeds, fetches);
  const slow = (first.runs[1] ?? 0) > SLOW_MS;
  const profile = slow ? first : await profileRuns(model, STEPS + 1, feeds, fetches);
  // The second load finds the first one's memory still with the process.
  return layerTimings({ ...profile, memory: Math.max(first.memory, profile.memory) }, network.layers.map((l) => l.id), config.batchSize);
}
