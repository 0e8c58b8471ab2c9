/** The analysis against nets worked by hand. */
import { describe, expect, it } from 'vitest';
import { compile } from '../compile/compile.ts';
import type { Document, DrawnGraph, GroupNode, LayerNode, Wire } from '../graph/document.ts';
import { emptyDocument } from '../graph/document.ts';
import { Sketch } from '../templates/build.ts';
import { TrainingConfigSchema } from '../training/config.ts';
import { analyse } from './analyse.ts';
import { heatOf } from './heat.ts';
import { keptOutputs, trainingMemory } from './memory.ts';
import { toCsv, toMarkdown } from './text.ts';

/** LeNet-5 as in every course: 28×28×1, 5×5 with padding 2, pool, 5×5, pool, 120, 84, 10. */
function lenet(): Document {
  const s = new Sketch();
  s.chain(null, [
    ['input', { kind: 'image', height: 28, width: 28, channels: 1 }], ['conv2d', { filters: 6, kernel: [5, 5], padding: 'explicit', edges: [2, 2, 2, 2], activation: 'relu' }], ['max-pool', {}, 'pool'],
    ['conv2d', { filters: 16, kernel: [5, 5], padding: 'valid', activation: 'relu' }], ['max-pool', {}, 'pool'], ['flatten', {}],
    ['dense', { units: 120, activation: 'relu' }], ['dense', { units: 84, activation: 'relu' }], ['dense', { units: 10, activation: 'softmax' }], ['output', {}],
  ]);
  return s.document('LeNet-5', 'test');
}

const sgd = (momentum: number) => TrainingConfigSchema.parse({ optimizer: { kind: 'sgd', momentum } }).optimizer;
const adam = TrainingConfigSchema.parse({ optimizer: { kind: 'adam' } }).optimizer;

describe('LeNet-5', () => {
  const { network } = compile(lenet());
  const batch = 64;
  const analysis = analyse(network, batch);
  const column = <T>(pick: (r: (typeof analysis.layers)[number]) => T) => analysis.layers.map(pick);
  // Outputs: 28·28·6, 14·14·6, 10·10·16, 5·5·16, then vectors; Flatten and Output are their inputs' memory.
  const numbers = [28 * 28, 28 * 28 * 6, 14 * 14 * 6, 10 * 10 * 16, 5 * 5 * 16, 0, 120, 84, 10, 0];
  const parameters = [0, 5 * 5 * 1 * 6 + 6, 0, 5 * 5 * 6 * 16 + 16, 0, 0, 400 * 120 + 120, 120 * 84 + 84, 84 * 10 + 10, 0];

  it('has the counts of the closed form', () => {
    expect(column((r) => r.parameters)).toEqual(parameters);
    expect(analysis.totals.parameters).toBe(61_706);
    expect(column((r) => r.activationBytes)).toEqual(numbers.map((n) => 4 * batch * n));
    // A product for each place, filter and tap; pools have none.
    const products = 28 * 28 * 6 * 25 + 10 * 10 * 16 * 25 * 6 + 400 * 120 + 120 * 84 + 84 * 10;
    expect(analysis.totals.macs).toBe(products);
  });

  it('widens the receptive field by (k − 1) · jump', () => {
    expect(column((r) => r.receptiveField?.[0] ?? null).slice(0, 5)).toEqual([1, 1 + 4, 5 + 1, 6 + 4 * 2, 14 + 1 * 2]);
  });

  it('holds weights, gradients, optimiser and activations apart', () => {
    const all = numbers.reduce((a, n) => a + n, 0);
    expect(trainingMemory(network, { batchSize: batch, optimizer: adam })).toEqual({
      weights: 4 * 61_706, gradients: 4 * 61_706, optimizer: 8 * 61_706, activations: 4 * batch * all, total: 4 * (61_706 * 4 + batch * all),
    });
    expect(trainingMemory(network, { batchSize: 1, optimizer: sgd(0) }).optimizer).toBe(0);
    expect(trainingMemory(network, { batchSize: 1, optimizer: sgd(0.9), ema: true }).optimizer).toBe(4 * 61_706 * 2);
  });

  it('writes Markdown and CSV with totals', () => {
    const markdown = toMarkdown(analysis).trimEnd().split('\n');
    expect(markdown[3]).toBe('| conv 1 | Conv2D | 28×28×6 | 156 | 117,600 | 1,204,224 | 5×5 |');
    expect(markdown.at(-1)).toMatch(/^\| Total \| {2}\| {2}\| 61,706 \| 416,520 \|/);
    expect(new Set(markdown.map((l) => l.split('|').length))).toEqual(new Set([9]));
    const csv = toCsv(analysis).trimEnd().split('\r\n');
    expect(csv[2]).toBe('conv 1,Conv2D,28×28×6,156,117600,1204224,5×5');
    expect(csv).toHaveLength(10 + 2);
  });
});

it('what lies before the first trained weight is not kept for the backward pass, and frozen weights have no gradient', () => {
  const document = lenet();
  const frozen: Document = { ...document, graph: { ...document.graph, nodes: document.graph.nodes.map((n) => (n.name === 'conv 1' || n.name === 'conv 2' || n.name === 'dense 1' ? { ...n, frozen: true } : n)) } };
  const { network } = compile(frozen);
  const named = (id: string) => network.layers.find((l) => l.id === id)?.name;
  // Dense 2 is the first that learns: it reads what dense 1 answers.
  expect([...keptOutputs(network)].map(named)).toEqual(['dense 2', 'dense 1', 'dense 3', 'output']);
  const memory = trainingMemory(network, { batchSize: 2, optimizer: adam });
  expect(memory).toMatchObject({ weights: 4 * 61_706, gradients: 4 * (10_164 + 850), activations: 4 * 2 * (120 + 84 + 10) });
});

