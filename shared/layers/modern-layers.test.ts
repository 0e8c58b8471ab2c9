/** What the layers of attention, tokens and channels refuse, and in which words. */
import { expect, it } from 'vitest';
import { compile } from '../compile/compile.ts';
import { render } from '../diagnostics/diagnostic.ts';
import { Sketch } from '../templates/build.ts';
import type { LayerType } from './table.ts';

const maps = { kind: 'image', channels: 6, height: 4, width: 5 } as const;
const row = { kind: 'sequence', channels: 6, length: 5 } as const;

/** Sentences about the layer behind an Input. */
function said(type: LayerType, params: Readonly<Record<string, unknown>>, input: Readonly<Record<string, unknown>>, twice = false): string[] {
  const s = new Sketch();
  const x = s.add('input', input, []);
  const from = twice ? [x, s.add('relu', {}, [x])] : [x];
  s.add('output', { task: 'regression' }, [s.add(type, params, from, 'it')]);
  return compile(s.document('refused', 'test')).problems.map((p) => render(p.diagnostic).sentence);
}

it.each([
  ['channel-shuffle', { groups: 4 }, maps, 'expected channels that 4 divides, got 6'],
  ['channel-slice', { parts: 4 }, maps, 'expected channels that 4 divides, got 6'],
  ['channel-slice', { parts: 2, part: 3 }, maps, 'expected a part from 1 to 2, got 3'],
  ['class-token', {}, maps, 'expected a sequence (length × channels), got 4×5×6. Put a Tokens or Reshape layer before it'],
  ['split-heads', { heads: 4 }, row, 'expected channels that 4 divides, got 6'],
  ['take-token', { index: 5 }, row, 'expected a number below 5, got 5'],
  ['tokens', {}, row, 'expected maps with at least one axis beside the channels, got 5×6'],
  ['join-heads', {}, row, 'expected maps (height × width × channels), got 5×6'],
] as const)('%s %o', (type, params, input, words) => expect(said(type, params, input)[0]).toContain(words));

it('MatMul wants as many rows as columns, and as many matrices', () => {
  expect(said('matmul', {}, maps, true)[0]).toContain('expected 6 × 5 rows in the second factor, as the first has columns, got 6 × 4. Exchange the axes of one of them');
  expect(said('matmul', { transposeFirst: true }, maps, true)).toEqual([]);
  expect(said('matmul', {}, { kind: 'vector', channels: 3 }, true)[0]).toContain('expected maps with at least one axis beside the channels, got 3');
});

it('MatMul wants a wire into each of its inputs', () => {
  const s = new Sketch();
  s.add('output', { task: 'regression' }, [s.add('matmul', {}, [s.add('input', maps, [])])]);
  expect(compile(s.document('half', 'test')).problems.map((p) => render(p.diagnostic).sentence)[0]).toContain('expected a wire into second, got none');
});
