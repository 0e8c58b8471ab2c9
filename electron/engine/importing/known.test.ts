/** Nets that others trained, imported here, answer what is known of them: top classes, accuracies, the file's own outputs. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Tensor } from '../../../shared/onnx/ir.ts';
import { required } from '../../../shared/util/assert.ts';
import { openIdx } from '../datasets/idx.ts';
import { openPictures } from '../datasets/pictures.ts';
import { ForeignSession } from '../runtime/foreign.ts';
import { importOnnx, type Imported } from './import.ts';
import { compareWithFile, modelBytes, PROOF_TOLERANCE } from './proof.ts';
import { turned } from './recognise/axes.ts';

const data = process.env.NETLOOM_TEST_DATA ?? join(import.meta.dirname, '../../../../shared/data');
const here = existsSync(join(data, 'README.md'));
if (!here) console.log('Known nets are skipped: there is no ../shared/data beside the project.');

/** Small enough to be tried in full in every run of the tests. */
const files = [
  'onnx-derived/squeezenet_fp32_from_fp16/SqueezeNet_fp32_from_fp16.onnx', 'onnx/squeezenet-fp16/SqueezeNet_fp16.onnx', 'onnx-derived/mobilenet_v1_0.25_128_quant_dequant/mobilenet_v1_0.25_128_quant_dequant_fp32.onnx',
  'onnx/stm32/mobilenet_v2_0.35_128_tfs_channel_first.onnx', 'onnx/mnist-cntk/mnist.onnx', 'onnx/mnist-burn/mnist.onnx', 'onnx/winml-cifar-tutorial/ImageClassifier.onnx', 'onnx/super-resolution/super_resolution.onnx',
  'onnx/ultraface/version-slim-320.onnx', 'onnx/fast-neural-style/candy.onnx', 'onnx-light/light_densenet121.onnx', 'onnx-light/light_resnet50.onnx', 'onnx-light/light_squeezenet.onnx',
] as const;
type Known = (typeof files)[number];

const imports = new Map<Known, Promise<Imported>>();
/** Each file is read once. */
function imported(file: Known): Promise<Imported> {
  const known = imports.get(file) ?? importOnnx(join(data, file));
  imports.set(file, known);
  return known;
}

/** Answers of the drawn net's first output to samples in the file's layout, one row each. */
async function answers(net: Imported, samples: readonly Float32Array[]): Promise<Float32Array[]> {
  const { subject, report } = net;
  const { bytes, forward } = modelBytes(subject.network, subject.weights, 1);
  const session = await ForeignSession.open(bytes);
  const border = required(subject.inputs[0], 'input');
  const value = required(forward.graph.inputs.find((v) => forward.borders.get(v.name) === border.node), 'input');
  const output = required(forward.outputs.find((o) => forward.borders.get(o) === subject.outputs[0]?.node), 'output');
  const shape = required(report.inputs[0], 'input').shape.map((d) => Math.abs(d));
  const rows: Float32Array[] = [];
  for (const x of samples) {
    const given: Tensor = { element: 'float32', shape, data: x };
    rows.push(required((await session.run(new Map([[value.name, { ...(border.perm ? turned(given, border.perm) : given), shape: value.type.shape }]]))).get(output), 'answer').data as Float32Array);
  }
  await session.dispose();
  return rows;
}

const top = (row: Float32Array): number => row.indexOf(Math.max(...row));
const share = (rows: readonly Float32Array[], labels: ArrayLike<number>): number => rows.filter((r, i) => top(r) === labels[i]).length / rows.length;

/** Pixels of a picture, 0 to 255, channels first. */
async function planes(path: string, side?: number): Promise<Float32Array> {
  const { data: rgb, info } = await (side === undefined ? sharp(path) : sharp(path).resize(side, side, { fit: 'fill' })).removeAlpha().toColourspace('srgb').raw().toBuffer({ resolveWithObject: true });
  const n = info.width * info.height;
  return Float32Array.from({ length: 3 * n }, (_, i) => rgb[(i % n) * 3 + Math.floor(i / n)] as number);
}