/** A stage of three equal convolutions drawn as one group, and beside the chain a shortcut around it. */
function staged(): Document {
  const conv: LayerNode = { kind: 'layer', id: 'conv', name: 'conv, "3"', layer: 'conv2d', params: { filters: 4, kernel: [3, 3], padding: 'same', activation: 'none' }, position: { x: 0, y: 0 } };
  const act: LayerNode = { ...conv, id: 'act', name: '=act', layer: 'relu', params: {} };
  const wire = (from: string, to: string): Wire => ({ id: `${from}-${to}`, from: { node: from, port: 'out' }, to: { node: to, port: 'in' } });
  const inner: DrawnGraph = { nodes: [conv, act], wires: [wire('conv', 'act')] };
  const stage: GroupNode = { kind: 'group', id: 'stage', name: 'Stage', position: { x: 0, y: 0 }, graph: inner, repeat: 3, inputs: [{ id: 'in', label: 'in', node: 'conv', port: 'in' }], outputs: [{ id: 'out', label: 'out', node: 'act', port: 'out' }] };
  const layer = (id: string, type: string, params: Record<string, unknown>): LayerNode => ({ ...conv, id, name: id, layer: type, params });
  const nodes = [layer('input', 'input', { kind: 'image', height: 8, width: 8, channels: 4 }), stage, layer('add', 'add', {}), layer('flat', 'flatten', {}), layer('fc', 'dense', { units: 10, activation: 'softmax' }), layer('output', 'output', {})];
  return { ...emptyDocument('Staged'), graph: { nodes, wires: [wire('input', 'stage'), wire('stage', 'add'), wire('input', 'add'), wire('add', 'flat'), wire('flat', 'fc'), wire('fc', 'output')] } };
}

describe('groups', () => {
  const { network, ready } = compile(staged());
  const analysis = analyse(network, 1, new Map(network.layers.map((l, i) => [l.id, { forward: i, backward: 2 * i }])));
  const one = 3 * 3 * 4 * 4 + 4;

  it('sum over what they hold, and the copies over one another', () => {
    expect(ready).toBe(true);
    expect(analysis.tree.map((r) => r.name)).toEqual(['input', 'Stage', 'add', 'flat', 'fc', 'output']);
    const stage = analysis.tree[1];
    if (stage?.kind !== 'group') throw new Error('no group');
    expect(stage).toMatchObject({ path: 'stage', copies: 3, layers: 6, parameters: 3 * one, macs: 3 * 64 * 9 * 16, activationBytes: 4 * 6 * 256, shape: [4, 8, 8], receptiveField: [7, 7] });
    expect(stage.rows.map((r) => [r.name, r.parameters, r.receptiveField?.[0]])).toEqual([['Stage 1', one, 3], ['Stage 2', one, 5], ['Stage 3', one, 7]]);
    expect(stage.forwardMs).toBe(1 + 2 + 3 + 4 + 5 + 6);
    expect(analysis.totals.parameters).toBe(3 * one + 256 * 10 + 10);
  });

  it('answer for what is drawn: one node for all copies', () => {
    expect(analysis.drawn.get('stage')).toMatchObject({ parameters: 3 * one, layers: 6 });
    expect(analysis.drawn.get('stage/conv')).toMatchObject({ parameters: 3 * one, layers: 3, backwardMs: 2 * (1 + 3 + 5), receptiveField: [7, 7] });
    expect(analysis.drawn.get('fc')).toMatchObject({ parameters: 2570, layers: 1 });
  });

  it('are coloured beside their neighbours: the root of the part of the largest there', () => {
    const outside = heatOf(analysis, 'parameters', []);
    expect([...outside.at.keys()].sort()).toEqual(['add', 'fc', 'flat', 'input', 'output', 'stage']);
    expect(outside.most).toBe(2570);
    expect(outside.at.get('stage')).toEqual({ value: 3 * one, share: Math.sqrt((3 * one) / 2570) });
    expect(outside.at.get('add')?.share).toBe(0);
    const inside = heatOf(analysis, 'time', ['stage']);
    expect([...inside.at].map(([k, h]) => [k, h.value])).toEqual([['stage/conv', 3 * (1 + 3 + 5)], ['stage/act', 3 * (2 + 4 + 6)]]);
    // What nothing measured has no heat rather than none.
    expect(heatOf(analyse(network, 1), 'time', []).at.size).toBe(0);
    expect(heatOf(analysis, 'field', []).at.get('stage')?.value).toBe(7);
  });

  it('are written out layer by layer; no name breaks a cell or starts a formula', () => {
    const csv = toCsv(analysis).split('\r\n');
    expect(csv[2]).toBe('"Stage 1 / conv, ""3""",Conv2D,8×8×4,148,9216,1024,3×3,1.000,2.000');
    expect(csv[0]).toMatch(/,Forward ms,Backward ms$/);
    const plain = analyse(compile({ ...staged(), graph: { nodes: [{ kind: 'layer', id: 'x', name: '=1+1|a', layer: 'input', params: {}, position: { x: 0, y: 0 } }], wires: [] } }).network, 1);
    expect(toCsv(plain).split('\r\n')[1]).toMatch(/^'=1\+1\|a,/);
    expect(toMarkdown(plain).split('\n')[2]).toMatch(/^\| =1\+1\\\|a \|/);
  });
});
