/** Groups: repeats, variables, expressions, ports and their order, beside the same net drawn by hand. */
import { describe, expect, it } from 'vitest';
import { render } from '../diagnostics/diagnostic.ts';
import { emptyDocument, type Document, type DrawnNode, type GroupNode, type GroupPort, type GroupVariable, type Wire } from '../graph/document.ts';
import { defaultParams, type LayerType } from '../layers/table.ts';
import { fc } from '../util/properties.harness.ts';
import { compile } from './compile.ts';
import { applyEdit } from '../graph/apply.ts';
import { stubId, wireEdit } from '../graph/group-ports.ts';
import { canConnect } from './connect.ts';
import { groupSummary, networkId } from './summary.ts';

const node = (id: string, layer: LayerType, params: Record<string, unknown> = {}): DrawnNode => ({ kind: 'layer', id, name: id, layer, params: { ...defaultParams(layer), ...params }, position: { x: 0, y: 0 } });
const wire = (from: string, to: string): Wire => ({ id: `${from}>${to}`, from: { node: from, port: 'out' }, to: { node: to, port: 'in' } });
const chain = (...nodes: DrawnNode[]): Document => ({ ...emptyDocument('test'), graph: { nodes, wires: nodes.slice(1).map((n, i) => wire((nodes[i] as DrawnNode).id, n.id)) } });
const image = (size: number, channels: number) => node('input', 'input', { kind: 'image', height: size, width: size, channels });
const conv = (id: string, filters: unknown, size: unknown = 3) => node(id, 'conv2d', { filters, kernel: [size, size], padding: 'same', activation: 'none' });
const port = (id: string, inner: string, order?: number): GroupPort => ({ id, label: id, node: inner, port: id.startsWith('out') ? 'out' : 'in', ...(order === undefined ? {} : { order }) });
const group = (id: string, nodes: readonly DrawnNode[], wires: readonly Wire[], inputs: readonly GroupPort[], outputs: readonly GroupPort[], more: { repeat?: number; variables?: readonly GroupVariable[]; bypassed?: boolean } = {}): GroupNode =>
  ({ kind: 'group', id, name: id, position: { x: 0, y: 0 }, repeat: 1, graph: { nodes, wires }, inputs, outputs, ...more });
const single = (id: string, inner: DrawnNode, more: Parameters<typeof group>[5] = {}) => group(id, [inner], [], [port('in', inner.id)], [port('out', inner.id)], more);
const variable = (name: string, value: number | string): GroupVariable => ({ name, label: name, value });
const end = [node('gap', 'global-average-pool'), node('output', 'output')];
const shapes = (d: Document) => compile(d).network.layers.map((l) => [l.id, l.shape]);
const sentences = (d: Document) => compile(d).problems.map((p) => [p.diagnostic.place.node, render(p.diagnostic).sentence]);

