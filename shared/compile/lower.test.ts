/** Layers left whole in the lowered graph: one node each, everything around them as without. */
import { describe, expect, it } from 'vitest';
import type { Graph } from '../onnx/ir.ts';
import { emptyDocument, type Document, type DrawnNode } from '../graph/document.ts';
import { defaultParams, type LayerType } from '../layers/table.ts';
import { compile } from './compile.ts';
import { lowerForward, WHOLE } from './lower.ts';

const chain = (layers: readonly (readonly [LayerType, Record<string, unknown>?])[]): Document => {
  const nodes = layers.map(([layer, params = {}], i): DrawnNode => ({ kind: 'layer', id: `${layer}-${i}`, name: layer, layer, params: { ...defaultParams(layer), ...params }, position: { x: 0, y: 0 } }));
  const wires = nodes.slice(1).map((n, i) => ({ id: `w${i}`, from: { node: nodes[i]?.id ?? '', port: 'out' }, to: { node: n.id, port: 'in' } }));
  return { ...emptyDocument('test'), graph: { nodes, wires } };
};
const typeOf = (graph: Graph, name: string | undefined) => graph.types.get(name ?? '');

describe('layers left whole', () => {
  const { network, ready } = compile(chain([['input', { kind: 'image', height: 6, width: 6, channels: 2 }], ['conv2d', { filters: 3, activation: 'relu' }], ['batch-norm'], ['flatten'], ['dense', { units: 4, activation: 'softmax' }], ['output']]));
  const options = { batch: 5, training: true } as const;
  const plain = lowerForward(network, options);
  const whole = lowerForward(network, { ...options, whole: (l) => l.type === 'conv2d' || l.type === 'dense' });

  it('are one node with the layer’s id, and their weights are no inputs', () => {
    expect(ready).toBe(true);
    expect(whole.graph.nodes.map((n) => n.op)).toEqual(['Layer', 'Relu', ...plain.graph.nodes.map((n) => n.op).filter((op) => !['Conv', 'Relu', 'Gemm'].includes(op)).flatMap((op) => (op === 'Flatten' ? ['Flatten', 'Layer'] : [op]))]);
    const nodes = whole.graph.nodes.filter((n) => n.domain === WHOLE.domain && n.op === WHOLE.op);
    expect(nodes.map((n) => n.attributes)).toEqual(['conv2d-1', 'dense-4'].map((value) => ({ layer: { kind: 'string', value } })));
    expect(nodes[0]?.inputs).toEqual(whole.dataInputs);
    expect(whole.graph.inputs.map((i) => i.name)).toEqual(plain.graph.inputs.map((i) => i.name).filter((name) => !/^(conv2d-1|dense-4)\./.test(name)));
  });

  it('leave weights, outputs, statistics and the types of all taps as they are', () => {
    expect(whole.weights).toEqual(plain.weights);
    expect(whole.outputs).toEqual(plain.outputs);
    expect([...whole.updates.keys()]).toEqual([...plain.updates.keys()]);
    expect([...whole.taps].map(([id, name]) => [id, typeOf(whole.graph, name)])).toEqual([...plain.taps].map(([id, name]) => [id, typeOf(plain.graph, name)]));
    expect(whole.graph.outputs).toEqual(plain.graph.outputs);
  });

  it('keep an activation behind them, where a loss looks for it', () => {
    expect(whole.graph.nodes.at(-2)?.op).toBe('Softmax');
    expect(whole.taps.get('dense-4')).toBe(whole.graph.nodes.at(-2)?.outputs[0]);
  });

  it('are nothing while bypassed', () => {
    const bypassed = { ...network, layers: network.layers.map((l) => (l.type === 'conv2d' ? { ...l, bypassed: true } : l)) };
    expect(lowerForward(bypassed, { ...options, whole: () => true }).graph.nodes.some((n) => n.attributes.layer?.kind === 'string' && n.attributes.layer.value === 'conv2d-1')).toBe(false);
  });
});
