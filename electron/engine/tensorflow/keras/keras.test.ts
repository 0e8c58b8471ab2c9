/** Weights across the border of layouts, and layers built from their configurations. */
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { compile } from '../../../../shared/compile/compile.ts';
import type { Network, NetworkLayer } from '../../../../shared/compile/network.ts';
import type { LayerType } from '../../../../shared/layers/table.ts';
import type { Shape } from '../../../../shared/shapes/shape.ts';
import { Sketch } from '../../../../shared/templates/build.ts';
import { fc } from '../../../../shared/util/properties.harness.ts';
import { createRandom } from '../../../../shared/util/random.ts';
import { channelsFirst, channelsLast, laidLast } from '../laid.ts';
import { buildWhole, isWhole } from './build.ts';
import { turningOf } from './turned.ts';

/** Input, the layer, and what its shape needs to be answered. */
function netOf(type: LayerType, params: Record<string, unknown>, [channels, ...rest]: Shape): Network {
  const s = new Sketch();
  const start = s.add('input', { kind: ['vector', 'sequence', 'image', 'volume'][rest.length], channels, length: rest[0] ?? 1, depth: rest[0] ?? 1, height: rest.at(-2) ?? 1, width: rest.at(-1) ?? 1 }, []);
  s.add('output', {}, [s.add(type, params, [start], 'probe')]);
  return compile(s.document('probe', 'test')).network;
}
const probeOf = (network: Network): NetworkLayer => network.layers[1] as NetworkLayer;
const drawn = (shape: readonly number[], seed: number): Float32Array => {
  const random = createRandom(seed);
  return Float32Array.from({ length: shape.reduce((a, d) => a * d, 1) }, () => random.normal());
};

beforeAll(async () => void (await tf.setBackend('cpu')));

describe('weights in TensorFlow’s layout', () => {
  const size = fc.integer({ min: 1, max: 4 });
  // A kernel of one place that skips places is not taken whole.
  const windows = { kernel: fc.tuple(size, size), filters: size, multiplier: size, stride: fc.constant([1, 1]) };
  const layers = fc.oneof(
    fc.record({ type: fc.constantFrom<LayerType>('conv2d', 'depthwise-conv', 'separable-conv', 'conv-transpose'), params: fc.record(windows), input: fc.tuple(size, fc.constant(4), fc.constant(4)) }),
    fc.record({ type: fc.constant<LayerType>('conv1d'), params: fc.record({ kernel: size, filters: size }), input: fc.tuple(size, fc.constant(4)) }),
    fc.record({ type: fc.constant<LayerType>('dense'), params: fc.record({ units: size }), input: fc.tuple(size) }),
    fc.record({ type: fc.constant<LayerType>('prelu'), params: fc.constant({}), input: fc.tuple(size, size, size) }),
  );
  const only = (type: LayerType, params: Record<string, unknown>) => Object.fromEntries(Object.entries(params).filter(([k]) => type.endsWith('-conv') ? type === 'separable-conv' || k !== 'filters' : k !== 'multiplier'));

  it('come back as they went, in the shape that the built layer has', () => {
    fc.assert(fc.property(layers, fc.nat(), ({ type, params, input }, seed) => tf.tidy(() => {
      const network = netOf(type, only(type, params), input as number[]);
      const whole = buildWhole(tf, network);
      for (const weight of probeOf(network).weights) {
        const turning = turningOf(tf, probeOf(network), weight);
        const data = drawn(weight.shape, seed);
        const theirs = turning.fromOurs(tf.tensor(data, [...weight.shape]));
        expect(theirs.shape).toEqual(whole.variables.get(weight.fullName)?.variable.shape);
        expect(theirs.shape).toEqual(turning.shape);
        const back = turning.toOurs(theirs);
        expect(back.shape).toEqual(weight.shape);
        expect(back.dataSync()).toEqual(data);
      }
      whole.dispose();
    })), { numRuns: 60 });
  });
});

/** y[f, i, j] = b[f] + Σ w[f, c, u, v] · x[c, i·s + u − top, j·s + v − left] with `groups` of channels, written as loops. */
function convolved(x: Float32Array, [channels, height, width]: readonly [number, number, number], w: Float32Array, b: Float32Array, p: { filters: number; kernel: readonly [number, number]; stride: number; pads: readonly [number, number]; out: readonly [number, number]; groups: number }): Float32Array {
  const [per, perOut] = [channels / p.groups, p.filters / p.groups];
  const [kh, kw] = p.kernel;
  const y = new Float32Array(p.filters * p.out[0] * p.out[1]);
  for (let f = 0; f < p.filters; f++) for (let i = 0; i < p.out[0]; i++) for (let j = 0; j < p.out[1]; j++) {
    let sum = b[f] as number;
    for (let c = 0; c < per; c++) for (let u = 0; u < kh; u++) for (let v = 0; v < kw; v++) {
      const [r, q] = [i * p.stride + u - p.pads[0], j * p.stride + v - p.pads[1]];
      if (r >= 0 && q >= 0 && r < height && q < width) sum += (w[((f * per + c) * kh + u) * kw + v] as number) * (x[((Math.floor(f / perOut) * per + c) * height + r) * width + q] as number);
    }
    y[(f * p.out[0] + i) * p.out[1] + j] = sum;
  }
  return y;
}

