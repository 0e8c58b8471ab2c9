import { describe, expect, it } from 'vitest';
import { initialWeights } from '../../../shared/compile/weights.ts';
import { weightsFor } from './model-state.ts';
import { toyNetwork } from './toy-problem.ts';

const held = { shape: [3, 4], data: new Float32Array(12).fill(2) };

describe('weightsFor', () => {
  it('keeps what fits and names what it drew anew', () => {
    expect(weightsFor(toyNetwork, new Map([['dense.kernel', held], ['gone.bias', held]]), 1)).toEqual({ weights: new Map([['dense.kernel', held]]), fresh: [] });
    expect(weightsFor(toyNetwork, new Map([['dense.kernel', { shape: [4, 3], data: held.data }]]), 1)).toEqual({ weights: initialWeights(toyNetwork, 1), fresh: ['dense.kernel'] });
    expect(weightsFor(toyNetwork, null, 1).fresh).toEqual(['dense.kernel']);
  });
});
