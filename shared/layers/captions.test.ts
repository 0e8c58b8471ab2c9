/** Captions say what matters of a layer, and nothing that does not. */
import { expect, it } from 'vitest';
import { storeConstant } from '../onnx/stored.ts';
import type { OperatorParams } from './operator.ts';
import { checkParams, layerSpec, type LayerType } from './table.ts';

const caption = (type: LayerType, params: Readonly<Record<string, unknown>>): string => {
  const checked = checkParams(type, params);
  return checked.ok ? layerSpec(type).caption(checked.value) : expect.fail(JSON.stringify(checked.error));
};

it.each([
  ['conv2d', { filters: 16, kernel: [5, 5] }, '16 filters · 5×5 · valid'],
  ['conv2d', { filters: 16, kernel: [3, 3], padding: 'explicit', edges: [1, 1, 1, 1], stride: [2, 2], activation: 'relu' }, '16 filters · 3×3 · stride 2 · pad 1 · ReLU'],
  ['conv2d', { filters: 8, kernel: [3, 1], padding: 'explicit', edges: [1, 0, 2, 0], stride: [2, 1] }, '8 filters · 3×1 · stride 2×1 · pad 1, 0, 2, 0'],
  ['conv2d', { filters: 64, kernel: [1, 1] }, '64 filters · 1×1'],
  ['conv2d', { filters: 64, kernel: [3, 3], padding: 'explicit' }, '64 filters · 3×3'],
  ['depthwise-conv', { kernel: [7, 7], padding: 'explicit', edges: [3, 3, 3, 3] }, 'each map · 7×7 · pad 3'],
  ['conv1d', { filters: 192, kernel: 1 }, '192 filters · each place'],
  ['max-pool', { kernel: [3, 3], stride: [2, 2], padding: 'explicit', edges: [1, 1, 1, 1] }, '3×3 · stride 2 · pad 1'],
  ['matmul', { transposeFirst: true, scale: 'root' }, 'Aᵀ · B / √n'],
  ['stochastic-depth', { rate: 0.0125 }, '1.3 % left out'],
  ['channel-slice', { part: 2 }, 'part 2 of 2'],
] as const)('%s %o', (type, params, words) => expect(caption(type, params)).toBe(words));

const constant = (...values: number[]) => ({ constant: storeConstant({ element: 'int64', shape: [values.length], data: BigInt64Array.from(values, (v) => (v >= 2 ** 63 ? 2n ** 63n - 1n : BigInt(v))) }) });
const op = (name: string, operands: OperatorParams['operands'], attributes: OperatorParams['attributes'] = {}): OperatorParams => ({ op: name, domain: '', opset: 18, attributes, operands, outputs: ['y'] });
it.each<[OperatorParams, string]>([
  [op('Slice', [{ port: 'x' }, constant(2), constant(2 ** 63), constant(1)]), 'starts 2 · ends ∞ · axes 1'],
  [op('Conv', [{ port: 'x' }, { weight: 'kernel', shape: [4, 3, 3, 3] }], { auto_pad: { kind: 'string', value: 'NOTSET' }, pads: { kind: 'ints', value: [1, 1, 1, 1] }, kernel_shape: { kind: 'ints', value: [3, 5] } }), 'pads 1 · kernel shape 3×5'],
  [op('Mul', [{ port: 'x' }, { constant: storeConstant({ element: 'float32', shape: [], data: Float32Array.of(0.1) }) }]), '× 0.1'],
  [op('Exp', [{ port: 'x' }]), ''],
])('an operator: %o', (params, words) => expect(layerSpec('operator').caption(params as never)).toBe(words));
