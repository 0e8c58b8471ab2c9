/** Another head on any net: what is kept computes what it did, what is new learns, and undo takes it all back. */
import { describe, expect, it } from 'vitest';
import { NetloomError } from '../diagnostics/diagnostic.ts';
import { applyEdit } from '../graph/apply.ts';
import type { Document } from '../graph/document.ts';
import { group, Sketch } from '../templates/build.ts';
import { findTemplate } from '../templates/templates.ts';
import { compile } from './compile.ts';
import { headCuts, pretrained, replaceHead } from './head.ts';

const template = (id: string, options = {}): Document => (findTemplate(id) as { build(o: object): Document }).build(options);
const layersOf = (d: Document) => compile(d).network.layers;
const types = (d: Document) => layersOf(d).map((l) => l.type);
const linear = { cut: null, head: 'linear', classes: 7, freeze: 'cut' } as const;

describe('the proposed cut', () => {
  // The layers before the classifiers of the published nets, with their published lengths.
  it.each([
    ['lenet-5', {}, [84]], ['alexnet', {}, [4096]], ['resnet-18', {}, [512]], ['mobilenet-v2', {}, [1280]], ['densenet-bc', { size: 32 }, [342]], ['googlenet-auxiliary', {}, [1024]], ['nin', {}, [192, 8, 8]],
  ] as const)('of %s is the last feature before the classifier', (id, options, shape) => {
    const cut = headCuts(template(id, options)).find((c) => c.proposed);
    expect([cut?.shape.length, cut?.shape[0]]).toEqual([shape.length, shape[0]]);
  });
});

it('a cut tells the parameters up to it, as summed by hand', () => {
  const net = template('small-resnet', { size: 32, channels: 3, classes: 10 });
  const { layers } = compile(net).network;
  const at = (id: string) => layers.findIndex((l) => l.id === id);
  // In the order of the network all that stands before a cut leads to it.
  for (const c of headCuts(net)) expect([c.layer, c.parameters]).toEqual([c.layer, layers.slice(0, at(c.layer) + 1).reduce((n, l) => n + l.parameters, 0)]);
});

