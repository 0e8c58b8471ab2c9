/** Preprocessing is guessed as the makers of known nets document it. */
import { describe, expect, it } from 'vitest';
import type { Graph, Node, Tensor } from '../../../shared/onnx/ir.ts';
import { guessPreprocessing, pictureInput } from './preprocessing.ts';

const float = (shape: readonly number[], ...values: number[]): Tensor => ({ element: 'float32', shape, data: Float32Array.from(values) });
const node = (op: string, inputs: string[], outputs: string[]): Node => ({ name: op, op, domain: '', inputs, outputs, attributes: {} });

function net(shape: readonly number[], answers: readonly number[], nodes: Node[] = [], initializers: Record<string, Tensor> = {}): Graph {
  const value = (name: string, of: readonly number[]) => ({ name, type: { element: 'float32', shape: of } as const });
  return { name: 'g', inputs: [value('x', shape)], outputs: [value('y', answers)], nodes, initializers: new Map(Object.entries(initializers)), types: new Map() };
}
const file = (name: string, producer = '', metadata: Record<string, string> = {}) => ({ file: name, producer, metadata, graph: { name: '' } });
const photo = net([1, 3, 224, 224], [1, 1000]);
const guess = (...[f, g]: Parameters<typeof guessPreprocessing>) => guessPreprocessing(f, g)?.values ?? null;

/** What a red pixel (1, 0, 0) becomes by channel in the net's order, told by hand. */
const red = (p: ReturnType<typeof guess>): number[] | null => {
  if (!p) return null;
  const channels = p.order === 'bgr' ? [0, 0, 1] : [1, 0, 0];
  return channels.map((x, c) => Number(((x * p.scale - (p.mean[p.mean.length === 1 ? 0 : c] as number)) / (p.deviation[p.deviation.length === 1 ? 0 : c] as number)).toFixed(3)));
};