describe('expressions in groups', () => {
  it('are computed for each copy, from variables, k and n, scalars and inside arrays', () => {
    const stage = single('stage', conv('conv', '=width * 2 ** k', '=n + 2 * k'), { repeat: 3, variables: [variable('width', 4)] });
    const { network, ready } = compile(chain(image(16, 1), stage, ...end));
    expect([ready, network.layers.slice(1, 4).map((l) => [l.params.filters, l.params.kernel, l.parameters])]).toEqual([true, [
      [4, [3, 3], 3 * 3 * 1 * 4 + 4], [8, [5, 5], 5 * 5 * 4 * 8 + 8], [16, [7, 7], 7 * 7 * 8 * 16 + 16],
    ]]);
  });

  it('switches take what is not 0 as yes', () => {
    const stage = single('stage', node('conv', 'conv2d', { filters: 2, kernel: [1, 1], bias: '=k > 0' }), { repeat: 2 });
    expect(compile(chain(image(4, 1), stage, ...end)).network.layers.map((l) => l.parameters)).toEqual([0, 2, 6, 0, 0]);
  });

  it('inner groups see outer variables; a variable of their own hides one, and is computed in the scope around', () => {
    const inner = single('inner', conv('conv', '=width + k'), { repeat: 2, variables: [variable('width', '=width * (k + 1)')] });
    const plain = single('plain', conv('conv', '=width'));
    const outer = group('outer', [inner, plain], [wire('inner', 'plain')], [port('in', 'inner')], [port('out', 'plain')], { repeat: 2, variables: [variable('width', '5 * 2')] });
    expect(shapes(chain(image(4, 1), outer, ...end)).slice(1, -2)).toEqual([
      ['outer#1/inner#1/conv', [10, 4, 4]], ['outer#1/inner#2/conv', [11, 4, 4]], ['outer#1/plain/conv', [10, 4, 4]],
      ['outer#2/inner#1/conv', [20, 4, 4]], ['outer#2/inner#2/conv', [21, 4, 4]], ['outer#2/plain/conv', [10, 4, 4]],
    ]);
  });

  it('what is wrong is said once, at the inner node and its field', () => {
    const d = chain(image(8, 1), single('stage', conv('conv', '=widht * 2'), { repeat: 3, variables: [variable('width', 4)] }), ...end);
    expect(sentences(d)).toEqual([['stage/conv', 'stage 1 / conv, Filters: expected one of k, n, width, got widht at character 1 of “widht * 2”. Correct the formula, or type a number.']]);
  });

  it('a value that the field does not take is said once for all copies', () => {
    expect(sentences(chain(image(8, 1), single('stage', conv('conv', '=k - 5'), { repeat: 3 }), ...end)).map(([at]) => at)).toEqual(['stage/conv']);
  });

  it('a wrong variable is said at the group, and nothing of what rests on it', () => {
    const d = chain(image(8, 1), single('stage', conv('conv', '=width * 2'), { variables: [variable('width', '=4 /')] }), ...end);
    expect(sentences(d)).toEqual([['stage', 'stage, width: expected a number or a name, got the end at character 4 of “4 /”. Correct the formula, or type a number.']]);
  });

  it('variables named twice, or like the language’s own names, are errors', () => {
    const d = chain(image(8, 1), single('stage', conv('conv', 2), { variables: [variable('a', 1), variable('a', 2), variable('k', 3)] }), ...end);
    expect(compile(d).problems.map((p) => [p.diagnostic.code, p.diagnostic.args])).toEqual([['graph.variable', { variable: 'a', reason: 'twice' }], ['graph.variable', { variable: 'k', reason: 'name' }]]);
  });

  it('a layer outside of groups may have one too', () => expect(shapes(chain(image(4, 1), conv('conv', '=3 * 4'), ...end))[1]).toEqual(['conv', [12, 4, 4]]));
});

