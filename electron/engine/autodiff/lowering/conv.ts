/** Convolution and its gradients on ONNX Runtime's blocked CPU kernels. */
import type { Value } from '../../../../shared/onnx/builder.ts';
import { attribute, int, ints, string, type Attribute, type Node } from '../../../../shared/onnx/ir.ts';
import type { DeferredGradient } from '../deferred.ts';
import { convShape, type ConvShape } from '../rules/conv.ts';
import { backwardFilter, depthwiseFilter, forwardFilter, type Taps } from './filters.ts';
import type { Lowering, Tail } from './lowering.ts';

export const isDepthwise = (l: Lowering, channels: number, kernel: readonly number[], group: number): boolean => group === channels && group === kernel[0] && group % l.block === 0;

const windowAttributes = (kernel: readonly number[], strides: readonly number[], dilations: readonly number[], pads: readonly number[], group: number): Record<string, Attribute> =>
  ({ kernel_shape: ints(kernel), strides: ints(strides), dilations: ints(dilations), pads: ints(pads), group: int(group) });

/** A bias vector rounded up to whole blocks. */
function paddedBias(l: Lowering, bias: Value): Value {
  const [c] = bias.type.shape as [number];
  const room = l.padded(c) - c;
  return room === 0 ? bias : l.b.op('Pad', [bias, l.b.int64([0, room])]);
}

/** Whether the blocked kernels take this convolution at all. */
export function takesConv(l: Lowering, input: readonly number[], kernel: readonly number[], group: number): boolean {
  if (input.length !== 4) return false;
  // Few maps leave most of a block empty.
  if (group === 1) return (kernel[0] as number) >= l.block / 2 && ((input[1] as number) >= l.block / 2 || (kernel[0] as number) >= 2 * l.block);
  return isDepthwise(l, input[1] as number, kernel, group);
}

/** Conv, joined with a following Add and Relu when they are its only readers. */
export function lowerConv(l: Lowering, node: Node): boolean {
  const [x, w, bias] = node.inputs as [string, string, string?];
  const input = l.shape(x);
  const kernel = l.shape(w);
  const auto = attribute(node, 'auto_pad', 'string', 'NOTSET');
  const group = attribute(node, 'group', 'int', 1);
  if (auto !== 'NOTSET' || !takesConv(l, input, kernel, group)) return false;
  const y = node.outputs[0] as string;
  const [n, , h, k] = l.shape(y) as [number, number, number, number];
  const filters = l.padded(kernel[0] as number);
  const attributes = windowAttributes(kernel.slice(2), attribute(node, 'strides', 'ints', [1, 1]), attribute(node, 'dilations', 'ints', [1, 1]), attribute(node, 'pads', 'ints', [0, 0, 0, 0]), group);
  const plainInput = group === 1 && (input[1] as number) < l.block && !l.hasBlocked(x);
  l.setPending(y, (tail: Tail) => {
    const weight = group > 1 ? depthwiseFilter(l, l.plain(w)) : forwardFilter(l, l.plain(w), plainInput);
    const inputs = [plainInput ? l.plain(x) : l.blocked(x), weight, bias ? paddedBias(l, l.plain(bias)) : null, tail.sum ?? null];
    while (inputs.at(-1) === null) inputs.pop();
    return l.kernel('Conv', inputs, { ...attributes, ...(tail.relu ? { activation: string('Relu') } : {}) }, [n, filters, h, k]);
  });
  return true;
}

/** The taps of one axis that meet the input's rows ≡ `phase` modulo the stride, and the padding they need; null where none does. */
function phaseOf(phase: number, size: number, out: number, kernel: number, stride: number, pad: number): { taps: Taps; begin: number; end: number; count: number } | null {
  const first = (phase + pad) % stride;
  const count = Math.ceil((size - phase) / stride);
  const taps = Math.floor((kernel - 1 - first) / stride) + 1;
  if (first >= kernel) return null;
  const begin = taps - 1 - (phase + pad - first) / stride;
  return { taps: { first, step: stride, count: taps }, begin, end: count - out - begin + taps - 1, count };
}

