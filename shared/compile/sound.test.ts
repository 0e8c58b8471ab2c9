/** Documents that no hand can draw: lost wires, twins, loops; and what is still known beside them. */
import { describe, expect, it } from 'vitest';
import { render } from '../diagnostics/diagnostic.ts';
import { applyEdit } from '../graph/apply.ts';
import { emptyDocument, type Document, type DrawnNode, type GroupNode, type Wire } from '../graph/document.ts';
import { defaultParams, type LayerType } from '../layers/table.ts';
import { compile } from './compile.ts';

const node = (id: string, layer: LayerType, params: Record<string, unknown> = {}): DrawnNode => ({ kind: 'layer', id, name: id, layer, params: { ...defaultParams(layer), ...params }, position: { x: 0, y: 0 } });
const wire = (from: string, to: string, ports: readonly [string, string] = ['out', 'in'], id = `${from}>${to}`): Wire => ({ id, from: { node: from, port: ports[0] }, to: { node: to, port: ports[1] } });
const draw = (nodes: readonly DrawnNode[], wires: readonly Wire[]): Document => ({ ...emptyDocument('test'), graph: { nodes, wires } });
const image = (size: number, channels = 1) => node('input', 'input', { kind: 'image', height: size, width: size, channels });
const ends = [image(8), node('gap', 'global-average-pool'), node('output', 'output')];
const spine = [wire('input', 'gap'), wire('gap', 'output')];
const codes = (d: Document) => compile(d).problems.map((p) => p.diagnostic.code);

/** Applies the first repair of a problem until none has one. */
function mended(document: Document): Document {
  let current = document;
  for (let step = 0; step < 10; step++) {
    const repair = compile(current).problems.flatMap((p) => p.repairs)[0];
    if (!repair) break;
    current = applyEdit(current, repair.edit).document;
  }
  return current;
}

describe('wires that no hand draws', () => {
  it.each<[string, readonly Wire[], string]>([
    ['from a node that is gone', [...spine, wire('ghost', 'gap')], 'graph.wire-lost'],
    ['to a node that is gone', [...spine, wire('gap', 'ghost')], 'graph.wire-lost'],
    ['between two that are gone', [...spine, wire('ghost', 'spook')], 'graph.wire-lost'],
    ['from a port that is not there', [...spine, wire('input', 'gap', ['side', 'in'])], 'graph.wire-lost'],
    ['into a port that is not there', [...spine, wire('input', 'gap', ['out', 'side'])], 'graph.wire-lost'],
    ['into an Input', [...spine, wire('gap', 'input')], 'graph.wire-lost'],
    ['twice the same', [...spine, wire('input', 'gap')], 'graph.wire-twice'],
    ['a second one into one port', [...spine, wire('input', 'output')], 'graph.port-taken'],
  ])('%s', (_name, wires, code) => {
    const document = draw(ends, wires);
    const { problems, ready } = compile(document);
    expect([problems.map((p) => p.diagnostic.code), ready]).toEqual([[code], false]);
    expect(render(problems[0]?.diagnostic as never).sentence).toMatch(/^.+: expected .+, got .+\. .+\.$/);
    const after = mended(document);
    expect([codes(after), after.graph.wires.map((w) => [w.from.node, w.to.node])]).toEqual([[], [['input', 'gap'], ['gap', 'output']]]);
  });

  it('of one id: only the second goes, and the order of the rest stays', () => {
    const nodes = [image(8), node('a', 'relu'), node('cat', 'concat'), node('b', 'relu'), node('gap', 'global-average-pool'), node('output', 'output')];
    const wires = [wire('input', 'a'), wire('input', 'b'), wire('a', 'cat', ['out', 'in'], 'x'), wire('a', 'cat', ['out', 'in'], 'x'), wire('b', 'cat'), wire('cat', 'gap'), wire('gap', 'output')];
    expect(codes(draw(nodes, wires))).toEqual(['graph.wire-twice']);
    expect(mended(draw(nodes, wires)).graph.wires.filter((w) => w.to.node === 'cat').map((w) => w.from.node)).toEqual(['a', 'b']);
  });

  it('leave the rest of the net its shapes', () => {
    const { network } = compile(draw(ends, [wire('input', 'gap'), wire('ghost', 'output')]));
    expect(network.layers.map((l) => l.id)).toEqual(['input', 'gap']);
  });

  it('inside a group, and its ports', () => {
    const group: GroupNode = {
      kind: 'group', id: 'g', name: 'stage', position: { x: 0, y: 0 }, repeat: 1, graph: { nodes: [node('a', 'relu'), node('b', 'relu')], wires: [wire('a', 'b'), wire('a', 'gone')] },
      inputs: [{ id: 'in', label: 'Input', node: 'a', port: 'in' }], outputs: [{ id: 'out', label: 'Output', node: 'nobody', port: 'out' }],
    };
    const d = draw([image(8), group, node('gap', 'global-average-pool'), node('output', 'output')], [wire('input', 'g'), wire('g', 'gap'), wire('gap', 'output')]);
    expect(codes(d).slice(0, 2)).toEqual(['graph.wire-lost', 'graph.group-port']);
    expect(compile(d).problems[0]?.diagnostic.place).toEqual({ label: 'a', node: 'g/a' });
    expect(codes(applyEdit(d, compile(d).problems[0]?.repairs[0]?.edit as never).document)).not.toContain('graph.wire-lost');
  });
});

