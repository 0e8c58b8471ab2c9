/** Every template and block is sound, whatever size it is asked for, and lies on the canvas without overlap. */
import { describe, expect, it } from 'vitest';
import { compile } from '../compile/compile.ts';
import type { Document, DrawnGraph } from '../graph/document.ts';
import { NODE } from '../graph/layout.ts';
import { parseDocument, serializeDocument } from '../graph/parse.ts';
import { TrainingConfigSchema } from '../training/config.ts';
import { blocks } from './blocks.ts';
import { Sketch } from './build.ts';
import { referenceNet, referenceNets } from './reference.ts';
import { templates } from './templates.ts';

/** Pairs of nodes that lie on one another, at every level. */
const overlaps = (graph: DrawnGraph): number =>
  graph.nodes.reduce((n, { position: a }, i) => n + graph.nodes.slice(i + 1).filter(({ position: b }) => Math.abs(a.x - b.x) < NODE.width && Math.abs(a.y - b.y) < NODE.height).length, 0)
  + graph.nodes.reduce((n, node) => n + (node.kind === 'group' ? overlaps(node.graph) : 0), 0);
const depth = (graph: DrawnGraph): number => Math.max(0, ...graph.nodes.map((n) => (n.kind === 'group' ? 1 + depth(n.graph) : 0)));
const codes = (document: Document): readonly string[] => compile(document).problems.map((p) => p.diagnostic.code);

describe('templates', () => {
  const nets = templates.filter((t) => t.id !== 'blank');
  it.each(nets)('$id is ready at its own size and at the smallest, for other channels and classes', (t) => {
    const { defaults, smallest } = t;
    for (const options of [defaults, { size: smallest, channels: 1, classes: 3 }, { size: Math.max(64, smallest), channels: 3, classes: 5 }]) {
      const document = t.build(options);
      const { network, problems } = compile(document);
      expect([options, problems.map((p) => p.diagnostic), network.layers[0]?.shape]).toEqual([options, [], [options.channels, options.size, options.size]]);
      if (t.withoutClasses !== true) expect(network.layers.at(-1)?.shape[0]).toBe(options.classes);
      expect(overlaps(document.graph)).toBe(0);
    }
  });

  it('of the large nets read as blocks: at most 32 nodes at the top', () => {
    expect(templates.filter((t) => t.build().graph.nodes.length > 32).map((t) => t.id)).toEqual([]);
    expect(depth((templates.find((t) => t.id === 'resnet-50') ?? expect.fail()).build().graph)).toBe(2);
  });

  it('say what they are, each under its own name, with settings that can be trained by', () => {
    for (const key of ['id', 'label', 'description'] as const) expect(new Set(templates.map((t) => t[key])).size).toBe(templates.length);
    for (const t of templates) {
      expect([t.build().origin, TrainingConfigSchema.safeParse(t.training).success, t.summary.length < 90]).toEqual([`template:${t.id}`, true, true]);
      expect(t.paper === null || t.paper.link.startsWith('https://')).toBe(true);
    }
  });

  it('that answer with pictures warn of data with one class for each sample', () => {
    const warned = nets.filter((t) => compile(t.build({ classes: 10 }), { classes: 10 }).problems.some((p) => p.diagnostic.code === 'graph.data-target')).map((t) => t.id);
    expect(warned).toEqual(nets.filter((t) => t.family === 'pixel').map((t) => t.id));
  });

  it('survive a file', () => {
    const document = (templates.find((t) => t.id === 'googlenet') ?? expect.fail()).build();
    expect(parseDocument(JSON.parse(serializeDocument(document)))).toEqual({ ok: true, value: document });
  });

  it('give the reference nets under their names', () => {
    expect(referenceNets.map((name) => codes(referenceNet(name)))).toEqual(referenceNets.map(() => []));
    expect(() => referenceNet('nothing')).toThrow('No template nothing');
  });
});

describe('blocks', () => {
  /** What each takes; sixteen maps where it takes any. */
  const inputs: Readonly<Record<string, readonly (readonly number[])[]>> = {
    residual: [[64, 8, 8]], bottleneck: [[256, 8, 8]], 'pre-activation': [[64, 8, 8]], 'pre-bottleneck': [[256, 8, 8]], 'u-net-up': [[128, 4, 4], [64, 8, 8]],
  };
  const modern = ['squeeze-excite', 'convnext', 'shuffle-unit', 'shuffle-down', 'attention', 'transformer'];
  it.each(blocks.filter((b) => !modern.includes(b.id)))('$id stands on its own as it leaves the palette', ({ id, build, label }) => {
    const s = new Sketch();
    const block = build();
    const [whole, skip] = inputs[id] ?? [[24, 8, 8]];
    const size = (shape: readonly number[] | undefined) => ({ kind: 'image', channels: shape?.[0], height: shape?.[1], width: shape?.[2] });
    const x = s.add('input', size(whole), []);
    const other = skip ? [s.chain(x, [['conv-transpose', { filters: skip[0], kernel: [2, 2], stride: [2, 2] }]])] : [];
    s.add('output', { task: 'regression' }, [s.place(block, [x, ...other])]);
    expect([codes(s.document(label, 'test')), block.block, overlaps(block.graph)]).toEqual([[], id, 0]);
  });

  it('are each their own', () => {
    expect(new Set(blocks.map((b) => b.id)).size).toBe(blocks.length);
    expect(new Set(blocks.map((b) => b.label)).size).toBe(blocks.length);
  });
});
