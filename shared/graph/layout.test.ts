/** Arrangement of long nets: nothing overlaps, rows read like text, rows part where few wires cross. */
import { describe, expect, it } from 'vitest';
import { fc } from '../util/properties.harness.ts';
import type { DrawnGraph, LayerNode, Position, Wire } from './document.ts';
import { arrange, NODE } from './layout.ts';

const node = (id: string): LayerNode => ({ kind: 'layer', id, name: id, layer: 'relu', params: {}, position: { x: 0, y: 0 } });
const wire = (from: string, to: string): Wire => ({ id: `${from}>${to}`, from: { node: from, port: 'out' }, to: { node: to, port: 'in' } });

/** Blocks of `depth` layers in a row with a shortcut around each. */
function residual(blocks: number, depth: number): DrawnGraph {
  const nodes = [node('in')];
  const wires: Wire[] = [];
  let last = 'in';
  for (let b = 0; b < blocks; b++) {
    const entry = last;
    for (let d = 0; d <= depth; d++) {
      const id = `b${b}-${d}`;
      nodes.push(node(id));
      wires.push(wire(last, id));
      last = id;
    }
    wires.push(wire(entry, last));
  }
  return { nodes, wires };
}

const overlaps = (places: readonly Position[]): number => {
  const sorted = [...places].sort((a, b) => a.x - b.x);
  let count = 0;
  sorted.forEach((a, i) => {
    for (let k = i + 1; k < sorted.length && (sorted[k] as Position).x - a.x < NODE.width; k++) if (Math.abs((sorted[k] as Position).y - a.y) < NODE.height) count++;
  });
  return count;
};

describe('a long net', () => {
  it('is about as wide as a window, and nothing overlaps', () => {
    fc.assert(fc.property(fc.integer({ min: 8, max: 40 }), fc.integer({ min: 1, max: 4 }), (blocks, depth) => {
      const graph = residual(blocks, depth);
      const places = Object.values(arrange(graph));
      expect(places).toHaveLength(graph.nodes.length);
      expect(overlaps(places)).toBe(0);
      const extent = (axis: 'x' | 'y', size: number) => Math.max(...places.map((p) => p[axis])) - Math.min(...places.map((p) => p[axis])) + size;
      const ratio = extent('x', NODE.width) / extent('y', NODE.height);
      if (graph.nodes.length > 60) expect([ratio > 0.9, ratio < 4]).toEqual([true, true]);
    }), { numRuns: 15 });
  });

  it('reads like text: every wire leads right, or down to a later row', () => {
    const graph = residual(30, 3);
    const places = arrange(graph);
    for (const w of graph.wires) {
      const [from, to] = [places[w.from.node] as Position, places[w.to.node] as Position];
      expect(to.x > from.x || to.y >= from.y + NODE.height).toBe(true);
    }
  });

  it('parts its rows between blocks, where one wire crosses', () => {
    const graph = residual(30, 3);
    const places = arrange(graph);
    const back = graph.wires.filter((w) => (places[w.to.node] as Position).x <= (places[w.from.node] as Position).x);
    const first = graph.nodes.map((n) => n.id).filter((id) => (places[id] as Position).x === 0);
    // One wire for each row but the first: none of the shortcuts is cut in two.
    expect(first.length).toBeGreaterThan(2);
    expect(back.length).toBeLessThanOrEqual(2 * (first.length - 1));
    for (const w of back) expect(w.from.node).toMatch(/-3$/);
  });

  it('has places for thousands of nodes, in blocks or in any disorder', () => {
    const ladder = residual(600, 4);
    // Each node feeds the next and one some way ahead: no node that every way goes through.
    const braid: DrawnGraph = { nodes: Array.from({ length: 3000 }, (_, i) => node(`n${i}`)), wires: Array.from({ length: 2900 }, (_, i) => [wire(`n${i}`, `n${i + 1}`), wire(`n${i}`, `n${i + 2 + ((i * 7) % 90)}`)]).flat() };
    for (const graph of [ladder, braid]) {
      const places = arrange(graph);
      expect(Object.keys(places)).toHaveLength(graph.nodes.length);
      expect(overlaps(Object.values(places))).toBe(0);
    }
  });
});