describe('ids and names', () => {
  it('an id twice is an error', () => {
    const { problems, ready } = compile(draw([...ends, node('gap', 'relu')], spine));
    expect([problems.map((p) => p.diagnostic.code).includes('graph.id-twice'), ready]).toEqual([true, false]);
  });
  it('a name twice is a warning with a repair', () => {
    const d = draw([image(8), { ...node('a', 'relu'), name: 'relu 1' }, { ...node('b', 'relu'), name: 'relu 1' }, ...ends.slice(1)], [wire('input', 'a'), wire('a', 'b'), wire('b', 'gap'), wire('gap', 'output')]);
    expect([codes(d), compile(d).ready]).toEqual([['graph.name-twice'], true]);
    expect(mended(d).graph.nodes.map((n) => n.name)).toEqual(['input', 'relu 1', 'relu 2', 'gap', 'output']);
  });
});

describe('a loop', () => {
  // input → first → (a ⇄ b) → behind → gap → output, and a second knot beside.
  const nodes = [image(8), node('first', 'conv2d', { filters: 3 }), node('a', 'add'), node('b', 'relu'), node('behind', 'relu'), node('c', 'relu'), node('d', 'relu'), ...ends.slice(1)];
  const d = draw(nodes, [wire('input', 'first'), wire('first', 'a'), wire('b', 'a'), wire('a', 'b'), wire('b', 'behind'), wire('behind', 'gap'), wire('gap', 'output'), wire('c', 'd'), wire('d', 'c')]);
  it('leaves the shapes of what lies before it, and each knot is said', () => {
    const { network, problems } = compile(d);
    expect(network.layers.map((l) => [l.id, l.shape])).toEqual([['input', [1, 8, 8]], ['first', [3, 6, 6]]]);
    expect(problems.map((p) => p.diagnostic.code)).toEqual(['graph.cycle', 'graph.cycle']);
  });
});

describe('a kernel too large', () => {
  const net = (layer: LayerType, params: Record<string, unknown>, input: DrawnNode) => draw([input, node('x', layer, params), node('gap', 'global-average-pool'), node('output', 'output')], [wire('input', 'x'), wire('x', 'gap'), wire('gap', 'output')]);
  const paramsOf = (d: Document) => (mended(d).graph.nodes[1] as { params: Record<string, unknown> }).params;
  it('shrinks to what fits at its dilation', () => {
    // Extent (k − 1)·3 + 1 within 8 pixels: k = 3.
    const d = net('conv2d', { kernel: [5, 2], dilation: [3, 1] }, image(8));
    expect(codes(d)).toEqual(['shape.kernel-too-large']);
    expect([codes(mended(d)), paramsOf(d).kernel]).toEqual([[], [3, 2]]);
    expect(compile(d).problems[0]?.repairs.map((r) => r.label)).toEqual(['Shrink the kernel to 3', 'Take the dilation back to 1']);
  });
  it('in sequences and volumes', () => {
    expect(paramsOf(net('conv1d', { kernel: 9, dilation: 2 }, node('input', 'input', { kind: 'sequence', length: 7, channels: 2 }))).kernel).toBe(4);
    const cube = net('conv3d', { depth: 5, kernel: [9, 3] }, node('input', 'input', { kind: 'volume', depth: 4, height: 6, width: 6, channels: 1 }));
    expect([codes(mended(cube)), paramsOf(cube).depth, paramsOf(cube).kernel]).toEqual([[], 4, [6, 3]]);
  });
});
