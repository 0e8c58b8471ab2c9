import { describe, expect, it } from 'vitest';
import type { Document, DrawnGraph } from '../graph/document.ts';
import { Sketch } from '../templates/build.ts';
import { findTemplate } from '../templates/templates.ts';
import { compile } from './compile.ts';
import { replaceHead } from './head.ts';
import { frozenBlocks, stagedNetwork, stageOf } from './stages.ts';

const unfreezing = { every: 2, blocks: 2, rate: 0.5 };

describe('blocks that thaw', () => {
  it('are a group each, from the last to the first, whatever is frozen in it', () => {
    const resnet = (findTemplate('small-resnet') as { build(o: object): Document }).build({ size: 32, channels: 3, classes: 4 });
    const { network } = compile(replaceHead(resnet, { cut: null, head: 'linear', classes: 4, freeze: 'cut' }).document);
    const blocks = frozenBlocks(network);
    const firsts = blocks.map((b) => (b[0] as string).split('/')[0]);
    expect(firsts).toEqual([...new Set(network.layers.filter((l) => l.frozen && l.weights.length > 0).map((l) => l.id.split('/')[0]))].filter((id, i, all) => id?.startsWith('stage') || i === all.findIndex((o) => !o?.startsWith('stage'))).reverse());
    const weighted = network.layers.filter((l) => l.frozen && l.parameters > 0).map((l) => l.id);
    expect(blocks.flat().filter((id) => weighted.includes(id)).sort()).toEqual([...weighted].sort());
  });

  it('without groups a residual branch stays whole, and a norm with its convolution', () => {
    const s = new Sketch();
    const conv = ['conv2d', { filters: 2, kernel: [3, 3], padding: 'same' }] as const;
    const stem = s.chain(null, [['input', { kind: 'image', height: 8, width: 8, channels: 2 }], [...conv], ['batch-norm', {}], ['relu', {}]]);
    const sum = s.add('add', {}, [s.chain(stem, [[...conv], ['relu', {}], [...conv], ['batch-norm', {}]]), stem]);
    s.chain(sum, [[...conv], ['flatten', {}], ['dense', { units: 3 }], ['output', {}]]);
    const d = s.document('net', 'test');
    const graph: DrawnGraph = { ...d.graph, nodes: d.graph.nodes.map((n) => (n.id.startsWith('dense') ? n : { ...n, frozen: true })) };
    const blocks = frozenBlocks(compile({ ...d, graph }).network).map((b) => b.filter((id) => /conv|norm/.test(id)));
    expect(blocks).toEqual([['conv-4'], ['conv-2', 'conv-3', 'norm-2'], ['conv-1', 'norm-1']].map((b) => b.map((id) => expect.stringContaining(id.split('-')[1] as string) as string)));
  });

  it('join one every so many epochs, with falling rates, counted from their own beginning', () => {
    expect([0, 1, 2, 3, 4, 9].map((e) => stageOf(unfreezing, 3, e))).toEqual([0, 0, 1, 1, 2, 2]);
    const { network } = compile(replaceHead((findTemplate('lenet-5-digits') as { build(): Document }).build(), { cut: null, head: 'linear', classes: 4, freeze: 'cut' }).document);
    const blocks = frozenBlocks(network);
    expect(blocks.length).toBe(3);
    const [last, before] = blocks.map((b) => b.find((id) => network.layers.some((l) => l.id === id && l.parameters > 0)) as string) as [string, string];
    const staged = stagedNetwork(network, blocks, 2, unfreezing, { [before]: 0.1 }, (k) => k * 100);
    const trains = (id: string) => staged.network.layers.filter((l) => l.id === id).map((l) => [l.frozen, l.trainsFrom])[0];
    expect([trains(last), trains(before), staged.layerRates[last], staged.layerRates[before]]).toEqual([[false, 100], [false, 200], 0.5, expect.closeTo(0.025)]);
    expect(stagedNetwork(network, blocks, 0, unfreezing, {}, () => 0).network.layers).toEqual(network.layers);
  });
});
