/** Grouping, ungrouping, variables and ports: the net stays what it was, and undo gives the very document back. */
import { describe, expect, it } from 'vitest';
import { compile } from '../compile/compile.ts';
import { portsOf } from '../compile/ports.ts';
import { defaultParams, type LayerType } from '../layers/table.ts';
import { findTemplate } from '../templates/templates.ts';
import { fc } from '../util/properties.harness.ts';
import { applyEdit, graphAt } from './apply.ts';
import { emptyDocument, type Document, type DrawnNode, type GroupNode, type GroupPort, type LayerNode, type Wire } from './document.ts';
import type { Edit } from './edit.ts';
import { addPort, groupAround, movePort, removeAndReconnectAt, removePort, renamePort, tiePort, untiePort } from './group-ports.ts';
import { groupNodes, ungroup } from './grouping.ts';
import { NODE } from './layout.ts';
import { parseDocument, serializeDocument } from './parse.ts';
import { freshVariable, isFreeName, promoteField, removeVariable, renameVariable, setVariable, variablesAt } from './variables.ts';

const layer = (id: string, type: LayerType, params: Record<string, unknown> = {}): LayerNode => ({ kind: 'layer', id, name: id, layer: type, params: { ...defaultParams(type), ...params }, position: { x: 0, y: 0 } });
const wire = (from: string, to: string): Wire => ({ id: `${from}>${to}`, from: { node: from, port: 'out' }, to: { node: to, port: 'in' } });
const port = (id: string, node: string, inner: string): GroupPort => ({ id, label: id, node, port: inner });
const chain = (...nodes: DrawnNode[]): Document => ({ ...emptyDocument('test'), graph: { nodes, wires: nodes.slice(1).map((n, i) => wire((nodes[i] as DrawnNode).id, n.id)) } });
const conv = (id: string, filters: unknown, more: Record<string, unknown> = {}) => layer(id, 'conv2d', { filters, kernel: [3, 3], padding: 'same', ...more });
const image = layer('input', 'input', { kind: 'image', height: 8, width: 8, channels: 3 });
const end = [layer('gap', 'global-average-pool'), layer('output', 'output')];

/** Nets with branches, side by side, and a Concat whose order counts. */
const inception: Document = {
  ...emptyDocument('inception'),
  graph: {
    nodes: [image, conv('a', 2), conv('b', 3), conv('c', 4), layer('cat', 'concat'), conv('d', 4), layer('add', 'add'), ...end],
    wires: [wire('input', 'a'), wire('input', 'b'), wire('b', 'c'), wire('c', 'cat'), wire('a', 'cat'), wire('input', 'cat'), wire('cat', 'd'), wire('c', 'add'), wire('d', 'add'), wire('add', 'gap'), wire('gap', 'output')],
  },
};
const nets: readonly Document[] = [inception, findTemplate('lenet-5')?.build() as Document, findTemplate('small-resnet')?.build() as Document];

