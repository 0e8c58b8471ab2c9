import { describe, expect, it } from 'vitest';
import { initialWeights } from '../../../shared/compile/weights.ts';
import { frozenWeights, weightsFor } from './model-state.ts';
import { toyNetwork } from './toy-problem.ts';

const held = { shape: [3, 4], data: new Float32Array(12).fill(2) };

describe('weightsFor', () => {
  it('keeps what fits and names what it drew anew', () => {
    expect(weightsFor(toyNetwork, new Map([['dense.kernel', held], ['gone.bias', held]]), 1)).toEqual({ weights: new Map([['dense.kernel', held]]), fresh: [] });
    expect(weightsFor(toyNetwork, new Map([['dense.kernel', { shape: [4, 3], data: held.data }]]), 1)).toEqual({ weights: initialWeights(toyNetwork, 1), fresh: ['dense.kernel'] });
    expect(weightsFor(toyNetwork, null, 1).fresh).toEqual(['dense.kernel']);
  });
  it('follows a layer into a group and out of it, where only one can be meant', () => {
    const weights = (names: readonly string[]) => new Map(names.map((n, i) => [n, { shape: [1], data: Float32Array.of(i + 1) }]));
    const network = (names: readonly string[]) => ({ ...toyNetwork, layers: names.map((name) => ({ ...toyNetwork.layers[0], id: name, weights: [{ name: 'kernel', fullName: `${name}.kernel`, shape: [1], role: 'trained', decays: true, initializer: { kind: 'constant', value: 0 } }] })) }) as unknown as typeof toyNetwork;
    const values = (held: readonly string[], now: readonly string[]) => [...weightsFor(network(now), weights(held.map((n) => `${n}.kernel`)), 1).weights.values()].map((w) => w.data[0]);
    expect(values(['a', 'b'], ['g/a', 'b'])).toEqual([1, 2]);
    expect(values(['s/r/a', 's/b'], ['s/g/r/a', 'b'])).toEqual([1, 2]);
    // Copies: nobody can say which of them it was.
    expect(values(['a'], ['g#1/a', 'g#2/a'])).toEqual([0, 0]);
    expect(values(['g#1/a', 'g#2/a'], ['g/a'])).toEqual([1]);
    expect(values(['x/a', 'y/a'], ['a'])).toEqual([0]);
    expect(values(['x/a'], ['y/a'])).toEqual([0]);
  });
});

it('a fresh start keeps what is frozen and nothing else', () => {
  const frozen = { ...toyNetwork, layers: toyNetwork.layers.map((l) => ({ ...l, frozen: true })) };
  expect(frozenWeights(frozen, new Map([['dense.kernel', held], ['gone.bias', held]]))).toEqual(new Map([['dense.kernel', held]]));
  expect([frozenWeights(toyNetwork, new Map([['dense.kernel', held]])), frozenWeights(frozen, null)]).toEqual([null, null]);
});
