/** Convolutions in the forms that a device has: groups one by one, a transposed one as a plain one. */
import type { GraphBuilder, Value } from '../../../shared/onnx/builder.ts';
import { attribute, int, ints, type Attribute, type Node } from '../../../shared/onnx/ir.ts';
import { inferTypes } from '../../../shared/onnx/ops/infer.ts';
import { extentAt } from '../../../shared/onnx/ops/sliding.ts';
import { broken } from './capabilities.ts';
import type { DeviceKind } from './rule.ts';
import { transposedWindow } from './rules/window.ts';

type Attributes = Readonly<Record<string, Attribute>>;
type Emit = (b: GraphBuilder, x: Value, w: Value, bias: Value | null, attributes: Attributes) => Value;

const product = (v: readonly number[]): number => v.reduce((a, d) => a * d, 1);
const nodeOf = (op: string, x: Value, w: Value, bias: Value | null, attributes: Attributes): Node => ({ name: op, op, domain: '', inputs: [x.name, w.name, ...(bias ? [bias.name] : [])], outputs: [], attributes });
const plain = (op: string): Emit => (b, x, w, bias, attributes) => b.op(op, [x, w, ...(bias ? [bias] : [])], attributes);

/** One convolution for each group. */
function byGroups(emit: Emit, b: GraphBuilder, x: Value, w: Value, bias: Value | null, attributes: Attributes): Value {
  const group = attribute({ name: '', op: '', attributes }, 'group', 'int', 1);
  const part = (v: Value, axis: number, i: number): Value => {
    const size = (v.type.shape[axis] as number) / group;
    return group === 1 ? v : b.op('Slice', [v, b.int64([i * size]), b.int64([(i + 1) * size]), b.int64([axis])]);
  };
  const parts = Array.from({ length: group }, (_, i) => emit(b, part(x, 1, i), part(w, 0, i), bias && part(bias, 0, i), { ...attributes, group: int(1) }));
  return parts.length === 1 ? (parts[0] as Value) : b.op('Concat', parts, { axis: int(1) });
}

/** The numbers of every spatial axis `stride` apart, with zeros after each. */
function spreadApart(b: GraphBuilder, x: Value, strides: readonly number[]): Value {
  return strides.reduce((v, stride, i) => {
    if (stride === 1) return v;
    const { shape } = v.type;
    const axis = i + 2;
    const inner = product(shape.slice(axis + 1));
    // As a matrix of one row for each number, so that the zeros go behind the rows.
    const rows = b.reshape(v, [product(shape.slice(0, axis + 1)), inner]);
    return b.reshape(b.op('Pad', [rows, b.int64([0, 0, 0, (stride - 1) * inner])]), shape.with(axis, (shape[axis] as number) * stride));
  }, x);
}

/** convᵀ(x, w) of one group = conv(x spread apart, w turned round with its channels exchanged). */
const byConv: Emit = (b, x, w, bias, attributes) => {
  const node = nodeOf('ConvTranspose', x, w, bias, attributes);
  const sizes = x.type.shape.slice(2);
  const [y] = inferTypes(node, [x.type, w.type, ...(bias ? [bias.type] : [])], () => undefined, 1) as [Value['type']];
  const out = y.shape.slice(2);
  const window = transposedWindow(node, w.type.shape.slice(2), sizes, out);
  const spread = spreadApart(b, x, window.strides);
  const begins = window.kernel.map((_, i) => extentAt(window, i) - 1 - (window.pads[i] as number));
  const ends = window.kernel.map((_, i) => (out[i] as number) + extentAt(window, i) - 1 - (spread.type.shape[i + 2] as number) - (begins[i] as number));
  const cut = [...begins, ...ends].some((p) => p < 0)
    ? b.op('Slice', [spread, b.int64(begins.map((p) => Math.max(-p, 0))), b.int64(ends.map((p, i) => (spread.type.shape[i + 2] as number) + Math.min(p, 0))), b.int64(begins.map((_, i) => i + 2))])
    : spread;
  const [inputs, filters] = w.type.shape as [number, number];
  const taps = product(window.kernel);
  const turned = b.op('Gather', [b.reshape(w, [inputs, filters, taps]), b.int64(Array.from({ length: taps }, (_, i) => taps - 1 - i))], { axis: int(2) });
  const kernel = b.reshape(b.transpose(turned, [1, 0, 2]), [filters, inputs, ...window.kernel]);
  const pads = ints([...begins, ...ends].map((p) => Math.max(p, 0)));
  return plain('Conv')(b, cut, kernel, bias, { kernel_shape: ints(window.kernel), dilations: ints(window.dilations), pads });
};

/** A Conv, or its groups one by one where the device's kernel knows none. x [N, C, …], w [M, C/group, …], a bias or null. */
export function convolve(b: GraphBuilder, device: DeviceKind, x: Value, w: Value, bias: Value | null, attributes: Attributes): Value {
  return broken(device, nodeOf('Conv', x, w, bias, attributes), (name) => b.value(name).type.shape) ? convByGroups(b, x, w, bias, attributes) : plain('Conv')(b, x, w, bias, attributes);
}

/** A ConvTranspose, or another form where the device's kernel fails. x [N, C, …], w [C, M/group, …], a bias or null. */
export function convolveTransposed(b: GraphBuilder, device: DeviceKind, x: Value, w: Value, bias: Value | null, attributes: Attributes): Value {
  return broken(device, nodeOf('ConvTranspose', x, w, bias, attributes), (name) => b.value(name).type.shape) ? otherTransposed(b, x, w, bias, attributes) : plain('ConvTranspose')(b, x, w, bias, attributes);
}

export const convByGroups: Emit = (b, ...rest) => byGroups(plain('Conv'), b, ...rest);

/** Maps and lines: one transposed convolution a group; volumes: one plain convolution a group. */
export const otherTransposed: Emit = (b, x, ...rest) => byGroups(x.type.shape.length > 4 ? byConv : plain('ConvTranspose'), b, x, ...rest);
