/** What is done to graphs is done to operators too: groups, copies, removal, edits; labels of a document survive all of it. */
import { describe, expect, it } from 'vitest';
import { compile } from '../compile/compile.ts';
import { lowerForward } from '../compile/lower.ts';
import { render } from '../diagnostics/diagnostic.ts';
import { canConnect, portsOf } from '../compile/connect.ts';
import { defaultParams, type LayerType } from '../layers/table.ts';
import { operators } from '../onnx/ops/table.ts';
import { storeConstant } from '../onnx/stored.ts';
import { fc } from '../util/properties.harness.ts';
import { applyEdit } from './apply.ts';
import { emptyDocument, type Document, type DrawnNode, type Operand, type OperatorNode, type StoredAttribute, type StoredConstant, type Wire } from './document.ts';
import { groupNodes, ungroup } from './grouping.ts';
import { copyText, pasteEdit, removeAndReconnect } from './operations.ts';
import { parseDocument, serializeDocument } from './parse.ts';

const position = { x: 0, y: 0 };
const layer = (id: string, type: LayerType, params: Record<string, unknown> = {}): DrawnNode => ({ kind: 'layer', id, name: id, layer: type, params: { ...defaultParams(type), ...params }, position });
const operator = (id: string, op: string, rest: OperatorNode['operands'] = [], outputs: readonly string[] = ['y'], attributes: OperatorNode['attributes'] = {}): OperatorNode =>
  ({ kind: 'operator', id, name: id, op, domain: '', opset: 18, attributes, operands: [{ port: 'x' }, ...rest], outputs, position });
const wire = (from: string, a: string, to: string, b: string): Wire => ({ id: `${from}>${to}.${b}`, from: { node: from, port: a }, to: { node: to, port: b } });

/** Sixteen numbers are split, bent apart and joined. */
const document: Document = {
  ...emptyDocument('operators'), labels: ['cat', 'dog'], weights: 'weights/model.safetensors', origin: 'net.onnx',
  graph: {
    nodes: [
      layer('input', 'input', { kind: 'vector', channels: 16 }), operator('split', 'Split', [{ constant: storeConstant({ element: 'int64', shape: [2], data: BigInt64Array.of(4n, 12n) }) }], ['small', 'large'], { axis: { kind: 'int', value: 1 } }),
      operator('first', 'MatMul', [{ weight: 'w', shape: [4, 2] }]), operator('second', 'MatMul', [{ weight: 'w', shape: [12, 2] }]), { ...operator('sum', 'Add', [{ port: 'b' }]) }, layer('output', 'output'),
    ],
    wires: [wire('input', 'out', 'split', 'x'), wire('split', 'small', 'first', 'x'), wire('split', 'large', 'second', 'x'), wire('first', 'y', 'sum', 'x'), wire('second', 'y', 'sum', 'b'), wire('sum', 'y', 'output', 'in')],
  },
};
/** What comes out and what it costs, whatever it is called. */
const facts = (d: Document) => {
  const { network, problems, ready } = compile(d);
  return { ready, problems: problems.map((p) => p.diagnostic.code), parameters: network.parameters, macs: network.macs, out: network.layers.at(-1)?.shape };
};
const whole = { ready: true, problems: [], parameters: 32, macs: 32, out: [2] };

describe('operators', () => {
  it('compile from each output on its own wire', () => expect(facts(document)).toEqual(whole));

  it('are grouped with ports of their own, and come out of the group as they were', () => {
    const edit = groupNodes(document.graph, [], ['split', 'first', 'second'], 'g', portsOf, null);
    if (!edit) throw new Error('no group');
    const grouped = applyEdit(document, edit.edit);
    const group = grouped.document.graph.nodes.find((n) => n.kind === 'group');
    if (group?.kind !== 'group') throw new Error('no group');
    expect([facts(grouped.document), group.inputs.length, group.outputs.length]).toEqual([whole, 1, 2]);
    const opened = ungroup(grouped.document.graph, [], group.id, null);
    if (!opened) throw new Error('not opened');
    expect(facts(applyEdit(grouped.document, opened.edit).document)).toEqual(whole);
    expect(applyEdit(grouped.document, grouped.inverse).document).toEqual(document);
  });

  it('are copied with attributes, weights and constants', () => {
    const pasted = pasteEdit(document.graph, [], copyText(document.graph, ['split', 'first']), { x: 10, y: 10 });
    if (!pasted) throw new Error('nothing pasted');
    const { document: twice } = applyEdit(document, pasted.edit);
    const [split, first] = pasted.ids.map((id) => twice.graph.nodes.find((n) => n.id === id));
    const strip = (n: DrawnNode | undefined) => ({ ...n, id: '', name: '', position });
    expect([strip(split), strip(first)]).toEqual([strip(document.graph.nodes[1]), strip(document.graph.nodes[2])]);
    expect(twice.graph.wires.slice(-1)[0]).toMatchObject({ from: { node: split?.id, port: 'small' }, to: { node: first?.id, port: 'x' } });
  });

  it('are taken out of a chain', () => {
    const chain: Document = { ...document, graph: { nodes: [layer('input', 'input', { kind: 'vector', channels: 16 }), operator('bend', 'Relu'), layer('output', 'output')], wires: [wire('input', 'out', 'bend', 'x'), wire('bend', 'y', 'output', 'in')] } };
    expect(facts(applyEdit(chain, removeAndReconnect(chain.graph, [], 'bend')).document)).toEqual({ ready: true, problems: [], parameters: 0, macs: 0, out: [16] });
  });

  it('refuse a wire that they cannot take, with their own reason', () => {
    const open = { ...document, graph: { ...document.graph, wires: document.graph.wires.filter((w) => w.to.node !== 'second') } };
    const no = canConnect(open, [], { node: 'split', port: 'small' }, { node: 'second', port: 'x' });
    expect(no.ok ? 'yes' : no.error.code).toBe('shape.operator');
    expect(canConnect(open, [], { node: 'split', port: 'large' }, { node: 'second', port: 'x' }).ok).toBe(true);
  });

  it('are bypassed where the type stays, and refuse elsewhere', () => {
    const bypass = (id: string) => facts(applyEdit(document, { kind: 'set-node', path: [], id, change: { bypassed: true } }).document).problems;
    expect([bypass('split'), bypass('first')]).toEqual([['graph.bypass-shape'], ['graph.bypass-shape']]);
    const relu: Document = { ...document, graph: { nodes: document.graph.nodes.map((n) => (n.id === 'sum' ? operator('sum', 'Relu') : n)).filter((n) => n.id !== 'second'), wires: document.graph.wires.filter((w) => w.from.node !== 'second' && w.to.node !== 'second') } };
    expect(facts(applyEdit(relu, { kind: 'set-node', path: [], id: 'sum', change: { bypassed: true } }).document).problems).toEqual([]);
  });
});

