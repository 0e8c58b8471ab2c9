/** Arranging beside the interface: one step, cancelled, and never on a graph that is gone. */
import { beforeEach, expect, it, vi } from 'vitest';
import type { DrawnGraph, LayerNode, Wire } from '../../shared/graph/document.ts';
import { emptyDocument } from '../../shared/graph/document.ts';
import { currentGraph, edit, replaceDocument, useDocument } from './document.ts';
import { arrangeShown, useLayout } from './layout.ts';

const node = (id: string): LayerNode => ({ kind: 'layer', id, name: id, layer: 'relu', params: {}, position: { x: 7, y: 7 } });
const chain = (count: number): DrawnGraph => ({
  nodes: Array.from({ length: count }, (_, i) => node(`n${i}`)),
  wires: Array.from({ length: count - 1 }, (_, i): Wire => ({ id: `w${i}`, from: { node: `n${i}`, port: 'out' }, to: { node: `n${i + 1}`, port: 'in' } })),
});
const open = (count: number, name = 'net') => replaceDocument({ ...emptyDocument(name), graph: chain(count) }, null);
const far = (graph: DrawnGraph) => Promise.resolve(Object.fromEntries(graph.nodes.map((n, i) => [n.id, { x: 1000 + i, y: 0 }])));
const places = () => currentGraph().nodes.map((n) => n.position.x);

beforeEach(() => open(80));

it('takes small graphs at once and large ones from beside, each as one step', async () => {
  const beside = vi.fn(far);
  expect(await arrangeShown(beside)).toBe(true);
  expect([beside.mock.calls.length, places()[79], useDocument.getState().history.past.length]).toEqual([1, 1079, 1]);
  open(5);
  const done = arrangeShown(beside);
  // Before anything is awaited: a small net does not flicker.
  expect(new Set(places()).size).toBe(5);
  expect([await done, beside.mock.calls.length]).toEqual([true, 1]);
});

it('leaves everything as it was when cancelled, or when another document took the place', async () => {
  expect(await arrangeShown(() => Promise.resolve(null))).toBe(false);
  expect(new Set(places())).toEqual(new Set([7]));
  expect(await arrangeShown((graph) => { open(90, 'another'); return far(graph); })).toBe(false);
  expect(new Set(places())).toEqual(new Set([7]));
});

it('arranges anew what was rewired meanwhile; a changed parameter does not matter', async () => {
  let calls = 0;
  const beside = (graph: DrawnGraph) => {
    if (calls++ === 0) edit({ kind: 'add-node', path: [], node: node('late') }, 'Add');
    else edit({ kind: 'set-node', path: [], id: 'n0', change: { name: 'renamed' } }, 'Rename');
    return far(graph);
  };
  expect(await arrangeShown(beside)).toBe(true);
  expect([calls, places().length, places().at(-1), currentGraph().nodes[0]?.name]).toEqual([2, 81, 1080, 'renamed']);
});

it('a second arrangement ends the first', async () => {
  let ended = 0;
  const first = arrangeShown(() => new Promise((resolve) => useLayout.setState({ cancel: () => { ended++; resolve(null); } })));
  expect(await arrangeShown(far)).toBe(true);
  expect([await first, ended]).toEqual([false, 1]);
  useLayout.setState({ cancel: null });
});
