/** Every layer on both engines: the same loss, the same gradients and statistics, the same maps. */
import { describe, expect, it } from 'vitest';
import { refusals } from '../../../shared/analysis/refusals.ts';
import { compile } from '../../../shared/compile/compile.ts';
import { defaultParams, layerTypes, type LayerType } from '../../../shared/layers/table.ts';
import { Sketch } from '../../../shared/templates/build.ts';
import { abilities } from './abilities.ts';
import { differencesOf, trainedForward, type Case } from './layers.harness.ts';

const of = (type: LayerType, params: Record<string, unknown> = {}, rest: Omit<Case, 'type' | 'params'> = {}): Case => ({ type, params, ...rest });
const twice: Case['draw'] = (s, x, probe) => probe(x, s.add('leaky-relu', { slope: 0.3 }, [x]), s.add('tanh', {}, [x]));
/** Room for windows of two, so that pools that overhang are seen. */
const odd = [3, 7, 5];
const line = [3, 7];
const volume = [2, 3, 4, 3];

const cases: readonly Case[] = [
  of('conv2d', { filters: 5, padding: 'same', activation: 'tanh' }), of('conv2d', { filters: 5, kernel: [2, 3], stride: [2, 1] }), of('conv2d', { filters: 5, stride: [3, 2], padding: 'same', bias: false }, { input: odd }),
  of('conv2d', { filters: 6, groups: 2, padding: 'same', activation: 'relu' }), of('conv2d', { filters: 4, groups: 4, kernel: [3, 2] }), of('conv2d', { filters: 4, dilation: [2, 2] }, { input: odd }), of('conv2d', { filters: 4, kernel: [2, 2], dilation: [2, 1], stride: [1, 2], padding: 'same' }, { input: odd }),
  of('conv2d', { filters: 4, groups: 2, dilation: [1, 2], stride: [2, 2], padding: 'same' }, { input: odd }), of('conv2d', { filters: 4, padding: 'full' }), of('conv2d', { filters: 4, padding: 'explicit', edges: [2, 0, 1, 1], stride: [2, 1] }),
  // One column is left: its stride means nothing.
  of('conv2d', { filters: 4, kernel: [2, 4], stride: [1, 3] }), of('conv2d', { filters: 4, kernel: [4, 3], stride: [4, 2], padding: 'same', groups: 2 }, { input: [3, 4, 5] }), of('depthwise-conv', { kernel: [2, 3], stride: [1, 3], dilation: [2, 2], padding: 'explicit', edges: [1, 0, 1, 1] }),
  // Kernels of one place that skip places.
  ...(['valid', 'same', 'explicit'] as const).map((padding) => of('conv2d', { filters: 5, kernel: [1, 1], stride: [2, 3], padding, edges: [1, 0, 0, 2] }, { input: odd })), of('conv2d', { filters: 4, kernel: [1, 1], stride: [2, 2], groups: 2 }), of('depthwise-conv', { kernel: [1, 1], stride: [2, 2] }), of('conv1d', { filters: 4, kernel: 1, stride: 2 }, { input: line }),
  ...(['valid', 'same', 'explicit'] as const).map((padding) => of('conv-transpose', { filters: 4, kernel: [1, 1], stride: [2, 3], padding, edges: [0, 1, 1, 0], outputPadding: [1, 1] })),
  of('conv1d', { filters: 4, stride: 2, padding: 'same' }, { input: line }), of('conv1d', { filters: 4, dilation: 2, activation: 'gelu' }, { input: line }),
  of('conv3d', { filters: 3, depth: 2, kernel: [3, 2], padding: 'same' }, { input: volume }), of('conv3d', { filters: 3, depth: 2, kernel: [2, 2], strideDepth: 2, stride: [1, 2] }, { input: volume }),
  of('depthwise-conv', { multiplier: 2, padding: 'same', activation: 'silu' }), of('depthwise-conv', { stride: [2, 1] }), of('depthwise-conv', { dilation: [2, 2], multiplier: 2 }, { input: odd }), of('depthwise-conv', { stride: [2, 2], padding: 'explicit', edges: [1, 0, 0, 2] }),
  of('separable-conv', { filters: 5, multiplier: 2, activation: 'hard-swish' }), of('separable-conv', { filters: 5, stride: [1, 2], dilation: [2, 1] }, { input: odd }),
  of('conv-transpose', { filters: 4 }), of('conv-transpose', { filters: 4, kernel: [2, 3], stride: [1, 2], padding: 'valid' }), of('conv-transpose', { filters: 4, kernel: [2, 2], stride: [3, 3] }), of('conv-transpose', { filters: 4, kernel: [4, 3], stride: [2, 2], padding: 'explicit', edges: [1, 0, 2, 1], outputPadding: [1, 0] }),
  of('max-pool'), of('max-pool', { kernel: [3, 3], padding: 'same' }), of('max-pool', { kernel: [3, 2], padding: 'explicit', edges: [1, 1, 2, 0] }), of('max-pool', { kernel: [2, 2], padding: 'full' }),
  of('average-pool'), of('average-pool', { kernel: [3, 3], padding: 'same' }, { input: odd }), of('average-pool', { kernel: [3, 3], padding: 'same', countPadding: true }), of('average-pool', { kernel: [3, 2], padding: 'explicit', edges: [1, 1, 2, 0] }),
  // What rounding up at the end means here: a window that overhangs the last row and column.
  of('max-pool', { kernel: [2, 2], padding: 'explicit', edges: [0, 1, 1, 0] }, { input: odd }), of('average-pool', { kernel: [2, 2], padding: 'explicit', edges: [0, 1, 1, 0] }, { input: odd }),
  of('sum-pool'), of('sum-pool', { kernel: [3, 3], padding: 'same' }), of('max-pool-1d', { kernel: 3, padding: 'same' }, { input: line }), of('max-pool-1d', {}, { input: line }), of('average-pool-1d', { kernel: 3, padding: 'same' }, { input: line }), of('average-pool-1d', {}, { input: line }),
  of('global-average-pool'), of('global-average-pool', {}, { input: line }), of('global-average-pool', {}, { input: volume }), of('global-max-pool'), of('global-max-pool', {}, { input: line }), of('global-max-pool', {}, { input: volume }),
  of('upsample', { factor: [2, 3] }), of('upsample', { factor: [2, 3], mode: 'bilinear' }), of('pixel-shuffle'),
  of('dense', { units: 5, activation: 'elu' }, { input: [6] }), of('dense', { units: 5, bias: false, activation: 'softmax' }, { input: [6] }), of('flatten'), of('flatten', {}, { input: volume }),
  of('reshape', { to: 'sequence', channels: 8, length: 15 }), of('reshape', { to: 'image', channels: 2, height: 3, width: 20 }), of('reshape', { to: 'volume', channels: 2, depth: 3, height: 4, width: 5 }), of('reshape', { to: 'image', channels: 1, height: 2, width: 2 }, { input: [6] }),
  ...['cwh', 'hcw', 'hwc', 'wch', 'whc'].map((order) => of('permute', { order })), of('zero-pad', { edges: [1, 0, 2, 1] }), of('zero-pad', { edges: [0, 1, 0, 0], front: 2, back: 1 }), of('crop', { edges: [0, 1, 1, 2] }),
  of('channel-slice', { parts: 2, part: 2 }), of('channel-shuffle', { groups: 2 }), of('channel-shuffle', { groups: 2 }, { input: line }),
  of('tokens'), of('class-token', {}, { input: line }), of('position-embedding', {}, { input: line }), of('position-embedding'), of('take-token', { index: 2 }, { input: line }),
  of('split-heads', { heads: 2 }, { input: line }), of('join-heads'),
  of('matmul', { transposeSecond: true, scale: 'root' }, { input: line, draw: (s, x, probe) => probe(x, s.add('tanh', {}, [x])) }), of('matmul', { transposeFirst: true }, { draw: (s, x, probe) => probe(x, s.add('tanh', {}, [x])) }),
  ...(['relu', 'relu6', 'leaky-relu', 'prelu', 'elu', 'selu', 'gelu', 'silu', 'hard-swish', 'mish', 'softplus', 'sigmoid', 'hard-sigmoid', 'tanh', 'softmax'] as const).map((type) => of(type)),
  of('leaky-relu', { slope: 0.3 }), of('elu', { alpha: 0.5 }), of('prelu', { shared: 'all' }), of('prelu', {}, { input: [6] }), of('prelu', {}, { input: line }), of('softmax', { over: 'rows' }), of('softmax', {}, { input: [6] }), of('softmax', {}, { input: line }), of('gelu', { approximate: true }),
  of('batch-norm'), of('batch-norm', {}, { input: [6] }), of('batch-norm', {}, { input: line }), of('batch-norm', {}, { frozen: true }), of('batch-norm', {}, { config: { keepStatistics: true } }), of('batch-norm', { epsilon: 0.1, momentum: 0.5 }, { input: volume }),
  of('layer-norm'), of('layer-norm', { over: 'channels' }), of('layer-norm', {}, { input: [6] }), of('group-norm', { groups: 2 }), of('instance-norm'), of('lrn', { size: 3, bias: 2, alpha: 0.5 }), of('lrn', { size: 5, alpha: 1 }),
  of('dropout', { rate: 0.4 }), of('dropout', { rate: 0.4 }, { input: [6] }), of('spatial-dropout', { rate: 0.4 }), of('spatial-dropout', { rate: 0.4 }, { input: line }),
  of('stochastic-depth', { rate: 0.5 }, { draw: (s, x, probe) => s.add('add', {}, [x, probe(s.add('tanh', {}, [x]))]) }), of('layer-scale'), of('layer-scale', {}, { input: [6] }), of('rescale', { mean: [0.1, 0.2, 0.3, 0.4], deviation: [0.5, 0.6, 0.7, 0.8] }),
  ...(['add', 'multiply', 'average', 'maximum', 'concat'] as const).flatMap((type) => [of(type, {}, { draw: twice }), of(type, {}, { draw: twice, input: [6] })]),
  of('multiply', {}, { draw: (s, x, probe) => probe(x, s.add('sigmoid', {}, [s.add('global-average-pool', {}, [x])])) }),
  of('squeeze-excite', { ratio: 2 }), of('squeeze-excite', { ratio: 2 }, { input: line }),
  of('auxiliary-output', {}, { draw: (s, x, probe) => (probe(s.add('dense', { units: 3, activation: 'none' }, [s.add('global-average-pool', {}, [x])])), x) }),
  // A layer that is whole on the other engine, frozen: nothing of it moves, and what lies before it learns through it.
  of('conv2d', { filters: 4, activation: 'sigmoid' }, { frozen: true }), of('conv2d', { filters: 4, groups: 2 }, { frozen: true }),
];
/** Bends and equal numbers: who takes the gradient where several could, or where a function has none. */
const even: readonly Case[] = [
  ...(['relu', 'relu6', 'leaky-relu', 'prelu', 'elu', 'selu', 'hard-swish', 'hard-sigmoid', 'max-pool', 'global-max-pool', 'layer-norm', 'softmax'] as const).map((type) => of(type, {}, { even: true })),
  of('conv2d', { filters: 4, kernel: [1, 1], activation: 'relu6' }, { even: true }), of('max-pool', { kernel: [3, 3], stride: [1, 1], padding: 'same' }, { even: true }), of('max-pool', { kernel: [3, 2], padding: 'explicit', edges: [1, 1, 2, 0] }, { even: true }),
  of('max-pool-1d', { kernel: 3, padding: 'same' }, { input: line, even: true }), of('global-max-pool', {}, { input: line, even: true }), of('global-max-pool', {}, { input: volume, even: true }),
  of('maximum', {}, { even: true, draw: (s, x, probe) => probe(x, s.add('relu', {}, [x]), s.add('permute', { order: 'cwh' }, [s.add('permute', { order: 'cwh' }, [x])])) }),
];
const ends: readonly LayerType[] = ['input', 'output'];
const refused = layerTypes.filter((type) => refusals(netOfOne(type), { precision: 'float32' }, { id: 'tensorflow', trains: abilities }).length > 0);

