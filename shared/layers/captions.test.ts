/** Captions say what matters of a layer, and nothing that does not. */
import { expect, it } from 'vitest';
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
