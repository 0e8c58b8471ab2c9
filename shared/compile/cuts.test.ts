/** Cuts are found by brute force too: a layer is one when no answer can be reached without it. */
import { describe, expect, it } from 'vitest';
import { Sketch } from '../templates/build.ts';
import { findTemplate } from '../templates/templates.ts';
import { compile } from './compile.ts';
import { cutsOf, fixedLayers, splitAt } from './cuts.ts';
import type { Network } from './network.ts';

const template = (id: string, options = {}): Network => compile((findTemplate(id) as { build(o: object): Parameters<typeof compile>[0] }).build(options)).network;

/** Whether some answer is reached from the data when this layer is taken out. */
function needed(network: Network, without: string): boolean {
  const reached = new Set<string>();
  for (const l of network.layers) if (l.id !== without && (l.inputs.length === 0 || l.inputs.some((i) => reached.has(i)))) reached.add(l.id);
  return !network.layers.some((l) => l.type.includes('output') && reached.has(l.id));
}

describe('cuts', () => {
  it.each([['resnet-18', { size: 32, channels: 3, classes: 10 }], ['googlenet-auxiliary', {}], ['densenet-bc', { size: 32 }], ['lenet-5', {}], ['mobilenet-v2', { size: 64 }]] as const)('of %s are the layers without which nothing is answered', (id, options) => {
    const network = template(id, options);
    const cuts = cutsOf(network).map((l) => l.id);
    expect(cuts).toEqual(network.layers.filter((l) => l.inputs.length > 0 && !l.type.includes('output') && needed(network, l.id)).map((l) => l.id));
    expect(cuts.length).toBeGreaterThan(3);
  });
});

describe('fixed layers', () => {
  const net = (frozen: readonly string[]): Network => {
    const s = new Sketch();
    s.chain(null, [['input', { kind: 'image', height: 4, width: 4, channels: 1 }], ['conv2d', { filters: 2 }], ['batch-norm', {}], ['relu', {}], ['dropout', {}], ['flatten', {}], ['dense', { units: 3 }], ['output', {}]]);
    const d = s.document('net', 'test');
    return compile({ ...d, graph: { ...d.graph, nodes: d.graph.nodes.map((n) => (n.kind === 'layer' && frozen.includes(n.layer) ? { ...n, frozen: true } : n)) } }).network;
  };
  const types = (network: Network, config = {}) => network.layers.filter((l) => fixedLayers(network, config).has(l.id)).map((l) => l.type);

  it('end where something is trained, counted or drawn', () => {
    expect(types(net([]))).toEqual(['input']);
    expect(types(net(['conv2d']))).toEqual(['input', 'conv2d']);
    expect(types(net(['conv2d', 'batch-norm']))).toEqual(['input', 'conv2d', 'batch-norm', 'relu']);
    expect(types(net(['conv2d', 'batch-norm', 'dropout']))).toEqual(['input', 'conv2d', 'batch-norm', 'relu', 'dropout', 'flatten']);
  });
  it('a rate of 0 is as good as frozen, but statistics go on unless they are kept', () => {
    const network = net([]);
    const [conv, norm] = network.layers.filter((l) => l.weights.length > 0).map((l) => l.id) as [string, string];
    const layerRates = { [conv]: 0, [norm]: 0 };
    expect(types(network, { layerRates })).toEqual(['input', 'conv2d']);
    expect(types(network, { layerRates, keepStatistics: true })).toEqual(['input', 'conv2d', 'batch-norm', 'relu']);
  });
});

it('a cut network holds each layer once, the cut as the second part’s input', () => {
  const network = template('resnet-18', { size: 32, channels: 3, classes: 10 });
  for (const cut of cutsOf(network)) {
    const { trunk, head } = splitAt(network, cut);
    expect([...trunk.layers, ...head.layers.filter((l) => l.id !== cut.id)].map((l) => l.id).sort()).toEqual(network.layers.map((l) => l.id).sort());
    expect([head.layers.filter((l) => l.inputs.length === 0).map((l) => l.id), trunk.parameters + head.parameters, trunk.macs + head.macs]).toEqual([[cut.id], network.parameters, network.macs]);
  }
});