/** A net of one layer of this type, for what only looks at types. */
function netOfOne(type: LayerType): Parameters<typeof refusals>[0] {
  const layer = { id: type, name: type, type, params: defaultParams(type), inputs: [], inputShapes: [], shape: [], types: [], arithmetic: [], weights: [], parameters: 0, parameterArithmetic: '', macs: 0, receptiveField: null, frozen: false, bypassed: false } as const;
  return { name: '', parameters: 0, macs: 0, layers: [layer] };
}

describe('both engines', () => {
  it('have every layer, or refuse it before anything starts', () => {
    expect(layerTypes.filter((type) => !ends.includes(type) && !refused.includes(type) && !cases.some((c) => c.type === type))).toEqual([]);
  });

  it.each(cases.map((c) => [c.type, JSON.stringify(c.params ?? {}), (c.input ?? []).join('×'), c] as const))('%s %s %s', async (_type, _params, _input, c) => {
    expect(await differencesOf(c)).toEqual({});
  });

  it.each(even.map((c) => [c.type, JSON.stringify(c.params ?? {}), (c.input ?? []).join('×'), c] as const))('agree at bends and between equals: %s %s %s', async (_type, _params, _input, c) => {
    expect(await differencesOf(c)).toEqual({});
  });

  it.each(['dropout', 'spatial-dropout', 'stochastic-depth'] as const)('draw the same masks to the last bit: %s', async (type) => {
    const s = new Sketch();
    s.add('output', {}, [s.add(type, { rate: 0.3 }, [s.add('input', { kind: 'image', channels: 40, height: 6, width: 5 }, [])])]);
    const { network } = compile(s.document('probe', 'test'));
    const kept = new Set<string>();
    for (const step of [1, 2, 3]) {
      const [ours, theirs] = await trainedForward(network, new Float32Array(3 * 40 * 6 * 5).fill(1), step);
      expect(theirs).toEqual(ours);
      expect(new Set(ours).size).toBeLessThanOrEqual(2);
      kept.add(ours.join());
    }
    expect(kept.size).toBeGreaterThan(1);
  });
});
