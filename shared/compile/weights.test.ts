/** Starts by their moments, orthonormal rows, and seeds that do not meet. */
import { describe, expect, it } from 'vitest';
import type { LayerType } from '../layers/table.ts';
import { Sketch } from '../templates/build.ts';
import { compile } from './compile.ts';
import { initialWeights } from './weights.ts';

function kernelOf(initializer: string, activation = 'none', seed = 3, before = false): { data: Float32Array; fanIn: number; fanOut: number } {
  const s = new Sketch();
  const start = s.add('input', { kind: 'image', height: 8, width: 8, channels: 16 }, []);
  const from = before ? s.add('batch-norm', {}, [start]) : start;
  s.add('output', {}, [s.add('conv2d', { filters: 64, kernel: [3, 3], initializer, activation, bias: false }, [from])]);
  const { network } = compile(s.document('w', 'test'));
  const name = network.layers.find((l) => l.type === 'conv2d')?.weights[0]?.fullName as string;
  return { data: initialWeights(network, seed).get(name)?.data as Float32Array, fanIn: 16 * 9, fanOut: 64 * 9 };
}
const mean = (v: Float32Array) => v.reduce((s, x) => s + x, 0) / v.length;
const variance = (v: Float32Array) => v.reduce((s, x) => s + x * x, 0) / v.length - mean(v) ** 2;

describe('initial weights', () => {
  it.each([
    ['he-normal', (i: number) => 2 / i], ['he-uniform', (i: number) => 2 / i], ['lecun-normal', (i: number) => 1 / i],
    ['glorot-normal', (i: number, o: number) => 2 / (i + o)], ['glorot-uniform', (i: number, o: number) => 2 / (i + o)], ['truncated-normal', () => 0.02 ** 2 * 0.7737],
  ] as const)('%s has mean 0 and its variance', (kind, wanted) => {
    const { data, fanIn, fanOut } = kernelOf(kind);
    const v = wanted(fanIn, fanOut);
    // 9,216 numbers: four standard errors of the mean and of the variance.
    expect(Math.abs(mean(data))).toBeLessThan(4 * Math.sqrt(v / data.length));
    expect(variance(data) / v).toBeGreaterThan(1 - 4 * Math.sqrt(2 / data.length));
    expect(variance(data) / v).toBeLessThan(1 + 4 * Math.sqrt(2 / data.length));
  });

  it('uniform starts end at √3 deviations, truncated ones at two', () => {
    const { data, fanIn } = kernelOf('he-uniform');
    expect(Math.max(...data.map(Math.abs))).toBeLessThanOrEqual(Math.sqrt(6 / fanIn));
    expect(Math.max(...kernelOf('truncated-normal').data.map(Math.abs))).toBeLessThanOrEqual(0.04 + 1e-9);
  });

  it('orthogonal rows have length 1 and meet at right angles', () => {
    const { data } = kernelOf('orthogonal');
    const row = (i: number) => data.subarray(i * 144, (i + 1) * 144);
    for (const [i, j] of [[0, 0], [63, 63], [0, 1], [5, 60]] as const) {
      expect(row(i).reduce((s, x, k) => s + x * (row(j)[k] as number), 0)).toBeCloseTo(i === j ? 1 : 0, 5);
    }
  });

  it('automatic takes LeCun before SELU, He before ReLU, Glorot before sigmoid', () => {
    for (const [activation, kind] of [['selu', 'lecun-normal'], ['relu', 'he-normal'], ['sigmoid', 'glorot-uniform']] as const) expect(kernelOf('auto', activation).data).toEqual(kernelOf(kind, activation).data);
  });

  it('automatic looks past norms and pools for the activation that follows', () => {
    const kernel = (type: 'dense' | 'conv2d', initializer: string, behind: readonly (readonly [LayerType, Record<string, unknown>?])[]) => {
      const s = new Sketch();
      const start = s.add('input', type === 'dense' ? { kind: 'vector', channels: 20 } : { kind: 'image', height: 8, width: 8, channels: 2 }, []);
      const first = s.add(type, { initializer, ...(type === 'dense' ? { units: 20 } : { filters: 4, padding: 'same' }) }, [start], 'first');
      s.add('output', { task: 'regression' }, [s.chain(first, behind.map(([layer, params]) => [layer, params ?? {}] as const))]);
      return initialWeights(compile(s.document('w', 'test')).network, 3).get('first-1.kernel')?.data;
    };
    expect(kernel('dense', 'auto', [['relu']])).toEqual(kernel('dense', 'he-normal', [['relu']]));
    expect(kernel('dense', 'auto', [['batch-norm'], ['dropout'], ['leaky-relu']])).toEqual(kernel('dense', 'he-normal', [['batch-norm'], ['dropout'], ['leaky-relu']]));
    expect(kernel('dense', 'auto', [['softmax']])).toEqual(kernel('dense', 'glorot-uniform', [['softmax']]));
    expect(kernel('dense', 'auto', [['dense', { activation: 'relu' }]])).toEqual(kernel('dense', 'glorot-uniform', [['dense', { activation: 'relu' }]]));
    expect(kernel('conv2d', 'auto', [['max-pool'], ['tanh']])).toEqual(kernel('conv2d', 'glorot-uniform', [['max-pool'], ['tanh']]));
    expect(kernel('conv2d', 'auto', [['group-norm', { groups: 2 }], ['selu']])).toEqual(kernel('conv2d', 'lecun-normal', [['group-norm', { groups: 2 }], ['selu']]));
  });

  it('constant and zeros are what they say', () => {
    expect(new Set(kernelOf('zeros').data)).toEqual(new Set([0]));
    expect(new Set(kernelOf('constant').data)).toEqual(new Set([Math.fround(0.01)]));
  });

  it('depend on the seed and the own name, not on other layers', () => {
    expect(kernelOf('he-normal', 'none', 3, true).data).toEqual(kernelOf('he-normal').data);
    expect(kernelOf('he-normal', 'none', 4).data).not.toEqual(kernelOf('he-normal').data);
  });
});
