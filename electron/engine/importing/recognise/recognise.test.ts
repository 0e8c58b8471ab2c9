/** Nets of our own, written as ONNX operators, come back as the layers that were drawn, and answer the same. */
import * as ort from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { compile } from '../../../../shared/compile/compile.ts';
import type { Network } from '../../../../shared/compile/network.ts';
import type { NamedWeight } from '../../../../shared/compile/weights.ts';
import { findTemplate } from '../../../../shared/templates/templates.ts';
import { createRandom } from '../../../../shared/util/random.ts';
import { modelBytes } from '../proof.ts';
import { match } from './match.ts';
import { normalOfDocument } from './normal.harness.ts';
import { recognise } from './recognise.ts';
import { Scene } from './scene.ts';

async function answer(network: Network, weights: ReadonlyMap<string, NamedWeight>): Promise<number[]> {
  const { bytes, forward } = modelBytes(network, weights, 2);
  const random = createRandom(5);
  const shape = forward.graph.inputs.find((v) => v.name === 'input')?.type.shape ?? [];
  const session = await ort.InferenceSession.create(bytes);
  const out = await session.run({ input: new ort.Tensor('float32', Float32Array.from({ length: shape.reduce((a, d) => a * d, 1) }, () => random.normal()), shape) });
  await session.release();
  return Array.from(out.output?.data as Float32Array);
}

/** What is drawn, as far as a file can tell: not how weights start, and padding by its numbers. Dropout leaves nothing behind. */
const drawnAs = (network: Network): string[] => network.layers.filter((l) => !['dropout', 'stochastic-depth'].includes(l.type)).map((l) => {
  const told = ['filters', 'kernel', 'stride', 'dilation', 'groups', 'units', 'bias', 'activation', 'over', 'heads', 'epsilon', 'slope', 'factor', 'scale', 'transposeFirst', 'transposeSecond', 'parts', 'part', 'approximate'];
  return `${l.type} ${JSON.stringify(Object.entries(l.params).filter(([k]) => told.includes(k)).sort())} ${l.inputShapes.join(' & ')} > ${l.shape}`;
}).sort();

// One of each family, at sizes that are quick, and how many blocks its paper has (MobileNetV3's two rows without a gate are plain).
const nets: readonly (readonly [string, number, Readonly<Record<string, number>>])[] = [
  ['lenet-5', 28, {}], ['alexnet', 64, {}], ['small-resnet', 32, { residual: 3 }], ['resnet-20', 16, { residual: 9 }], ['wide-resnet-16-4', 8, { residual: 6 }], ['densenet-bc', 8, { 'dense layer': 48 }],
  ['squeezenet-1.1', 64, { fire: 8 }], ['googlenet', 64, { inception: 9 }], ['mobilenet-v1', 32, { 'depthwise separable': 13 }], ['mobilenet-v2', 32, { 'inverted residual': 17 }],
  ['mobilenet-v3-small', 32, { mbconv: 9, 'inverted residual': 2, 'squeeze-excite': 9 }], ['shufflenet-v2', 32, { 'shuffle unit': 16 }], ['efficientnet-b0', 32, { mbconv: 16, 'squeeze-excite': 16 }],
  ['vit-tiny', 32, { attention: 12, 'self-attention': 12, 'feed-forward': 12, transformer: 12 }], ['u-net-small', 16, {}], ['autoencoder', 28, {}],
];

describe('nets of our own', () => {
  it.each(nets)('%s comes back', async (id, size, groups) => {
    const template = findTemplate(id);
    if (!template) throw new Error(`no template ${id}`);
    const { model, network, weights } = normalOfDocument(template.build({ size }));
    const scene = new Scene(model);
    // Every node of the file belongs to exactly one recognised thing.
    expect(match(scene).flatMap((d) => d.nodes.map((n) => n.name)).sort()).toEqual(model.graph.nodes.map((n) => n.name).sort());
    const found = recognise(model, id);
    expect(found.groups).toEqual(groups);
    const again = compile(found.document);
    expect(again.problems).toEqual([]);
    expect(drawnAs(again.network)).toEqual(drawnAs(network));
    expect([...found.weights.keys()].sort()).toEqual(again.network.layers.flatMap((l) => l.weights.map((w) => w.fullName)).sort());
    const [before, after] = [await answer(network, weights), await answer(again.network, found.weights)];
    const scale = Math.max(...before.map(Math.abs));
    expect(after).toHaveLength(before.length);
    expect(Math.max(...after.map((v, i) => Math.abs(v - (before[i] as number)))) / scale).toBeLessThan(1e-5);
  });
});