/** The id without the groups that a test made. */
const own = (id: string) => id.replaceAll(/group-\d+(?:#\d+)?\//g, '');
/** What a net computes: layers by their own id, with sizes, parameters and the order of what feeds them. */
const meaning = (d: Document, name: (id: string) => string = own) =>
  compile(d).network.layers.map((l) => ({ id: name(l.id), type: l.type, params: l.params, shape: l.shape, inputs: l.inputs.map(name), parameters: l.parameters })).sort((a, b) => (a.id < b.id ? -1 : 1));
const grouped = (d: Document, path: readonly string[], ids: readonly string[]) => groupNodes(graphAt(d, path), path, ids, 'g', portsOf, groupAround(d, path)) as { edit: Edit; id: string };
const apply = (d: Document, e: Edit): Document => {
  const { document, inverse } = applyEdit(d, e);
  expect(applyEdit(document, inverse).document).toEqual(d);
  return document;
};

describe('grouping', () => {
  // A selection that surrounds an outside node would make a loop through the group; the net would be refused.
  const selections = fc.constantFrom(...nets).chain((d) => fc.tuple(fc.constant(d), fc.subarray(d.graph.nodes.map((n) => n.id), { minLength: 1 })));
  it('changes no number of the net, nested or not, and ungrouping neither', () => {
    fc.assert(fc.property(selections, fc.double({ min: 0, max: 0.99, noNaN: true }), ([d, ids], at) => {
      const { edit, id } = grouped(d, [], ids);
      const once = apply(d, edit);
      expect(meaning(once)).toEqual(meaning(d));
      const inner = graphAt(once, [id]).nodes;
      const second = grouped(once, [id], inner.slice(Math.floor(at * inner.length)).map((n) => n.id));
      const twice = apply(once, second.edit);
      expect(meaning(twice)).toEqual(meaning(d));
      const parsed = parseDocument(JSON.parse(serializeDocument(twice)));
      expect(parsed.ok && parsed.value).toEqual(twice);
      const back = apply(twice, ungroup(graphAt(twice, [id]), [id], second.id, groupAround(twice, [id]))?.edit as Edit);
      expect(meaning(back)).toEqual(meaning(d));
      const flat = apply(back, ungroup(back.graph, [], id, null)?.edit as Edit);
      expect(meaning(flat)).toEqual(meaning(d));
      expect(flat.graph.nodes.map((n) => n.id).sort()).toEqual(d.graph.nodes.map((n) => n.id).sort());
    }), { numRuns: 40 });
  });

  it('one source is one port however many it feeds; what nothing fed stays open', () => {
    const d = inception;
    const { edit, id } = grouped(d, [], ['a', 'b', 'cat']);
    const group = apply(d, edit).graph.nodes.find((n) => n.id === id) as GroupNode;
    expect(group.inputs.map(({ id: p, label, node, order }) => [p, label, node, order])).toEqual([['in', 'input', 'a', undefined], ['in', 'input', 'b', undefined], ['in-2', 'c', 'cat', 0], ['in', 'input', 'cat', 2]]);
    expect(group.outputs.map((p) => [p.id, p.node])).toEqual([['out', 'b'], ['out-2', 'cat']]);
    const free = grouped(chain(conv('a', 1), conv('b', 1)), [], ['a', 'b']);
    expect((apply(chain(conv('a', 1), conv('b', 1)), free.edit).graph.nodes[0] as GroupNode).inputs).toEqual([{ id: 'in', label: 'Input', node: 'a', port: 'in' }]);
  });

  it('ungrouping puts the copies of a chain side by side, with their numbers', () => {
    const stage: GroupNode = {
      kind: 'group', id: 'stage', name: 'stage', position: { x: 400, y: 0 }, repeat: 3, variables: [{ name: 'width', label: 'Width', value: 4 }],
      graph: { nodes: [conv('conv', '=width * 2 ** k', { bias: '=k > 0' })], wires: [] }, inputs: [port('in', 'conv', 'in')], outputs: [port('out', 'conv', 'out')],
    };
    const d = chain(image, stage, ...end);
    const made = ungroup(d.graph, [], 'stage', null);
    const flat = apply(d, made?.edit as Edit);
    expect(made?.ids).toEqual(['conv', 'conv-1', 'conv-2']);
    expect(flat.graph.nodes.slice(1, 4).map((n) => (n as LayerNode).params).map((p) => [p.filters, p.bias])).toEqual([[4, false], [8, true], [16, true]]);
    expect(compile(flat).network.parameters).toBe(compile(d).network.parameters);
    expect(new Set(flat.graph.nodes.slice(1, 4).map((n) => n.position.x)).size).toBe(3);
  });

  it('opened groups of templates lie on nothing else, and count as before', () => {
    for (const id of ['small-resnet', 'googlenet', 'densenet-bc', 'u-net-small']) {
      const d = findTemplate(id)?.build() as Document;
      for (const n of d.graph.nodes.filter((c) => c.kind === 'group').slice(0, 4)) {
        const flat = apply(d, ungroup(d.graph, [], n.id, null)?.edit as Edit);
        const places = flat.graph.nodes.map((c) => c.position);
        const overlaps = places.flatMap((a, i) => places.slice(i + 1).filter((b) => Math.abs(a.x - b.x) < NODE.width && Math.abs(a.y - b.y) < NODE.height));
        expect([id, n.id, overlaps, compile(flat).network.parameters]).toEqual([id, n.id, [], compile(d).network.parameters]);
      }
    }
  });

  it('names inside keep their meaning when a group around them goes', () => {
    const single = (id: string, inner: DrawnNode, more: Partial<GroupNode>): GroupNode =>
      ({ kind: 'group', id, name: id, position: { x: 0, y: 0 }, repeat: 1, graph: { nodes: [inner], wires: [] }, inputs: [port('in', inner.id, 'in')], outputs: [port('out', inner.id, 'out')], ...more });
    const inner = single('inner', conv('conv', '=w + k'), { repeat: 2 });
    const middle = single('middle', inner, { variables: [{ name: 'w', label: 'W', value: '=k * 8 + 8' }] });
    const d = chain(image, single('outer', middle, { repeat: 3 }), ...end);
    const flat = apply(d, ungroup(graphAt(d, ['outer']), ['outer'], 'middle', groupAround(d, ['outer']))?.edit as Edit);
    const filters = (doc: Document) => compile(doc).network.layers.filter((l) => l.type === 'conv2d').map((l) => l.params.filters);
    expect(filters(flat)).toEqual([8, 9, 16, 17, 24, 25]);
    expect(filters(flat)).toEqual(filters(d));
  });
});

describe('variables', () => {
  const stage: GroupNode = { kind: 'group', id: 'stage', name: 'stage', position: { x: 0, y: 0 }, repeat: 1, graph: { nodes: [conv('a', 6), conv('b', 6, { kernel: [3, 5] })], wires: [wire('a', 'b')] }, inputs: [port('in', 'a', 'in')], outputs: [port('out', 'b', 'out')] };
  const d = chain(image, stage, ...end);
  const groupOf = (doc: Document) => doc.graph.nodes[1] as GroupNode;
  const paramsOf = (doc: Document, id: string) => (groupOf(doc).graph.nodes.find((n) => n.id === id) as LayerNode).params;

  it('a field is promoted, set from outside, renamed, and taken back', () => {
    let doc = apply(d, promoteField([], stage, 'a', 'filters', 'Filters'));
    expect([groupOf(doc).variables, paramsOf(doc, 'a').filters]).toEqual([[{ name: 'filters', label: 'Filters', value: 6 }], '=filters']);
    expect(meaning(doc)).toEqual(meaning(d));
    doc = apply(doc, setVariable([], groupOf(doc), 'filters', { value: 9 }));
    expect(compile(doc).network.layers.find((l) => l.id === 'stage/a')?.shape[0]).toBe(9);
    doc = apply(doc, renameVariable([], groupOf(doc), 'filters', 'width'));
    expect(paramsOf(doc, 'a').filters).toBe('=width');
    doc = apply(doc, removeVariable([], groupOf(doc), 'width') as Edit);
    expect([groupOf(doc).variables, paramsOf(doc, 'a').filters]).toEqual([undefined, 9]);
  });

  it('a kernel is one variable where its sides are equal, two where they differ', () => {
    let doc = apply(d, promoteField([], stage, 'a', 'kernel', 'Kernel'));
    doc = apply(doc, promoteField([], groupOf(doc), 'b', 'kernel', 'Kernel'));
    expect([paramsOf(doc, 'a').kernel, paramsOf(doc, 'b').kernel, groupOf(doc).variables?.map((v) => [v.name, v.value])]).toEqual([['=kernel', '=kernel'], ['=kernel_height', '=kernel_width'], [['kernel', 3], ['kernel_height', 3], ['kernel_width', 5]]]);
    expect(meaning(doc)).toEqual(meaning(d));
  });

  it('take no name that means something inside', () => {
    const nested: GroupNode = { ...stage, graph: { ...stage.graph, nodes: [conv('a', '=outer'), { ...stage, id: 'n', variables: [{ name: 'depth', label: 'Depth', value: 1 }] }] } };
    expect(['outer', 'depth', 'k', 'min', '2x', 'a b', 'fine'].map((name) => isFreeName(nested, name))).toEqual([false, false, false, false, false, false, true]);
    expect([freshVariable(nested, 'depth'), freshVariable(nested, '3 d')]).toEqual(['depth_2', '_3_d']);
  });

  it('of the groups around are in scope, the innermost first', () => {
    const v = (name: string, value: number) => ({ name, label: name, value });
    const inner: GroupNode = { ...stage, id: 'inner', variables: [v('a', 1), v('b', 2)] };
    const doc = chain({ ...stage, id: 'outer', variables: [v('b', 3), v('c', 4)], graph: { nodes: [inner], wires: [] } });
    expect(variablesAt(doc, ['outer', 'inner']).map((x) => [x.name, x.value])).toEqual([['a', 1], ['b', 2], ['c', 4]]);
    expect(variablesAt(doc, [])).toEqual([]);
  });

  it('one that is computed from the copies around cannot be said inside', () => {
    const group: GroupNode = { ...stage, variables: [{ name: 'w', label: 'W', value: '=k + 1' }] };
    expect(removeVariable([], group, 'w')).toBeNull();
  });
});

describe('ports', () => {
  const base: GroupNode = { kind: 'group', id: 'g', name: 'g', position: { x: 0, y: 0 }, repeat: 1, graph: { nodes: [conv('a', 3), conv('b', 3)], wires: [wire('a', 'b')] }, inputs: [port('in', 'a', 'in')], outputs: [port('out', 'b', 'out')] };
  const d = chain(image, base, ...end);
  const g = (doc: Document) => doc.graph.nodes.find((n) => n.id === 'g') as GroupNode;

  it('are renamed, added, tied, moved, untied and removed with their wires', () => {
    let doc = apply(d, renamePort([], base, 'inputs', 'in', 'Maps'));
    doc = apply(doc, addPort([], g(doc), 'inputs', null));
    expect(compile(doc).problems.map((p) => p.diagnostic.code)).toEqual(['graph.group-port']);
    doc = apply(doc, tiePort([], g(doc), 'inputs', 'in-2', { node: 'b', port: 'in' }));
    expect(g(doc).inputs).toEqual([{ id: 'in', label: 'Maps', node: 'a', port: 'in' }, { id: 'in-2', label: 'Input 2', node: 'b', port: 'in' }]);
    expect(g(apply(doc, movePort([], g(doc), 'inputs', 'in-2', -1))).inputs.map((p) => p.id)).toEqual(['in-2', 'in']);
    doc = apply(doc, untiePort([], g(doc), 'inputs', 'in-2', { node: 'b', port: 'in' }));
    doc = apply(doc, removePort(doc.graph, [], g(doc), 'inputs', 'in-2'));
    expect([meaning(doc), compile(doc).problems]).toEqual([meaning(d), []]);
    doc = apply(doc, removePort(doc.graph, [], g(doc), 'outputs', 'out'));
    expect(doc.graph.wires.map((w) => w.id)).toEqual(['input>g', 'gap>output']);
  });

  it('an output comes from one place: another tie takes its place', () =>
    expect(g(apply(d, tiePort([], base, 'outputs', 'out', { node: 'a', port: 'out' }))).outputs).toEqual([port('out', 'a', 'out')]));

  it('follow when a tied layer is removed and its neighbours are joined', () => {
    const without = (id: string) => g(apply(d, removeAndReconnectAt(d, ['g'], id)));
    expect([without('a').inputs, without('b').outputs]).toEqual([[port('in', 'b', 'in')], [port('out', 'a', 'out')]]);
  });
});
