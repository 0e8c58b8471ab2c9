/** Compile on the field's own examples and on everything a person can get wrong. */
import { describe, expect, it } from 'vitest';
import { render, type DiagnosticCode } from '../diagnostics/diagnostic.ts';
import { applyEdit } from '../graph/apply.ts';
import { emptyDocument, type Document, type DrawnNode, type GroupNode, type Wire } from '../graph/document.ts';
import { defaultParams, layerTypes, type LayerType } from '../layers/table.ts';
import { findTemplate, templates } from '../templates/templates.ts';
import { fc } from '../util/properties.harness.ts';
import { compile } from './compile.ts';
import { canConnect } from './connect.ts';
import { initialWeights } from './weights.ts';

const node = (id: string, layer: LayerType, params: Record<string, unknown> = {}): DrawnNode => ({ kind: 'layer', id, name: id, layer, params: { ...defaultParams(layer), ...params }, position: { x: 0, y: 0 } });
const wire = (from: string, to: string): Wire => ({ id: `${from}>${to}`, from: { node: from, port: 'out' }, to: { node: to, port: 'in' } });
const draw = (nodes: DrawnNode[], wires: [string, string][]): Document => ({ ...emptyDocument('test'), graph: { nodes, wires: wires.map(([a, b]) => wire(a, b)) } });
const image = (size: number, channels: number) => node('input', 'input', { kind: 'image', height: size, width: size, channels });
const codes = (d: Document, options = {}): DiagnosticCode[] => compile(d, options).problems.map((p) => p.diagnostic.code);
const layerOf = (d: Document, id: string) => compile(d).network.layers.find((l) => l.id === id);

describe('seeds of the field', () => {
  it('32×32×3 through ten 5×5 filters, stride 1, padding 2: 32×32×10 and 760 parameters', () => {
    const d = draw([image(32, 3), node('conv', 'conv2d', { filters: 10, kernel: [5, 5], padding: 'explicit', edges: [2, 2, 2, 2] })], [['input', 'conv']]);
    const conv = layerOf(d, 'conv');
    expect([conv?.shape, conv?.parameters, conv?.arithmetic, conv?.parameterArithmetic]).toEqual([[10, 32, 32], 760, ['(32 + 2·2 − 5) / 1 + 1 = 32'], '5·5·3·10 + 10']);
  });

  it('LeNet-5 on 28×28 has 61,706 parameters and its published shapes', () => {
    const { network, ready } = compile(findTemplate('lenet-5')?.build() ?? emptyDocument(''));
    expect([network.parameters, ready, network.layers.map((l) => l.shape.join())]).toEqual([61706, true, ['1,28,28', '6,28,28', '6,14,14', '16,10,10', '16,5,5', '400', '120', '84', '10', '10']]);
  });

  it('every template but the blank one compiles without a problem', () => {
    expect(templates.filter((t) => compile(t.build()).problems.length > 0).map((t) => t.id)).toEqual(['blank']);
  });
});

describe('problems', () => {
  const chain = (...middle: DrawnNode[]) => {
    const nodes = [image(8, 1), ...middle, node('output', 'output')];
    return draw(nodes, nodes.slice(1).map((n, i) => [(nodes[i] as DrawnNode).id, n.id]));
  };
  it.each<[string, Document, DiagnosticCode]>([
    ['a kernel larger than its input', chain(node('conv', 'conv2d', { kernel: [9, 9] })), 'shape.kernel-too-large'],
    ['dense on maps', chain(node('dense', 'dense')), 'shape.needs-vector'],
    ['an unconnected layer', draw([image(8, 1), node('conv', 'conv2d'), node('output', 'output')], [['conv', 'output']]), 'graph.unconnected'],
    ['a cycle', draw([image(8, 1), node('a', 'relu'), node('b', 'relu'), node('output', 'output')], [['a', 'b'], ['b', 'a'], ['b', 'output']]), 'graph.cycle'],
    ['a mismatched Add', draw([image(8, 1), node('conv', 'conv2d', { filters: 4, padding: 'same' }), node('add', 'add'), node('output', 'output')], [['input', 'conv'], ['conv', 'add'], ['input', 'add'], ['add', 'output']]), 'shape.mismatch'],
    ['groups that do not divide', chain(node('conv', 'conv2d', { groups: 3 })), 'shape.groups'],
    ['an unknown layer', chain({ ...node('x', 'relu'), layer: 'quantum' } as DrawnNode), 'graph.unknown-layer'],
    ['a parameter out of bounds', chain(node('conv', 'conv2d', { filters: 0 })), 'field.invalid'],
    ['no output', draw([image(8, 1)], []), 'graph.no-output'],
    ['an operator whose operands do not fit', chain({ kind: 'operator', id: 'op', name: 'op', op: 'Gemm', domain: '', opset: 18, attributes: {}, operands: [{ port: 'in' }, { weight: 'b', shape: [3, 4] }], outputs: ['out'], position: { x: 0, y: 0 } }), 'shape.operator'],
  ])('%s', (_name, document, code) => {
    const { problems, ready } = compile(document);
    expect(problems.map((p) => p.diagnostic.code)).toContain(code);
    expect(ready).toBe(false);
    // Each is a whole sentence with place, expectation, finding and next step.
    for (const p of problems) expect(render(p.diagnostic).sentence).toMatch(/^.+: expected .+, got .+\. .+\.$/);
  });

  it('data that does not fit the Input, and a wrong number of classes', () => {
    const d = findTemplate('lenet-5-digits')?.build() ?? emptyDocument('');
    expect(codes(d, { sampleShape: [1, 28, 28], classes: 26 })).toEqual(['graph.data-shape', 'graph.class-count']);
  });

  it('applying a problem’s repair solves it', () => {
    const shortcut = draw([image(8, 3), node('conv', 'conv2d', { filters: 4, padding: 'same', stride: [2, 2] }), node('add', 'add'), node('gap', 'global-average-pool'), node('output', 'output')], [['input', 'conv'], ['conv', 'add'], ['input', 'add'], ['add', 'gap'], ['gap', 'output']]);
    for (const [document, options] of [[chain(node('dense', 'dense')), {}], [chain(node('conv', 'conv2d', { kernel: [9, 9] }), node('gap', 'global-average-pool')), {}], [shortcut, {}], [findTemplate('mlp')?.build() ?? emptyDocument(''), { classes: 3 }]] as const) {
      const before = compile(document, options);
      const problem = before.problems.find((p) => p.repairs.length > 0);
      const after = applyEdit(document, problem?.repairs[0]?.edit ?? { kind: 'batch', edits: [] }).document;
      expect(compile(after, options).problems.map((p) => p.diagnostic.code)).not.toContain(problem?.diagnostic.code);
    }
  });

  it('never throws, whatever is drawn', () => {
    const anyNode = fc.record({ id: fc.constantFrom('a', 'b', 'c', 'd'), layer: fc.constantFrom(...layerTypes) });
    const anyWire = fc.tuple(fc.constantFrom('a', 'b', 'c', 'd'), fc.constantFrom('a', 'b', 'c', 'd'));
    fc.assert(fc.property(fc.uniqueArray(anyNode, { selector: (n) => n.id, maxLength: 4 }), fc.array(anyWire, { maxLength: 6 }), (nodes, wires) => {
      const ids = new Set(nodes.map((n) => n.id));
      const d = draw(nodes.map((n) => node(n.id, n.layer)), wires.filter(([x, y]) => ids.has(x) && ids.has(y)));
      for (const p of compile(d).problems) render(p.diagnostic);
    }), { numRuns: 300 });
  });
});