/** dx by phases: for each remainder of row and column by the stride a plain convolution of dy, laid between one another. */
function inputGradient(l: Lowering, dy: string, w: string, size: readonly number[], s: ConvShape): Value | null {
  const [n, c, height, width] = size as [number, number, number, number];
  const [sh, sw] = s.strides as [number, number];
  const [oh, ow] = l.shape(dy).slice(2) as [number, number];
  const depthwise = s.group > 1;
  const channels = l.padded(c);
  const conv = (rows: Taps, columns: Taps, pads: readonly number[], dilations: readonly number[], h: number, k: number): Value => {
    const filter = depthwise ? depthwiseFilter(l, l.plain(w), rows, columns) : backwardFilter(l, l.plain(w), rows, columns);
    return l.kernel('Conv', [l.blocked(dy), filter], windowAttributes([rows.count, columns.count], [1, 1], dilations, pads, depthwise ? channels : 1), [n, channels, h, k]);
  };
  if (sh === 1 && sw === 1) {
    const begins = [0, 1].map((i) => (s.dilations[i] as number) * ((s.kernel[i] as number) - 1) - (s.pads[i] as number));
    const ends = [height - oh, width - ow].map((d, i) => d - (begins[i] as number) + (s.dilations[i] as number) * ((s.kernel[i] as number) - 1));
    const pads = [...begins, ...ends];
    if (pads.some((p) => p < 0)) return null;
    const all = (i: number): Taps => ({ first: 0, step: 1, count: s.kernel[i] as number });
    return conv(all(0), all(1), pads, s.dilations, height, width);
  }
  if (s.dilations.some((d) => d !== 1) || height % sh !== 0 || width % sw !== 0) return null;
  const rows = Array.from({ length: sh }, (_, r) => phaseOf(r, height, oh, s.kernel[0] as number, sh, s.pads[0] as number));
  const columns = Array.from({ length: sw }, (_, r) => phaseOf(r, width, ow, s.kernel[1] as number, sw, s.pads[1] as number));
  if ([...rows, ...columns].some((p) => p && (p.begin < 0 || p.end < 0))) return null;
  const [h, k] = [height / sh, width / sw];
  const blocks = (n * channels) / l.block;
  const zeros = () => l.b.op('Expand', [l.b.scalar(0), l.b.int64([n, channels, h, k])]);
  const lines = rows.map((row) => {
    const pieces = columns.map((column) => {
      const piece = row && column ? conv(row.taps, column.taps, [row.begin, column.begin, row.end, column.end], [1, 1], h, k) : zeros();
      return l.b.reshape(piece, [blocks, h, k, 1, l.block]);
    });
    return l.b.reshape(l.b.op('Concat', pieces, { axis: int(3) }), [blocks, h, 1, width * l.block]);
  });
  return l.b.reshape(l.b.op('Concat', lines, { axis: int(2) }), [n, channels, height, width]);
}

/** dy as rows of 16 neighbouring outputs for each filter, [1, N·h·w, O, 1] in blocks: the data of the products below. */
function outputsAsChannels(l: Lowering, dy: string): Value {
  const [n, o, h, w] = l.shape(dy) as [number, number, number, number];
  const places = n * h * w;
  const last = l.reorderOutput(l.blocked(dy), o, true);
  return l.b.reshape(l.reorderInput(l.b.reshape(last, [places / l.block, l.block, o, 1])), [1, places, o, 1]);
}

/** The input with its padding, blocks of channels outermost: [I/B, N·h·w, B], so that a tap is a choice of places. */
function inputByBlocks(l: Lowering, x: string, s: ConvShape): { readonly input: Value; readonly rows: number; readonly width: number } {
  const B = l.block;
  const [n, channels, h, w] = l.blocked(x).type.shape as [number, number, number, number];
  const outer = l.b.transpose(l.b.reshape(l.blocked(x), [n, channels / B, h * w * B]), [1, 0, 2]);
  const [top, left, bottom, right] = s.pads as [number, number, number, number];
  const [rows, width] = [h + top + bottom, w + left + right];
  const flat = l.b.reshape(outer, [(channels / B) * n, h, w * B]);
  const padded = s.pads.every((p) => p === 0) ? flat : l.b.op('Pad', [flat, l.b.int64([0, top, left * B, 0, bottom, right * B])]);
  return { input: l.b.reshape(padded, [channels / B, n * rows * width, B]), rows, width };
}

