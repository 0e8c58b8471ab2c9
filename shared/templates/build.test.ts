/** Groups of a sketch compute what the same layers do when written out. */
import { expect, it } from 'vitest';
import { compile } from '../compile/compile.ts';
import type { DrawnGraph } from '../graph/document.ts';
import { NODE } from '../graph/layout.ts';
import { Sketch } from './build.ts';
import { bare, image, norm, relu } from './parts.ts';

const overlaps = (graph: DrawnGraph): number => graph.nodes.flatMap(({ position: a }, i) => graph.nodes.slice(i + 1).filter(({ position: b }) => Math.abs(a.x - b.x) < NODE.width && Math.abs(a.y - b.y) < NODE.height)).length;

it('a group stands for its layers, as often as it is repeated, also within another', () => {
  const s = new Sketch();
  const start = s.chain(null, [image({ size: 6, channels: 2 })]);
  const stage = s.group('stage', start, (outer, x) => {
    const wide = outer.chain(x, [bare(4, 3)]);
    return outer.group('block', wide, (inner, y) => inner.add('add', {}, [y, inner.chain(y, [bare(4, 3), norm, relu])]), { repeat: 3 });
  });
  s.chain(stage, [['global-average-pool', {}], ['output', {}]]);
  const { network, problems } = compile(s.document('nested', 'test'));
  expect(problems).toEqual([]);
  expect(network.layers.map((l) => l.type)).toEqual(['input', 'conv2d', ...Array.from({ length: 3 }, () => ['conv2d', 'batch-norm', 'relu', 'add']).flat(), 'global-average-pool', 'output']);
  expect(network.parameters).toBe(2 * 4 * 9 + 3 * (4 * 4 * 9 + 8));
});

it('inputs of a group are told apart, keep their order, and no level overlaps', () => {
  const s = new Sketch();
  const start = s.chain(null, [image({ size: 4, channels: 2 })]);
  const [a, b] = [s.chain(start, [bare(3, 3)]), s.chain(start, [bare(5, 3)])];
  const joined = s.group('join', [a, b], (inner, x, skip) => inner.add('concat', {}, [skip as string, inner.chain(x, [relu]), x]), { inputs: ['coarse', 'skip'] });
  s.chain(joined, [['global-average-pool', {}], ['output', {}]]);
  const document = s.document('two', 'test');
  const { network, problems } = compile(document);
  expect(problems).toEqual([]);
  expect(network.layers.find((l) => l.type === 'concat')?.arithmetic).toEqual(['5 + 3 + 3 = 11']);
  const node = document.graph.nodes.find((n) => n.kind === 'group');
  expect(node?.kind === 'group' && node.inputs.map((p) => [p.id, p.label, p.order])).toEqual([['in', 'coarse', undefined], ['skip', 'skip', 0], ['in', 'coarse', 2]]);
  expect([overlaps(document.graph), node?.kind === 'group' && overlaps(node.graph)]).toEqual([0, 0]);
});