describe('ports of groups', () => {
  it('ties of one id feed several inner ports, in every copy of a chain', () => {
    // A dense block (Huang et al. 2017): each copy joins its input and 3 new maps of it.
    const block = group('block', [conv('conv', 3), node('join', 'concat')], [wire('conv', 'join')], [port('in', 'conv'), { ...port('in', 'join'), order: 0 }], [port('out', 'join')], { repeat: 3 });
    const { network, ready } = compile(chain(image(8, 2), block, ...end));
    expect([ready, network.layers.filter((l) => l.type === 'concat').map((l) => [l.shape[0], l.inputs])]).toEqual([true, [
      [5, ['input', 'block#1/conv']], [8, ['block#1/join', 'block#2/conv']], [11, ['block#2/join', 'block#3/conv']],
    ]]);
  });

  it('outside wires go where their order says, among the inner ones', () => {
    const join = group('g', [conv('inner', 3), node('join', 'concat')], [wire('inner', 'join')], [{ ...port('a', 'join', 2), port: 'in' }, { ...port('b', 'join', 0), port: 'in' }, { ...port('c', 'inner'), port: 'in' }], [port('out', 'join')]);
    const to = (from: string, p: string): Wire => ({ id: `${from}-${p}`, from: { node: from, port: 'out' }, to: { node: 'g', port: p } });
    const d: Document = { ...emptyDocument('t'), graph: { nodes: [image(4, 1), conv('x', 2), conv('y', 5), join, ...end], wires: [wire('input', 'x'), wire('input', 'y'), to('x', 'a'), to('y', 'b'), to('input', 'c'), wire('g', 'gap'), wire('gap', 'output')] } };
    const { network, problems } = compile(d);
    expect([problems, network.layers.find((l) => l.type === 'concat')?.inputs]).toEqual([[], ['y', 'g/inner', 'x']]);
  });

  it('inputs beside the first feed every copy', () => {
    const add = group('g', [conv('conv', 2), node('add', 'add')], [wire('conv', 'add')], [port('in', 'conv'), { id: 'side', label: 'Side', node: 'add', port: 'in' }], [port('out', 'add')], { repeat: 2 });
    const d: Document = { ...emptyDocument('t'), graph: { nodes: [image(4, 2), add, ...end], wires: [wire('input', 'g'), { id: 's', from: { node: 'input', port: 'out' }, to: { node: 'g', port: 'side' } }, wire('g', 'gap'), wire('gap', 'output')] } };
    expect(compile(d).network.layers.filter((l) => l.type === 'add').map((l) => l.inputs)).toEqual([['g#1/conv', 'input'], ['g#2/conv', 'input']]);
  });
});

describe('whatever a file holds', () => {
  it('a million copies are refused, not made', () => {
    const d = chain(image(4, 1), single('outer', single('inner', conv('conv', 1), { repeat: 1000 }), { repeat: 1000 }), ...end);
    const { network, problems } = compile(d);
    expect([network.layers.length, problems.map((p) => render(p.diagnostic).sentence)]).toEqual([4, ['The network: expected at most 20,000 layers, got 1,000,003. Repeat groups less often; each is drawn as one copy until then.']]);
  });

  it('nothing throws: not groups in groups, nor ports, formulas and wires at random', () => {
    const inner = fc.constantFrom('a', 'b', 'g', 'nobody');
    const text = fc.constantFrom(1, 2, '=w', '=k + 1', '=1 /', '=unknown', 'same', [1, '=w']);
    const leaf = (id: string) => fc.record({ layer: fc.constantFrom<LayerType>('conv2d', 'add', 'relu', 'dense', 'concat'), filters: text }).map(({ layer, filters }) => node(id, layer, layer === 'conv2d' ? { filters } : {}));
    const ports = fc.array(fc.record({ id: fc.constantFrom('in', 'out', 'x'), label: fc.constant(''), node: inner, port: fc.constantFrom('in', 'out', 'x'), order: fc.nat(3) }), { maxLength: 3 });
    const wires = fc.array(fc.record({ id: fc.constantFrom('1', '2', '3'), from: fc.record({ node: inner, port: fc.constantFrom('out', 'x') }), to: fc.record({ node: inner, port: fc.constantFrom('in', 'x') }) }), { maxLength: 5 });
    const grouped = (nodes: fc.Arbitrary<DrawnNode[]>): fc.Arbitrary<GroupNode> =>
      fc.record({ nodes, wires, inputs: ports, outputs: ports, repeat: fc.integer({ min: 1, max: 3 }), value: fc.constantFrom<number | string>(2, '=w', '=k', '((') , bypassed: fc.boolean() })
        .map(({ nodes: n, wires: w, inputs, outputs, repeat, value, bypassed }) => group('g', n, w, inputs, outputs, { repeat, bypassed, variables: [variable('w', value)] }));
    const leaves = fc.tuple(leaf('a'), leaf('b'));
    const nested = grouped(fc.tuple(leaves, grouped(leaves)).map(([l, g]) => [...l, g]));
    fc.assert(fc.property(nested, leaves, wires, (g, l, w) => {
      const d: Document = { ...emptyDocument('t'), graph: { nodes: [image(4, 1), ...l, g, ...end], wires: w } };
      const compiled = compile(d);
      for (const p of compiled.problems) {
        render(p.diagnostic);
        for (const r of p.repairs) compile(applyEdit(d, r.edit).document);
      }
      groupSummary(d.graph, compiled, ['g', 'g']);
      canConnect(d, ['g'], { node: stubId('inputs', 'in'), port: 'out' }, { node: 'a', port: 'in' });
    }), { numRuns: 150 });
  });
});