/** dw of a 1×1 convolution that widens: the same product with the places of x as data and dy as the filters, so that the larger of the two is copied once and more threads have work. */
function wideningGradient(l: Lowering, x: string, dy: string, kernel: readonly number[], s: ConvShape): Value {
  const [o, i] = kernel as [number, number];
  const [n, , h, w] = l.shape(dy) as [number, number, number, number];
  const filters = l.padded(o);
  const { input } = inputByBlocks(l, dy, s);
  const product = l.kernel('Conv', [outputsAsChannels(l, x), l.b.reshape(input, [filters, n * h * w, 1, 1])], windowAttributes([1, 1], [1, 1], [1, 1], [0, 0, 0, 0], 1), [1, filters, i, 1]);
  return l.b.reshape(l.reorderOutput(product, o), kernel);
}

/** Bytes that the taps of one product may take. */
const MOST_BYTES = 2 ** 28;
/** Filters that one thread of the 1×1 kernel works on. */
const FILTERS_A_THREAD = 64;

/** How many taps share one product: all that fit, and two threads' work at least; the kernel divides filters among threads, nothing else. */
export const tapsPerProduct = (channels: number, places: number, taps: number): number =>
  Math.min(taps, Math.max(Math.floor(MOST_BYTES / (4 * channels * places)), Math.ceil((2 * FILTERS_A_THREAD) / channels)));

/**
 * dw: for each kernel offset the product over all places of what the offset sees with dy, written as a 1×1 convolution whose
 * channels are the places, because that kernel packs nothing. All places must fill whole blocks.
 */
function weightGradient(l: Lowering, x: string, dy: string, kernel: readonly number[], s: ConvShape): Value {
  const B = l.block;
  const [o, i, kh, kw] = kernel as [number, number, number, number];
  const [n, , oh, ow] = l.shape(dy) as [number, number, number, number];
  if (kh * kw === 1 && o > i && [...s.strides, ...s.pads].join() === '1,1,0,0,0,0') return wideningGradient(l, x, dy, kernel, s);
  const places = n * oh * ow;
  const data = outputsAsChannels(l, dy);
  const { input, rows, width } = inputByBlocks(l, x, s);
  const channels = l.padded(i);
  const [sh, sw] = s.strides as [number, number];
  const taps = kh * kw;
  const whole = taps === 1 && rows === oh && width === ow && sh === 1 && sw === 1;
  const together = tapsPerProduct(channels, places, taps);
  const products: Value[] = [];
  for (let first = 0; first < taps; first += together) {
    const count = Math.min(together, taps - first);
    // Places of the input that these taps meet, tap after tap. Gather copies on all threads, Slice on one.
    const key = ['taps', first, count, n, rows, width, oh, ow, kw, sh, sw, ...s.dilations].join();
    const met = (at: number): number => {
      const tap = first + Math.floor(at / places);
      const [sample, place] = [Math.floor((at % places) / (oh * ow)), at % (oh * ow)];
      const [row, column] = [Math.floor(place / ow) * sh + Math.floor(tap / kw) * (s.dilations[0] as number), (place % ow) * sw + (tap % kw) * (s.dilations[1] as number)];
      return (sample * rows + row) * width + column;
    };
    const seen = whole ? input : l.b.op('Gather', [input, l.places(key, count * places, met)], { axis: int(1) });
    const filters = channels * count;
    const product = l.kernel('Conv', [data, l.b.reshape(seen, [filters, places, 1, 1])], windowAttributes([1, 1], [1, 1], [1, 1], [0, 0, 0, 0], 1), [1, filters, o, 1]);
    products.push(l.b.reshape(product, [channels / B, count, o, B]));
  }
  const all = products.length === 1 ? (products[0] as Value) : l.b.op('Concat', products, { axis: int(1) });
  const byFilter = l.b.transpose(all, [2, 0, 1, 3]);
  return l.b.reshape(l.reorderOutput(l.b.reshape(byFilter, [o, channels, taps, 1]), i), kernel);
}