describe('guessPreprocessing', () => {
  it.each<[string, string, readonly number[], readonly number[], readonly number[] | null]>([
    // torchvision: (x − mean) / deviation; red gives (1 − 0.485) / 0.229, −0.456 / 0.224, −0.406 / 0.225.
    ['resnet18.onnx', 'pytorch', [1, 3, 224, 224], [1, 1000], [2.249, -2.036, -1.804]],
    ['resnet18-v1-7.onnx', '', [1, 3, 224, 224], [1, 1000], [2.249, -2.036, -1.804]],
    ['squeezenet.onnx', 'onnx-caffe2', [1, 3, 224, 224], [1, 1000, 1, 1], [-103.94, -116.78, 131.32]],
    ['mobilenet_v2_0.35_128_tfs_channel_first.onnx', 'tf2onnx', [1, 3, 128, 128], [1, 5], [1, -1, -1]],
    ['mobilenet_v1_0.25_128_quant_dequant_fp32.onnx', 'tflite-dequantise', [1, 3, 128, 128], [1, 1001], [0.992, -1, -1]],
    ['efficientnet-lite4-11.onnx', 'tf2onnx', [1, 224, 224, 3], [1, 1000], [1, -0.992, -0.992]],
    ['version-slim-320.onnx', 'pytorch', [1, 3, 240, 320], [1, 4420, 2], [1, -0.992, -0.992]],
    ['mnist.onnx', 'CNTK', [1, 1, 28, 28], [1, 10], [255, 0, 0]],
    ['mnist.onnx', 'pytorch', [1, 1, 28, 28], [1, 10], [2.821, -0.424, -0.424]],
    ['ImageClassifier.onnx', 'pytorch', [1, 3, 32, 32], [1, 10], [1, -1, -1]],
    ['candy.onnx', 'OnnxMLTools', [1, 3, 720, 720], [1, 3, 720, 720], [255, 0, 0]],
    ['super_resolution.onnx', 'pytorch', [1, 1, 224, 224], [1, 1, 672, 672], null],
    ['something.onnx', 'nobody', [1, 3, 50, 50], [1, 7], null],
  ])('%s of %s', (name, producer, input, output, expected) => {
    expect(red(guess(file(name, producer), net(input, output)))).toEqual(expected);
  });

  it('believes metadata before anything else', () => {
    expect(guess(file('resnet18.onnx', 'pytorch', { mean: '[0.5, 0.4, 0.3]', std: '0.1 0.2 0.3' }), photo)).toEqual({ order: 'rgb', scale: 1, mean: [0.5, 0.4, 0.3], deviation: [0.1, 0.2, 0.3] });
    expect(guess(file('a', 'x', { input_mean: '127.5', input_std: '127.5', input_order: 'bgr' }), photo)).toEqual({ order: 'bgr', scale: 255, mean: [127.5], deviation: [127.5] });
    expect(guess(file('a', 'pytorch', { 'Image.NominalPixelRange': 'NominalRange_0_255', 'Image.BitmapPixelFormat': 'Bgr8' }), photo)).toEqual({ order: 'bgr', scale: 255, mean: [0], deviation: [1] });
    // Our own exports.
    expect(guess(file('a', 'Netloom', { input_range: '[0,1]', input_mean: '[0]', input_deviation: '[1]', input_order: 'rgb' }), photo)).toBeNull();
    expect(guess(file('a', 'Netloom', { input_range: '[0,16]', input_mean: '[0]', input_deviation: '[1]' }), net([1, 1, 8, 8], [1, 10]))).toEqual({ order: 'rgb', scale: 16, mean: [0], deviation: [1] });
    expect(guess(file('a', 'Netloom', { input_order: 'bgr', input_factor: '255', input_mean: '[103.94,116.78,123.68]', input_deviation: '[1]' }), photo)).toEqual({ order: 'bgr', scale: 255, mean: [103.94, 116.78, 123.68], deviation: [1] });
  });

  it('leaves metadata that is no numbers, or of other channels, alone', () => {
    const other = guessPreprocessing(file('x.onnx', 'nobody', { mean: 'about half', std: '1,2' }), net([1, 3, 50, 50], [1, 7]));
    expect([other?.source, other?.values]).toEqual(['none', null]);
  });

  it('sees that the net scales its pictures itself', () => {
    const sub = net([1, 3, 224, 224], [1, 1000], [node('Sub', ['x', 'm'], ['a']), node('Div', ['a', 'd'], ['b']), node('Conv', ['b', 'w'], ['y'])], { m: float([1, 3, 1, 1], 0.485, 0.456, 0.406), d: float([1, 3, 1, 1], 0.229, 0.224, 0.225) });
    const told = guessPreprocessing(file('resnet.onnx', 'pytorch'), sub);
    expect([told?.source, told?.values]).toEqual(['layers', null]);
    // Keras' Rescaling(1 / 255): the net takes pixels.
    const byte = net([1, 224, 224, 3], [1, 1000], [node('Mul', ['x', 's'], ['a']), node('Transpose', ['a'], ['b']), node('Conv', ['b', 'w'], ['y'])], { s: float([], 1 / 255) });
    expect(guess(file('net.onnx', 'tf2onnx'), byte)).toEqual({ order: 'rgb', scale: 255, mean: [0], deviation: [1] });
    // A norm in front whose mean is that of pixels.
    const norm = net([1, 3, 224, 224], [1, 1000], [node('BatchNormalization', ['x', 'g', 'b', 'm', 'v'], ['a'])], { g: float([3], 1, 1, 1), b: float([3], 0, 0, 0), m: float([3], 124, 117, 104), v: float([3], 3400, 3300, 3400) });
    expect(guess(file('resnet18-v2.onnx'), norm)).toEqual({ order: 'rgb', scale: 255, mean: [0], deviation: [1] });
  });

  it('takes vectors, sequences and tables for no pictures', () => {
    expect([[1, 64], [1, 3, 4, 4], [1, 5, 64, 64], [1, 3, 16, 64, 64]].map((s) => pictureInput(net(s, [1, 2])))).toEqual([null, null, null, null]);
    expect(pictureInput(net([2, 40, 50, 1], [2, 2]))).toEqual({ name: 'x', channels: 1, height: 40, width: 50, axis: 3 });
    expect(guessPreprocessing(file('mnist.onnx', 'CNTK'), net([1, 64], [1, 10]))).toBeNull();
  });
});
