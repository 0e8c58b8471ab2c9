/** Out and in again: an exported net is drawn as it was, with the same weights, and answers the same. */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { compile } from '../../../shared/compile/compile.ts';
import { lowerForward } from '../../../shared/compile/lower.ts';
import type { Network } from '../../../shared/compile/network.ts';
import { initialWeights } from '../../../shared/compile/weights.ts';
import { layerSpec } from '../../../shared/layers/table.ts';
import { findTemplate } from '../../../shared/templates/templates.ts';
import { required } from '../../../shared/util/assert.ts';
import { createRandom } from '../../../shared/util/random.ts';
import { exportOnnx } from '../onnx-io/export.ts';
import { decodeSource } from '../onnx-io/read.ts';
import { ForeignSession } from '../runtime/foreign.ts';
import { drawModel, importOnnx, type Imported } from './import.ts';
import { noiseOf } from './noise.ts';

const data = process.env.NETLOOM_TEST_DATA ?? join(import.meta.dirname, '../../../../shared/data');
const here = existsSync(join(data, 'README.md'));
if (!here) console.log('Round trips of known nets are skipped: there is no ../shared/data beside the project.');

const hash = (data: Float32Array): string => createHash('sha256').update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength)).digest('hex');

/** What a net is, whatever its nodes are called: layers in order with parameters, feeds and weights; without those that do nothing when it answers (dropout). */
function anatomy(network: Network, weights: Imported['subject']['weights']) {
  const { taps } = lowerForward(network, { batch: 1, training: false });
  const idle = new Map(network.layers.filter((l) => l.inputs.length === 1 && layerSpec(l.type).outputs.length > 0 && taps.get(l.id) !== undefined && taps.get(l.id) === taps.get(l.inputs[0] ?? '')).map((l) => [l.id, l.inputs[0] as string]));
  const source = (id: string): string => (idle.has(id) ? source(idle.get(id) as string) : id);
  const active = network.layers.filter((l) => !idle.has(l.id));
  const place = new Map(active.map((l, i) => [l.id, i]));
  return active.map((l) => ({
    type: l.type, params: l.params, inputs: l.inputs.map((id) => place.get(source(id))), ports: l.inputPorts, shape: l.shape, types: l.types,
    weights: l.weights.map((w) => ({ name: w.name, role: w.role, shape: w.shape, data: hash(required(weights.get(w.fullName), w.fullName).data) })),
  }));
}

const info = { classes: [], maximum: 1 };
const again = (bytes: Uint8Array, name: string) => drawModel(decodeSource(bytes, `${name}.onnx`));

/** Answers of two files to the same noise. */
async function answers(files: readonly Uint8Array[]): Promise<(readonly number[])[]> {
  return Promise.all(files.map(async (bytes) => {
    const session = await ForeignSession.open(bytes);
    const random = createRandom(6);
    const feeds = new Map(session.inputs.map((v) => [v.name, noiseOf(required(v.element, 'type'), v.shape.map((d) => d ?? 2), random)]));
    const out = await session.run(feeds);
    await session.dispose();
    return [...out.values()].flatMap((t) => Array.from(t.data as Float32Array, Number));
  }));
}

async function roundTrip(first: Imported): Promise<void> {
  const bytes = exportOnnx(first.subject.network, first.subject.weights, info);
  const second = await again(bytes, 'net');
  expect(anatomy(second.subject.network, second.subject.weights)).toEqual(anatomy(first.subject.network, first.subject.weights));
  const third = exportOnnx(second.subject.network, second.subject.weights, info);
  const [a, b] = await answers([bytes, third]);
  expect(b).toEqual(a);
}

describe('our own nets', () => {
  it.each(['lenet-5', 'small-resnet', 'mobilenet-v2', 'u-net-small', 'vit-tiny'])('%s', async (id) => {
    const template = required(findTemplate(id), id);
    const { network } = compile(template.build({ ...template.defaults, size: 32, channels: 3, classes: 4 }));
    const weights = initialWeights(network, 2);
    const bytes = exportOnnx(network, weights, info);
    const imported = await again(bytes, id);
    expect(imported.report.operators).toEqual([]);
    const [a, b] = await answers([bytes, exportOnnx(imported.subject.network, imported.subject.weights, info)]);
    expect(b?.length).toBe(a?.length);
    a?.forEach((v, i) => expect(Math.abs(v - (b?.[i] as number))).toBeLessThan(1e-5 * (1 + Math.abs(v))));
    await roundTrip(imported);
  });
});

describe.skipIf(!here)('nets of others', () => {
  it.each([
    'onnx-derived/squeezenet_fp32_from_fp16/SqueezeNet_fp32_from_fp16.onnx', 'onnx/stm32/mobilenet_v2_0.35_128_tfs_channel_first.onnx', 'onnx/mnist-cntk/mnist.onnx', 'onnx/mnist-burn/mnist.onnx',
    'onnx/winml-cifar-tutorial/ImageClassifier.onnx', 'onnx/super-resolution/super_resolution.onnx', 'onnx/ultraface/version-slim-320.onnx', 'onnx-light/light_densenet121.onnx',
  ])('%s', async (file) => roundTrip(await importOnnx(join(data, file))));
});