describe('a new head', () => {
  it.each(['lenet-5-digits', 'small-resnet', 'mobilenet-v2', 'googlenet-auxiliary', 'densenet-bc'])('fits every cut of %s, keeps what is before it, and is undone in one step', (id) => {
    const before = template(id, { size: 32 });
    // Of a repeated group one copy may be left, which has no number.
    const plain = (layer: string) => layer.replaceAll('#1/', '/');
    const old = new Map(layersOf(before).map((l) => [plain(l.id), l]));
    const cuts = headCuts(before);
    for (const { layer, shape } of cuts.filter((_, i) => i % Math.ceil(cuts.length / 5) === 0)) {
      for (const head of ['linear', 'pool-dropout-dense'] as const) {
        const { edit, document, cut, trainable, parameters } = replaceHead(before, { cut: layer, head, classes: 7, freeze: 'cut' });
        const applied = applyEdit(before, edit);
        expect(applied.document).toEqual(document);
        expect(applyEdit(applied.document, applied.inverse).document).toEqual(before);
        const { network, problems } = compile(document, { classes: 7 });
        expect(problems.map((p) => p.diagnostic)).toEqual([]);
        const kept = network.layers.filter((l) => l.frozen);
        for (const l of kept) {
          const twin = old.get(plain(l.id));
          expect([l.type, l.shape, l.weights.map((w) => w.shape)]).toEqual([twin?.type, twin?.shape, twin?.weights.map((w) => w.shape)]);
        }
        expect([cut, kept.at(-1)?.shape, network.layers.at(-1)?.shape]).toEqual([layer, shape, [7]]);
        expect([parameters, trainable]).toEqual([network.parameters, network.layers.reduce((n, l) => n + (l.frozen ? 0 : l.parameters), 0)]);
      }
    }
  });

  it('is a flattened dense layer, or the maps’ means behind dropout', () => {
    const net = template('lenet-5-digits');
    const pool = headCuts(net).filter((c) => c.shape.length === 3).at(-1)?.layer as string;
    expect(types(replaceHead(net, { ...linear, cut: pool }).document).slice(-3)).toEqual(['flatten', 'dense', 'output']);
    expect(types(replaceHead(net, { ...linear, cut: pool, head: 'pool-dropout-dense' }).document).slice(-4)).toEqual(['global-average-pool', 'dropout', 'dense', 'output']);
    expect(types(replaceHead(net, { ...linear, cut: pool, head: 'pool-dropout-dense', dropout: 0 }).document).slice(-3)).toEqual(['global-average-pool', 'dense', 'output']);
    expect(types(replaceHead(net, { ...linear, cut: pool, head: 'pool-dropout-dense', normalise: true }).document).slice(-5)).toEqual(['global-average-pool', 'layer-norm', 'dropout', 'dense', 'output']);
    expect(types(replaceHead(net, linear).document).slice(-3)).toEqual([layersOf(net).at(-3)?.type, 'dense', 'output']);
  });

  it('never takes the name of a layer that was there, whose weights the engine still holds', () => {
    const once = replaceHead(template('lenet-5-digits'), linear).document;
    const twice = replaceHead(once, { ...linear, classes: 7 }).document;
    const names = (d: Document) => new Set(d.graph.nodes.filter((n) => n.id.startsWith('head-')).map((n) => n.id));
    expect([...names(twice)].filter((n) => names(once).has(n))).toEqual([]);
  });

  it('freezes up to a layer, thaws what is behind it, and gives rates to the rest', () => {
    const net = template('lenet-5-digits');
    const [first, ...rest] = layersOf(net).filter((l) => l.weights.length > 0).map((l) => l.id);
    const all = { ...net, graph: { ...net.graph, nodes: net.graph.nodes.map((n) => ({ ...n, frozen: true })) } };
    const { document, layerRates } = replaceHead(all, { ...linear, freeze: first as string, headRate: 2, trunkRate: 0.1 });
    const after = layersOf(document).filter((l) => l.weights.length > 0);
    expect(after.filter((l) => l.frozen).map((l) => l.id)).toEqual([first]);
    expect(layerRates).toEqual(Object.fromEntries(after.slice(1).map((l) => [l.id, l.id.startsWith('head-') ? 2 : 0.1])));
    expect(rest.length).toBeGreaterThan(2);
    expect(replaceHead(net, { ...linear, freeze: null }).trainable).toBe(replaceHead(net, linear).parameters);
  });

  it('remembers the classes, and that its weights were learned before', () => {
    const { document } = replaceHead(template('lenet-5-digits'), { ...linear, classes: 2, labels: ['cat', 'dog'] });
    expect([document.labels, pretrained(document), pretrained(template('mlp'))]).toEqual([['cat', 'dog'], true, false]);
    expect(replaceHead(document, linear).document.labels).toBeUndefined();
  });

  it('takes away what comes behind the cut and leads nowhere', () => {
    const net = template('lenet-5-digits');
    const { layer } = headCuts(net).find((c) => c.proposed) as { layer: string };
    const relu = (id: string) => ({ kind: 'layer', id, name: id, layer: 'relu', params: {}, position: { x: 0, y: 0 } }) as const;
    const wire = (from: string, to: string) => ({ id: `${from}>${to}`, from: { node: from, port: 'out' }, to: { node: to, port: 'in' } });
    const more = { nodes: [...net.graph.nodes, relu('one'), relu('two')], wires: [...net.graph.wires, wire(layer, 'one'), wire('one', 'two')] };
    expect(replaceHead({ ...net, graph: more }, linear).document.graph.nodes.filter((n) => n.id === 'one' || n.id === 'two')).toEqual([]);
  });

  it('leaves alone what is joined to nothing', () => {
    const net = template('lenet-5-digits');
    const scrap = { ...(net.graph.nodes[1] as (typeof net.graph.nodes)[number]), id: 'scrap', name: 'scrap' };
    const { document } = replaceHead({ ...net, graph: { ...net.graph, nodes: [...net.graph.nodes, scrap] } }, linear);
    expect(document.graph.nodes.some((n) => n.id === 'scrap')).toBe(true);
  });

  it('cuts a repeated group behind one of its copies', () => {
    const s = new Sketch();
    const input = s.add('input', { kind: 'image', height: 8, width: 8, channels: 2 }, []);
    const stage = s.place(group('stage', (inner, x) => inner.chain(x, [['conv2d', { filters: 2, kernel: [3, 3], padding: 'same' }], ['relu', {}]]), { repeat: 3 }), input);
    s.chain(stage, [['flatten', {}], ['dense', { units: 4, activation: 'softmax' }], ['output', {}]]);
    const net = s.document('net', 'test');
    const ids = headCuts(net).map((c) => c.layer);
    expect(ids.filter((id) => id.startsWith('stage'))).toEqual(['stage#1/relu-1', 'stage#2/relu-1', 'stage#3/relu-1']);
    const two = replaceHead(net, { ...linear, cut: 'stage#2/relu-1' }).document;
    expect(layersOf(two).filter((l) => l.frozen).map((l) => l.id)).toEqual(['input-1', 'stage#1/conv-1', 'stage#1/relu-1', 'stage#2/conv-1', 'stage#2/relu-1']);
    expect(headCuts(net).filter((c) => c.freezable && c.layer.startsWith('stage')).map((c) => c.layer)).toEqual(['stage#3/relu-1']);
    const one = replaceHead(net, { ...linear, cut: 'stage#1/relu-1' }).document;
    expect(layersOf(one).filter((l) => l.frozen).map((l) => l.id)).toEqual(['input-1', 'stage/conv-1', 'stage/relu-1']);
  });

  it.each([[{ cut: 'nothing' }, 'finetune.cut'], [{ freeze: 'nothing' }, 'finetune.freeze']])('refuses %j', (change, code) => {
    const refused = (): string => {
      try {
        replaceHead(template('lenet-5-digits'), { ...linear, ...change });
        return '';
      } catch (e) {
        return (e as NetloomError).diagnostic.code;
      }
    };
    expect(refused()).toBe(code);
  });
});