const perChannel = (x: Float32Array, change: (v: number, c: number) => number): Float32Array => x.map((v, i) => change(v, Math.floor((i * 3) / x.length)));
const prepare: Record<string, (x: Float32Array) => Float32Array> = {
  tf: (x) => x.map((v) => (v - 128) / 128),
  caffe: (x) => {
    const n = x.length / 3;
    const bgr = Float32Array.from(x, (_, i) => x[(2 - Math.floor(i / n)) * n + (i % n)] as number);
    return perChannel(bgr, (v, c) => v - (([103.94, 116.78, 123.68] as const)[c] as number));
  },
};

describe.skipIf(!here)('nets of others', () => {
  it.each(files)('%s answers as its file does', async (file) => {
    const { subject } = await imported(file);
    const { relative } = await compareWithFile(join(data, file), subject);
    // A file in half precision rounds at each of its steps; ours does not.
    expect(relative).toBeLessThan(file.includes('squeezenet-fp16') ? 2e-2 : PROOF_TOLERANCE);
  });

  interface Case { readonly net: Known; readonly input: string; readonly preprocess: string; readonly dtype: string; readonly top5: readonly { readonly index: number; readonly value: number }[] }
  const cases = here ? (JSON.parse(readFileSync(join(data, 'expected/imagenet_expected.json'), 'utf8')) as { cases: Case[] }).cases : [];
  it.each(cases.map((c) => [c.net.split('/').at(-1) ?? '', c.input, c] as const))('%s sees in %s what it is known to see', async (_net, input, c) => {
    const pixels = required(prepare[c.preprocess], c.preprocess)(await planes(join(data, 'expected/inputs', input)));
    const [row] = await answers(await imported(c.net), [pixels]) as [Float32Array];
    expect(top(row)).toBe(c.top5[0]?.index);
    for (const { index, value } of c.top5) expect(Math.abs((row[index] as number) - value)).toBeLessThan(c.dtype === 'float16' ? 5e-3 : 1e-3);
  });

  describe('digits', () => {
    let samples: { pixels: Float32Array[]; labels: number[] };
    beforeAll(async () => {
      const set = await openIdx(join(data, 'mnist-t10k'));
      const each = 28 * 28;
      samples = { pixels: Array.from({ length: 1000 }, (_, i) => Float32Array.from(set.values.subarray(i * each, (i + 1) * each))), labels: [...set.labels.subarray(0, 1000)] };
    });

    // Published with the files: 98.9 % and 99.3 % of the first thousand.
    it('mnist of CNTK', async () => {
      expect(share(await answers(await imported('onnx/mnist-cntk/mnist.onnx'), samples.pixels), samples.labels)).toBeCloseTo(0.989, 2);
    });
    it('mnist of PyTorch', async () => {
      const scaled = samples.pixels.map((x) => x.map((v) => (v / 255 - 0.1307) / 0.3081));
      expect(share(await answers(await imported('onnx/mnist-burn/mnist.onnx'), scaled), samples.labels)).toBeCloseTo(0.993, 2);
    });
  });

  it('the CIFAR-10 tutorial is right about two thirds of the time', async () => {
    const set = await openPictures(join(data, 'cifar10-jpg-sample'), {});
    const each = 3 * 32 * 32;
    const samples = Array.from({ length: set.count }, (_, i) => Float32Array.from(set.values.subarray(i * each, (i + 1) * each), (v) => (v / 255 - 0.5) / 0.5));
    const found = share(await answers(await imported('onnx/winml-cifar-tutorial/ImageClassifier.onnx'), samples), set.labels);
    expect(found).toBeGreaterThan(0.6);
    expect(found).toBeLessThan(0.75);
  });

  it('the five flowers know daisy, rose and tulip', async () => {
    const samples = await Promise.all(['daisy', 'rose', 'tulip'].map((f) => planes(join(data, 'photos/misc', `${f}.jpg`), 128)));
    const rows = await answers(await imported('onnx/stm32/mobilenet_v2_0.35_128_tfs_channel_first.onnx'), samples.map((x) => x.map((v) => v / 127.5 - 1)));
    // tf_flowers in alphabetical order: daisy, dandelion, roses, sunflowers, tulips.
    expect(rows.map(top)).toEqual([0, 2, 4]);
  });
});