describe('a group as one node', () => {
  it('frozen: all weights inside are', () => {
    const d = chain(image(4, 1), { ...single('outer', single('inner', conv('conv', 2), { repeat: 2 })), frozen: true }, ...end);
    expect(compile(d).network.layers.filter((l) => l.frozen).map((l) => l.id)).toEqual(['outer/inner#1/conv', 'outer/inner#2/conv']);
  });

  it('bypassed: data passes, and nothing of the inside is left', () => {
    const { network, ready } = compile(chain(image(4, 3), single('stage', conv('conv', 8), { repeat: 4, bypassed: true }), ...end));
    expect([ready, network.layers.map((l) => [l.id, l.shape, l.bypassed])]).toEqual([true, [['input', [3, 4, 4], false], ['stage', [3, 4, 4], true], ['gap', [3], false], ['output', [3], false]]]);
  });
});

describe('the sum of a group', () => {
  const inner = single('inner', conv('conv', '=4 * (k + 1)'), { repeat: 2 });
  const outer = single('outer', inner, { repeat: 3 });
  const d = chain(image(8, 4), outer, ...end);
  const compiled = compile(d);
  const nine = (a: number, b: number) => 9 * a * b + b;

  it('is over all copies; inside a repeated group, over its first', () => {
    const copies = [nine(4, 4) + nine(4, 8), nine(8, 4) + nine(4, 8), nine(8, 4) + nine(4, 8)];
    expect([groupSummary(d.graph, compiled, ['outer'])?.parameters, groupSummary(d.graph, compiled, ['outer', 'inner'])?.parameters]).toEqual([copies.reduce((a, b) => a + b), copies[0]]);
    expect(groupSummary(d.graph, compiled, ['outer'])?.macs).toBe(compiled.network.macs);
    expect(groupSummary(d.graph, compiled, ['outer'])?.outputs).toEqual([{ id: 'out', label: 'out', shape: [8, 8, 8], layer: 'outer#3/inner#2/conv' }]);
    expect(groupSummary(d.graph, compiled, ['input'])).toBeNull();
    expect([networkId(d.graph, ['outer', 'inner', 'conv']), networkId(d.graph, ['outer', 'inner', 'conv'], 'last')]).toEqual(['outer#1/inner#1/conv', 'outer#3/inner#2/conv']);
  });

  it('holds what is wrong inside', () => {
    const wrong = chain(image(8, 1), single('outer', single('inner', conv('conv', 0))), ...end);
    const summary = groupSummary(wrong.graph, compile(wrong), ['outer']);
    expect([summary?.worst, summary?.problems.map((p) => p.place.node), summary?.outputs[0]?.shape]).toEqual(['error', ['outer/inner/conv'], null]);
  });
});

