/** Preprocessing goes in right behind the Input, changes, and comes out again. */
import { describe, expect, it } from 'vitest';
import { applyEdit } from '../graph/apply.ts';
import type { Document } from '../graph/document.ts';
import { findTemplate } from '../templates/templates.ts';
import { required } from '../util/assert.ts';
import { compile } from './compile.ts';
import { preprocessingEdit, preprocessingOf, withPreprocessing } from './preprocessing.ts';

const imageNet = { order: 'rgb', scale: 1, mean: [0.485, 0.456, 0.406], deviation: [0.229, 0.224, 0.225] } as const;
const caffe = { order: 'bgr', scale: 255, mean: [103.94, 116.78, 123.68], deviation: [1] } as const;
const build = (id: string): Document => required(findTemplate(id), id).build({ size: 32, channels: 3, classes: 10 });

describe.each(['vgg-small', 'resnet-18', 'googlenet'])('preprocessing of %s', (id) => {
  const document = build(id);
  it('is a layer between the Input and all that it feeds', () => {
    const { network, problems } = compile(withPreprocessing(document, imageNet));
    const plain = compile(document).network;
    expect(problems).toEqual([]);
    expect(network.layers.map((l) => l.type)).toEqual(plain.layers.flatMap((l) => (l.inputs.length === 0 ? [l.type, 'rescale'] : [l.type])));
    const [input, layer] = network.layers;
    expect(layer?.inputs).toEqual([input?.id]);
    // Nobody else reads the Input now; whoever did reads the new layer.
    expect(network.layers.slice(2).map((l) => l.inputs.map((i) => (i === layer?.id ? input?.id : i)))).toEqual(plain.layers.slice(1).map((l) => l.inputs));
    expect(network.parameters).toBe(plain.parameters);
    expect(preprocessingOf(withPreprocessing(document, imageNet))).toEqual(imageNet);
  });

  it('is changed in place, and taken out without a trace', () => {
    const changed = withPreprocessing(withPreprocessing(document, imageNet), caffe);
    expect(preprocessingOf(changed)).toEqual(caffe);
    expect(changed.graph.nodes).toHaveLength(document.graph.nodes.length + 1);
    const without = withPreprocessing(changed, null);
    expect(preprocessingOf(without)).toBeNull();
    expect([without.graph.nodes.map((n) => n.id), new Set(without.graph.wires.map((w) => w.id))]).toEqual([document.graph.nodes.map((n) => n.id), new Set(document.graph.wires.map((w) => w.id))]);
  });

  it('is undone as one edit', () => {
    const edit = required(preprocessingEdit(document, imageNet), 'an edit');
    const applied = applyEdit(document, edit);
    expect(applyEdit(applied.document, applied.inverse).document).toEqual(document);
    const boxes = applied.document.graph.nodes.map((n) => `${n.position.x} ${n.position.y}`);
    expect(new Set(boxes).size).toBe(boxes.length);
  });
});

it('a net that takes no pictures has none', () => {
  const mlp = build('mlp');
  const vector: Document = { ...mlp, graph: { ...mlp.graph, nodes: mlp.graph.nodes.map((n) => (n.kind === 'layer' && n.layer === 'input' ? { ...n, params: { ...n.params, kind: 'vector' } } : n)) } };
  expect([preprocessingEdit(vector, imageNet), withPreprocessing(vector, imageNet)]).toEqual([null, vector]);
  expect(preprocessingEdit(build('resnet-18'), null)).toBeNull();
});
