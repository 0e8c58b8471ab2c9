/** Node names of a step lead back to layers, in whatever layout and on whatever device they were lowered for. */
import { describe, expect, it } from 'vitest';
import { compile } from '../../../shared/compile/compile.ts';
import { lowerForward } from '../../../shared/compile/lower.ts';
import type { Network } from '../../../shared/compile/network.ts';
import { Sketch } from '../../../shared/templates/build.ts';
import { TrainingConfigSchema } from '../../../shared/training/config.ts';
import { legalise } from '../autodiff/legalise.ts';
import type { DeviceKind } from '../autodiff/rule.ts';
import { buildStepGraph } from '../autodiff/step-graph.ts';
import { layerTimings, ownerOf } from '../insight/layer-timings.ts';
import { plainLoss } from './class-weights.ts';
import { timeLayers } from './time-layers.ts';

/** Every kind of work in one small net: convolutions of all sorts, norms, pools, branches, products. */
function mixed(width: number): Network {
  const s = new Sketch();
  const bare = (filters: number, more: Readonly<Record<string, unknown>> = {}) => ['conv2d', { filters, kernel: [3, 3], padding: 'same', bias: false, ...more }] as const;
  const stem = s.chain(null, [['input', { kind: 'image', height: 16, width: 16, channels: 3 }], bare(width), ['batch-norm', {}], ['relu', {}]]);
  const body = s.chain(stem, [bare(width), ['batch-norm', {}], ['relu', {}], ['depthwise-conv', { padding: 'same' }], ['batch-norm', {}]]);
  const sum = s.chain(s.add('add', {}, [body, stem]), [['relu', {}], ['max-pool', {}], bare(2 * width, { groups: 2 }), ['batch-norm', {}], ['relu', {}], ['dropout', {}]]);
  const up = s.add('conv-transpose', { filters: width, kernel: [2, 2], stride: [2, 2] }, [sum]);
  s.chain(s.add('concat', {}, [stem, up]), [bare(width), ['average-pool', {}], ['global-average-pool', {}], ['dense', { units: 32, activation: 'relu' }], ['dense', { units: 10, activation: 'softmax' }], ['output', {}]]);
  return compile(s.document('mixed', 'test')).network;
}
const config = TrainingConfigSchema.parse({ batchSize: 8, optimizer: { kind: 'sgd', momentum: 0.9 } });

/** The work that layers are there for. */
const heavy = new Set(['Conv', 'ConvTranspose', 'Gemm', 'MatMul', 'MaxPool', 'AveragePool', 'GlobalAveragePool', 'BatchNormalization', 'ReorderInput', 'ReorderOutput']);

describe('owners of a step', () => {
  const owned = (width: number, device: DeviceKind, block: number | null) => {
    const network = mixed(width);
    const lowered = lowerForward(network, { batch: 8, training: true });
    const { loss, ...rest } = config;
    const { graph } = buildStepGraph({ ...lowered, graph: legalise(lowered.graph, device) }, { ...rest, precision: 'float32', accumulation: null, loss: plainLoss(loss), device, block, input: { element: 'float32', offset: 0, scale: 1 } });
    const ids = new Set(network.layers.map((l) => l.id));
    return { network, nodes: graph.nodes.map((n) => ({ op: n.op, owner: ownerOf(n.name, ids) })) };
  };

  it.each([[32, 'cpu', 16], [32, 'cpu', 8], [32, 'cpu', null], [6, 'cpu', 16], [32, 'webgpu', null]] as const)('%s maps on %s, blocks of %s', (width, device, block) => {
    const { network, nodes } = owned(width, device, block);
    expect(nodes.filter((n) => heavy.has(n.op) && n.owner === null)).toEqual([]);
    for (const layer of network.layers.filter((l) => l.parameters > 0)) {
      const passes = new Set(nodes.flatMap((n) => (n.owner?.layer === layer.id ? [n.owner.pass] : [])));
      expect([layer.id, ...[...passes].sort()]).toEqual([layer.id, 'backward', 'forward']);
    }
  });

  it('layers in groups are told from their groups, and a joined product from its parts', () => {
    const ids = new Set(['a', 'stage#2/a', 'stage#2/inner/conv-1']);
    expect(ownerOf('stage#2/a/Conv', ids)).toEqual({ layer: 'stage#2/a', pass: 'forward' });
    expect(ownerOf('grad/stage#2/inner/conv-1/Relu/Mul_3', ids)).toEqual({ layer: 'stage#2/inner/conv-1', pass: 'backward' });
    expect(ownerOf('fused a/Gemm', ids)).toEqual({ layer: 'a', pass: 'forward' });
    expect(ownerOf('a/Conv/gradient/Conv_blocked', ids)).toEqual({ layer: 'a', pass: 'backward' });
    expect([ownerOf('grad/ReduceSum/Expand', ids), ownerOf('update/a.kernel/Mul', ids), ownerOf('Transpose', ids)]).toEqual([null, null, null]);
  });
});

it('takes the median of the runs after the first, and what no layer owns apart', () => {
  const run = (conv: number, back: number, update: number) => [{ node: 'a/Conv', op: 'Conv', ms: conv }, { node: 'grad/a/Conv/MatMul', op: 'MatMul', ms: back }, { node: 'update/a.kernel/Sub', op: 'Sub', ms: update }];
  const timings = layerTimings({ runs: [99, 10, 30, 20], memory: 5, nodes: [...run(50, 50, 50), ...run(1, 4, 7), ...run(3, 6, 9), ...run(2, 5, 8)] }, ['a', 'b'], 4);
  expect(timings).toEqual({ batch: 4, device: 'cpu', steps: 3, layers: [{ layer: 'a', forward: 2, backward: 5 }, { layer: 'b', forward: 0, backward: 0 }], rest: 8, total: 20, memory: 5 });
});

it('times a real step: the layers account for it, each weighted one forward and backward', async () => {
  const network = mixed(32);
  const timings = await timeLayers(network, config);
  expect(timings.memory).toBeGreaterThan(0);
  const sum = timings.layers.reduce((n, l) => n + l.forward + l.backward, 0);
  expect(timings.layers.map((l) => l.layer)).toEqual(network.layers.map((l) => l.id));
  // Loss and optimiser are small beside three stages of convolutions.
  expect(sum).toBeGreaterThan(2 * timings.rest);
  expect(sum).toBeLessThan(timings.total * 1.5);
  const convolutions = network.layers.filter((l) => l.macs > 1e5).map((l) => timings.layers.find((t) => t.layer === l.id));
  for (const t of convolutions) expect(Math.min(t?.forward ?? 0, t?.backward ?? 0)).toBeGreaterThan(0);
});