describe('wires inside a group', () => {
  const inner = group('g', [conv('a', 3), conv('b', 3), node('add', 'add'), node('dense', 'dense')], [wire('a', 'add')], [port('in', 'a')], [port('out', 'add')]);
  const d = chain(image(8, 2), inner, ...end);
  const at = (id: string, p: string) => ({ node: id, port: p });
  const input = at(stubId('inputs', 'in'), 'out');
  const ask = (from: { node: string; port: string }, to: { node: string; port: string }) => {
    const answer = canConnect(d, ['g'], from, to);
    return answer.ok ? 'yes' : answer.error.code;
  };

  it('may start at an input of the group and end at an output, with the same reasons against', () => {
    expect([
      ask(input, at('b', 'in')), ask(input, at('a', 'in')), ask(at('b', 'out'), at('a', 'in')), ask(input, at('dense', 'in')), ask(at('b', 'out'), at(stubId('outputs', 'out'), 'in')),
      ask(at('add', 'out'), at(stubId('outputs', 'out'), 'in')), ask(input, at(stubId('outputs', 'out'), 'in')), ask(at('b', 'out'), at(stubId('inputs', 'in'), 'in')), ask(at('add', 'out'), at('b', 'in')),
    ]).toEqual(['yes', 'graph.wire-double', 'graph.wire-taken', 'shape.needs-vector', 'yes', 'graph.wire-double', 'graph.wire-port', 'graph.wire-port', 'yes']);
  });

  it('tie the port, or make a new one', () => {
    const drawn = (to: { node: string; port: string }, from: { node: string; port: string }) => applyEdit(d, wireEdit(d, ['g'], from, to)).document.graph.nodes[1] as GroupNode;
    expect(drawn(at('b', 'in'), input).inputs.map((p) => [p.id, p.node])).toEqual([['in', 'a'], ['in', 'b']]);
    expect(drawn(at('b', 'in'), at(stubId('inputs', null), 'out')).inputs.map((p) => [p.id, p.node])).toEqual([['in', 'a'], ['in-2', 'b']]);
    expect(drawn(at(stubId('outputs', 'out'), 'in'), at('b', 'out')).outputs.map((p) => [p.id, p.node])).toEqual([['out', 'b']]);
  });
});

describe('repairs inside groups', () => {
  /** Applies the first repair there is, once. */
  const mended = (d: Document, options = {}) => {
    const repair = compile(d, options).problems.flatMap((p) => p.repairs)[0];
    return [repair?.label, compile(repair ? applyEdit(d, repair.edit).document : d, options).problems.map((p) => p.diagnostic.code)];
  };

  it('Flatten goes between a port and the layer behind it', () => {
    const d = chain(image(4, 1), single('head', node('dense', 'dense', { units: 3 })), node('output', 'output'));
    expect(mended(d)).toEqual(['Insert Flatten', []]);
  });

  it('the last Dense layer is found inside a group', () => {
    const head = group('head', [node('flatten', 'flatten'), node('dense', 'dense', { units: 3 }), node('drop', 'dropout')], [wire('flatten', 'dense'), wire('dense', 'drop')], [port('in', 'flatten')], [port('out', 'drop')]);
    expect(mended(chain(image(4, 1), single('outer', head), node('output', 'output')), { classes: 5 })).toEqual(['Set dense to 5 units', []]);
  });

  it('a shortcut is projected in a repeated group, and beside a group', () => {
    const residual = group('stage', [conv('pre', 4), conv('a', 8), node('add', 'add')], [wire('pre', 'a'), wire('a', 'add'), wire('pre', 'add')], [port('in', 'pre')], [port('out', 'add')], { repeat: 2 });
    expect(mended(chain(image(4, 4), residual, ...end))).toEqual(['Project the shortcut by a 1×1 convolution', []]);
    const d = chain(image(4, 4), single('body', conv('conv', 8), { repeat: 2 }), node('add', 'add'), ...end);
    expect(mended({ ...d, graph: { ...d.graph, wires: [...d.graph.wires, wire('input', 'add')] } })).toEqual(['Project the shortcut by a 1×1 convolution', []]);
  });

  it('a port that leads nowhere is removed', () => {
    const d = chain(image(4, 1), group('g', [conv('a', 1)], [], [port('in', 'a'), port('side', 'gone')], [port('out', 'a')]), ...end);
    expect(mended(d)).toEqual(['Remove the port', []]);
  });
});