describe('built layers', () => {
  const input = [4, 7, 6] as const;
  const answer = (network: Network, x: Float32Array, values: ReadonlyMap<string, Float32Array>): Float32Array => tf.tidy(() => {
    const whole = buildWhole(tf, network);
    const layer = probeOf(network);
    for (const weight of layer.weights) {
      const { variable, fromOurs } = whole.variables.get(weight.fullName) ?? expect.fail(weight.fullName);
      variable.assign(fromOurs(tf.tensor(values.get(weight.name) as Float32Array, [...weight.shape])));
    }
    const y = whole.layers.get(layer.id)?.([channelsLast(tf, { tensor: tf.tensor(x, [1, ...input]), last: false })]) ?? expect.fail('no layer');
    const data = channelsFirst(tf, laidLast(y)).dataSync() as Float32Array;
    whole.dispose();
    return data;
  });

  it.each<[string, LayerType, Record<string, unknown>, { filters: number; kernel: readonly [number, number]; stride: number; pads: readonly [number, number]; out: readonly [number, number]; groups: number }]>([
    ['a convolution', 'conv2d', { filters: 3, kernel: [3, 2] }, { filters: 3, kernel: [3, 2], stride: 1, pads: [0, 0], out: [5, 5], groups: 1 }],
    // Same, stride 2, 7×6: ⌈7/2⌉ × ⌈6/2⌉, in height 2 zeros, in width 1, which comes last.
    ['one whose odd zero comes last', 'conv2d', { filters: 5, kernel: [3, 3], stride: [2, 2], padding: 'same' }, { filters: 5, kernel: [3, 3], stride: 2, pads: [1, 0], out: [4, 3], groups: 1 }],
    ['a stride beyond the kernel', 'conv2d', { filters: 2, kernel: [2, 2], stride: [3, 3], padding: 'same' }, { filters: 2, kernel: [2, 2], stride: 3, pads: [0, 0], out: [3, 2], groups: 1 }],
    ['each map alone, two filters a map', 'depthwise-conv', { kernel: [2, 3], multiplier: 2 }, { filters: 8, kernel: [2, 3], stride: 1, pads: [0, 0], out: [6, 4], groups: 4 }],
  ])('%s answers as the loops say', (_name, type, params, window) => {
    const network = netOf(type, params, input);
    const [kernel, bias] = probeOf(network).weights;
    const values = new Map([['kernel', drawn(kernel?.shape ?? [], 1)], ['bias', drawn(bias?.shape ?? [], 2)]]);
    const x = drawn(input, 3);
    const expected = convolved(x, input, values.get('kernel') as Float32Array, values.get('bias') as Float32Array, window);
    expect(isWhole(probeOf(network))).toBe(true);
    answer(network, x, values).forEach((v, i) => expect(v).toBeCloseTo(expected[i] as number, 4));
  });

  it('leave nothing behind when disposed of', () => {
    const network = netOf('separable-conv', { filters: 4, multiplier: 2 }, input);
    const before = tf.memory();
    const whole = buildWhole(tf, network);
    expect(whole.variables.size).toBe(3);
    const layer = whole.layers.get(probeOf(network).id) ?? expect.fail('no layer');
    tf.tidy(() => void layer([tf.zeros([2, 7, 6, 4])]));
    whole.dispose();
    expect(tf.memory()).toMatchObject({ numTensors: before.numTensors, numBytes: before.numBytes });
  });

  it.each<[string, LayerType, Record<string, unknown>, boolean]>([
    ['groups', 'conv2d', { filters: 4, groups: 2 }, false], ['dilation', 'conv2d', { filters: 4, dilation: [2, 1] }, false], ['full padding', 'conv2d', { filters: 4, padding: 'full' }, false], ['own padding', 'conv2d', { filters: 4, padding: 'explicit', edges: [1, 0, 0, 1] }, false],
    ['an activation', 'conv2d', { filters: 4, activation: 'hard-swish' }, true], ['uneven strides of a convolution', 'conv2d', { filters: 4, stride: [2, 1] }, true], ['one place with a stride', 'conv2d', { kernel: [1, 1], stride: [2, 2] }, false], ['uneven strides that leave one column', 'conv2d', { kernel: [2, 4], stride: [1, 3] }, false], ['uneven strides of each map alone', 'depthwise-conv', { stride: [2, 1] }, false],
    ['a mean over padding', 'average-pool', { padding: 'same', kernel: [3, 3] }, false], ['a mean of plain windows', 'average-pool', {}, true], ['a maximum over padding', 'max-pool', { padding: 'same' }, true],
    ['a norm with statistics', 'batch-norm', {}, false], ['a mask', 'dropout', {}, false], ['Softmax', 'softmax', {}, false], ['Flatten', 'flatten', {}, false], ['bilinear', 'upsample', { mode: 'bilinear' }, false], ['maps of zeros', 'zero-pad', { front: 1 }, false],
  ])('%s', (_name, type, params, whole) => {
    expect(isWhole(probeOf(netOf(type, params, input)))).toBe(whole);
  });
});