it('whatever an operator holds, a net with it compiles or says why not, and lowers where nothing is wrong', () => {
  const constant = fc.constantFrom<{ readonly constant: StoredConstant }>(
    { constant: storeConstant({ element: 'int64', shape: [2], data: BigInt64Array.of(-1n, 4n) }) }, { constant: storeConstant({ element: 'float32', shape: [], data: Float32Array.of(NaN) }) },
    { constant: { element: 'int64', shape: [3], data: 'AAAA' } }, { constant: { element: 'string', shape: [1], data: '' } },
  );
  const operand = fc.oneof(fc.constant<Operand>({ port: 'x' }), fc.constant<Operand>(null), constant, fc.constantFrom<Operand>({ weight: 'w', shape: [3, 4] }, { weight: 'w', shape: [] }, { weight: 'v', shape: [0] }));
  const attribute = fc.oneof(
    fc.constantFrom<StoredAttribute>({ kind: 'int', value: 1 }, { kind: 'int', value: -9 }, { kind: 'float', value: 0.5 }, { kind: 'string', value: 'SAME_UPPER' }, { kind: 'ints', value: [1, 1] }, { kind: 'ints', value: [] }),
    constant.map(({ constant: value }): StoredAttribute => ({ kind: 'tensor', value })),
  );
  const any = fc.record({
    op: fc.constantFrom(...Object.keys(operators), 'Unheard'), domain: fc.constantFrom('', 'com.microsoft', 'elsewhere'), opset: fc.constantFrom(1, 18, 24),
    attributes: fc.dictionary(fc.constantFrom('axis', 'axes', 'perm', 'pads', 'kernel_shape', 'strides', 'value', 'to', 'keepdims', 'group', 'mode', 'auto_pad', 'hidden_size', 'equation'), attribute, { maxKeys: 4 }),
    operands: fc.array(operand, { maxLength: 5 }), outputs: fc.constantFrom(['y'], ['', 'y'], ['y', 'z'], []),
    types: fc.constantFrom<NonNullable<OperatorNode['types']>>([], [{ element: 'float32', shape: [-1, 16] }], [{ element: 'int64', shape: [2, -1] }, { element: 'float32', shape: [-1, 16] }]),
  });
  fc.assert(fc.property(any, fc.boolean(), (held, plain) => {
    const node: OperatorNode = { ...operator('odd', 'Relu'), ...held };
    const ends = plain ? [layer('input', 'input', { kind: 'vector', channels: 16 }), layer('output', 'output')] : [layer('input', 'tensor-input', { element: 'int64', shape: [2, 3] }), layer('output', 'tensor-output')];
    const wires = [...(node.operands.some((o) => o && 'port' in o) ? [wire('input', 'out', 'odd', 'x')] : []), ...(node.outputs.includes('y') ? [wire('odd', 'y', 'output', 'in')] : [])];
    const { network, problems, ready } = compile({ ...document, graph: { nodes: [...ends, node], wires } });
    for (const p of problems) expect(render(p.diagnostic).sentence).toMatch(/expected .+, got .+/);
    if (ready) lowerForward(network, { batch: 3, training: true });
  }), { numRuns: 1500 });
});

it('a document with operators and labels is read back as it was written, and keeps its labels through an edit', () => {
  const text = serializeDocument(document);
  const parsed = parseDocument(JSON.parse(text));
  expect(parsed.ok && parsed.value).toEqual(document);
  expect(applyEdit(document, { kind: 'set-node', path: [], id: 'sum', change: { name: 'join' } }).document.labels).toEqual(['cat', 'dog']);
});