/** dw of a depthwise convolution: each map of x convolved with its own map of dy, N·C maps at once, then summed over the batch. */
function depthwiseWeightGradient(l: Lowering, x: string, dy: string, kernel: readonly number[], s: ConvShape): Value {
  const [n, c, h, w] = l.shape(x) as [number, number, number, number];
  const [oh, ow] = l.shape(dy).slice(2) as [number, number];
  const [kh, kw] = kernel.slice(2) as [number, number];
  const data = l.b.reshape(l.blocked(x), [1, n * c, h, w]);
  const filter = l.b.reshape(l.blocked(dy), [n * c, 1, oh, ow]);
  // Stride and dilation change places; rows at the end that no window reached are left out by negative padding's absence.
  const [top, left] = s.pads as [number, number];
  const reach = (out: number, stride: number, taps: number, dilation: number) => (out - 1) * stride + 1 + (taps - 1) * dilation;
  const bottom = reach(oh, s.strides[0] as number, kh, s.dilations[0] as number) - h - top;
  const right = reach(ow, s.strides[1] as number, kw, s.dilations[1] as number) - w - left;
  const attributes = windowAttributes([oh, ow], s.dilations, s.strides, [top, left, Math.max(bottom, 0), Math.max(right, 0)], n * c);
  const sums = l.kernel('Conv', [data, filter], attributes, [1, n * c, kh, kw]);
  const perSample = l.b.reshape(sums, [n, (c / l.block) * kh * kw * l.block]);
  const total = l.b.reshape(l.b.sum(perSample, [0], false), [1, c, kh * kw, 1]);
  return l.b.reshape(l.reorderOutput(total, c), kernel);
}

/** Σ over batch and places of a blocked value, [C]. */
export function channelSums(l: Lowering, name: string): Value {
  const [n, c, h, w] = l.shape(name) as [number, number, number, number];
  const v = l.blocked(name);
  const means = l.kernel('GlobalAveragePool', [v], {}, [n, v.type.shape[1] as number, 1, 1]);
  const sums = l.b.mul(l.b.sum(l.b.reshape(means, [n, v.type.shape[1] as number]), [0], false), l.b.scalar(h * w));
  return v.type.shape[1] === c ? sums : l.b.op('Slice', [sums, l.b.int64([0]), l.b.int64([c])]);
}

/** The gradients of Conv that the blocked kernels take; the rest is null and stays with the rule. */
export function lowerConvGradient(l: Lowering, g: DeferredGradient, names: { x: string; w: string; dy: string }): Map<number, { value: Value; blocked: boolean }> {
  const answers = new Map<number, { value: Value; blocked: boolean }>();
  const input = l.shape(names.x);
  const kernel = l.shape(names.w);
  const s = convShape(g.node, kernel, input.slice(2));
  if (!takesConv(l, input, kernel, s.group)) return answers;
  const depthwise = s.group > 1;
  if (g.wants(0)) {
    const dx = inputGradient(l, names.dy, names.w, input, s);
    if (dx) answers.set(0, { value: dx, blocked: true });
  }
  if (g.wants(1)) {
    const [n, , oh, ow] = l.shape(names.dy) as [number, number, number, number];
    const [h, w] = input.slice(2) as [number, number];
    const covers = (i: number, out: number, size: number) => (out - 1) * (s.strides[i] as number) + ((s.kernel[i] as number) - 1) * (s.dilations[i] as number) + 1 >= size + (s.pads[i] as number);
    if (depthwise && covers(0, oh, h) && covers(1, ow, w)) answers.set(1, { value: depthwiseWeightGradient(l, names.x, names.dy, kernel, s), blocked: false });
    else if (!depthwise && (n * oh * ow) % l.block === 0 && ((input[1] as number) >= l.block || l.hasBlocked(names.x))) answers.set(1, { value: weightGradient(l, names.x, names.dy, kernel, s), blocked: false });
  }
  if (g.wants(2)) answers.set(2, { value: channelSums(l, names.dy), blocked: false });
  return answers;
}