describe('groups', () => {
  it('a repeated group is a chain of copies; counts sum over them', () => {
    const inner: GroupNode = {
      kind: 'group', id: 'stage', name: 'stage', position: { x: 0, y: 0 }, repeat: 3,
      graph: { nodes: [node('conv', 'conv2d', { filters: 1, padding: 'same' }), node('relu', 'relu')], wires: [wire('conv', 'relu')] },
      inputs: [{ id: 'in', label: 'Input', node: 'conv', port: 'in' }], outputs: [{ id: 'out', label: 'Output', node: 'relu', port: 'out' }],
    };
    const { network } = compile(draw([image(8, 1), inner, node('output', 'output')], [['input', 'stage'], ['stage', 'output']]));
    expect([network.layers.map((l) => l.id), network.parameters]).toEqual([['input', 'stage#1/conv', 'stage#1/relu', 'stage#2/conv', 'stage#2/relu', 'stage#3/conv', 'stage#3/relu', 'output'], 30]);
  });
});

describe('wires while they are drawn', () => {
  const d = draw([image(8, 1), node('conv', 'conv2d'), node('relu', 'relu'), node('dense', 'dense'), node('add', 'add')], [['input', 'conv'], ['conv', 'relu'], ['conv', 'add']]);
  const ask = (from: string, to: string) => {
    const answer = canConnect(d, [], { node: from, port: 'out' }, { node: to, port: 'in' });
    return answer.ok ? 'yes' : answer.error.code;
  };
  it.each([['relu', 'add', 'yes'], ['relu', 'conv', 'graph.wire-taken'], ['relu', 'relu', 'graph.wire-self'], ['conv', 'dense', 'shape.needs-vector'], ['input', 'add', 'shape.mismatch'], ['conv', 'add', 'graph.wire-double'], ['conv', 'nobody', 'graph.wire-port']])('%s to %s: %s', (from, to, expected) => {
    expect(ask(from, to)).toBe(expected);
  });
  it('refuses a loop', () => {
    const open = draw([node('a', 'relu'), node('b', 'relu')], [['a', 'b']]);
    const answer = canConnect(open, [], { node: 'b', port: 'out' }, { node: 'a', port: 'in' });
    expect(answer.ok ? 'yes' : answer.error.code).toBe('graph.cycle');
  });
});

describe('initial weights', () => {
  it('follow from seed and name, with He’s variance 2 / fan-in', () => {
    const { network } = compile(draw([image(32, 16), node('conv', 'conv2d', { filters: 64, activation: 'relu' })], [['input', 'conv']]));
    const [a, b, c] = [initialWeights(network, 1), initialWeights(network, 1), initialWeights(network, 2)].map((w) => w.get('conv.kernel')?.data ?? new Float32Array());
    expect(a).toEqual(b);
    expect(a).not.toEqual(c);
    const variance = (a ?? new Float32Array()).reduce((s, v) => s + v * v, 0) / (a?.length ?? 1);
    expect(variance / (2 / (16 * 9))).toBeCloseTo(1, 1);
  });
});
