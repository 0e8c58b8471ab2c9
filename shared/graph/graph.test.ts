/** Edits and their inverses, history, and the file format. */
import { describe, expect, it } from 'vitest';
import { render } from '../diagnostics/diagnostic.ts';
import { findTemplate } from '../templates/templates.ts';
import { fc } from '../util/properties.harness.ts';
import { applyEdit } from './apply.ts';
import { emptyDocument, type Document, type DrawnNode } from './document.ts';
import type { Edit } from './edit.ts';
import { commit, redo, startHistory, undo } from './history.ts';
import { arrange, NODE } from './layout.ts';
import { assertNumbering, migrate, type Migration } from './migrations.ts';
import { copyText, pasteEdit, removeAndReconnect, removeNodes } from './operations.ts';
import { parseDocument, serializeDocument } from './parse.ts';

const lenet = findTemplate('lenet-5')?.build() as Document;
const extra: DrawnNode = { kind: 'layer', id: 'x', name: 'x', layer: 'relu', params: {}, position: { x: 1, y: 2 } };

/** A random valid edit of LeNet. */
const anyEdit: fc.Arbitrary<Edit> = fc.oneof(
  fc.constantFrom(...lenet.graph.nodes.map((n) => n.id)).map((id): Edit => removeNodes(lenet.graph, [], [id])),
  fc.constantFrom(...lenet.graph.nodes.map((n) => n.id)).map((id): Edit => removeAndReconnect(lenet.graph, [], id)),
  fc.constantFrom(...lenet.graph.wires.map((w) => w.id)).map((id): Edit => ({ kind: 'remove-wire', path: [], id })),
  fc.nat(10).map((index): Edit => ({ kind: 'add-node', path: [], node: extra, index })),
  fc.tuple(fc.integer(), fc.integer()).map(([x, y]): Edit => ({ kind: 'move-nodes', path: [], positions: { 'conv-1': { x, y } } })),
  fc.string().map((name): Edit => ({ kind: 'set-document', change: { name } })),
  fc.boolean().map((frozen): Edit => ({ kind: 'set-node', path: [], id: 'conv-1', change: { frozen: frozen || undefined, name: 'other' } })),
  fc.nat().map((filters): Edit => ({ kind: 'set-params', path: [], id: 'conv-1', params: { filters } })),
);

describe('edits', () => {
  it('are taken back exactly by their inverse', () => {
    fc.assert(fc.property(anyEdit, (e) => {
      const { document, inverse } = applyEdit(lenet, e);
      expect(applyEdit(document, inverse).document).toEqual(lenet);
    }));
  });

  it('reach into nested groups and leave the rest shared', () => {
    const group: DrawnNode = { kind: 'group', id: 'g', name: 'g', position: { x: 0, y: 0 }, repeat: 1, inputs: [], outputs: [], graph: { nodes: [extra], wires: [] } };
    const d: Document = { ...emptyDocument('t'), graph: { nodes: [group, { ...extra, id: 'y' }], wires: [] } };
    const { document, inverse } = applyEdit(d, { kind: 'set-node', path: ['g'], id: 'x', change: { name: 'deep' } });
    expect((document.graph.nodes[0] as typeof group).graph.nodes[0]?.name).toBe('deep');
    expect(document.graph.nodes[1]).toBe(d.graph.nodes[1]);
    expect(applyEdit(document, inverse).document).toEqual(d);
  });
});

describe('history', () => {
  it('undo and redo walk the same documents; one key is one step', () => {
    const move = (x: number): Edit => ({ kind: 'move-nodes', path: [], positions: { 'conv-1': { x, y: 0 } } });
    let h = startHistory(lenet);
    h = commit(h, move(1), 'Move', 'drag');
    h = commit(h, move(2), 'Move', 'drag');
    h = commit(h, { kind: 'set-document', change: { name: 'n' } }, 'Rename');
    const end = h.document;
    expect(h.past.map((s) => s.label)).toEqual(['Move', 'Rename']);
    const start = undo(undo(h));
    expect(start.document).toEqual(lenet);
    expect(redo(redo(start)).document).toEqual(end);
    expect(commit(start, move(5), 'Move').future).toEqual([]);
  });
});

describe('clipboard', () => {
  it('pastes with fresh ids and names and the wires between', () => {
    const pasted = pasteEdit(lenet.graph, [], copyText(lenet.graph, ['conv-1', 'pool-1']), { x: 10, y: 10 });
    const { document } = applyEdit(lenet, pasted?.edit as Edit);
    const added = document.graph.nodes.slice(lenet.graph.nodes.length);
    expect([added.map((n) => n.name), document.graph.wires.length]).toEqual([['conv 3', 'pool 3'], lenet.graph.wires.length + 1]);
    expect(pasteEdit(lenet.graph, [], 'just text', { x: 0, y: 0 })).toBeNull();
  });
});

describe('the file', () => {
  it('round trips and is stable', () => {
    const text = serializeDocument(lenet);
    const parsed = parseDocument(JSON.parse(text));
    expect(parsed.ok && parsed.value).toEqual(lenet);
    expect(serializeDocument({ ...JSON.parse(text) as Document })).toBe(text);
  });

  it.each<[string, unknown, RegExp]>([
    ['null', null, /network\.json: expected a network of Netloom, got null/],
    ['another program’s file', { nodes: [] }, /got version undefined/],
    ['a newer version', { version: 99 }, /expected file format version 1 or older, got version 99\. Open it with a newer Netloom/],
    ['a node of no kind', { ...lenet, graph: { nodes: [{ id: 'a' }], wires: [] } }, /network\.json, graph\.nodes\.0/],
    ['a wire to nowhere', { ...lenet, graph: { nodes: [], wires: lenet.graph.wires } }, /graph\.wires: expected wires between layers of the file/],
    ['an id twice', { ...lenet, graph: { nodes: [extra, extra], wires: [] } }, /every id once, got x twice/],
  ])('%s is refused with its place', (_name, value, sentence) => {
    const parsed = parseDocument(value);
    expect(parsed.ok ? '' : render(parsed.error).sentence).toMatch(sentence);
  });

  it('migrates step by step, and refuses a table with a wrong number', () => {
    const table: Migration[] = [{ to: 2, migrate: (f) => ({ ...f, a: 1 }) }, { to: 3, migrate: (f) => ({ ...f, b: (f.a as number) + 1 }) }];
    expect(migrate({ version: 1 }, table)).toEqual({ version: 3, a: 1, b: 2 });
    expect(migrate({ version: 2 }, table)).toEqual({ version: 3, b: NaN });
    expect(() => assertNumbering([{ to: 3, migrate: (f) => f }])).toThrow(/expected it to make version 2, got 3/);
  });
});

it('arrange overlaps nothing, for chains and for branches', () => {
  for (const id of ['lenet-5', 'small-resnet']) {
    const graph = (findTemplate(id)?.build() as Document).graph;
    const places = Object.values(arrange(graph));
    const overlaps = places.flatMap((a, i) => places.slice(i + 1).filter((b) => Math.abs(a.x - b.x) < NODE.width && Math.abs(a.y - b.y) < NODE.height));
    expect([places.length, overlaps]).toEqual([graph.nodes.length, []]);
  }
});
