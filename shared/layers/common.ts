/** Parts that several layer rows share: ports, padding fields, activations, windows. */
import { fail, ok, type Result } from '../util/result.ts';
import { float, int, ints } from '../onnx/ir.ts';
import type { GraphBuilder, Value } from '../onnx/builder.ts';
import { formatShape, type Shape } from '../shapes/shape.ts';
import { extentOf, outputSize, resolvePadding, writeOutputSize, type PaddingMode } from '../shapes/window.ts';
import type { LayerIssue, Port, Reach, ShapeAnswer } from './spec.ts';

export const oneIn: readonly Port[] = [{ id: 'in', label: 'Input' }];
export const manyIn: readonly Port[] = [{ id: 'in', label: 'Inputs', many: true }];
export const oneOut: readonly Port[] = [{ id: 'out', label: 'Output' }];
export const noPort: readonly Port[] = [];

/**
 * x·Φ(x) (Hendrycks and Gimpel, 2016), exactly by erf or with their tanh. Written out: opset 18 has no operator for it, and a
 * runtime's own would tie an exported file to it.
 */
export function gelu(b: GraphBuilder, x: Value, approximate: boolean): Value {
  const inner = approximate
    ? b.op('Tanh', [b.mul(b.mul(x, b.add(b.mul(b.mul(x, x), b.scalar(0.044715)), b.scalar(1))), b.scalar(Math.sqrt(2 / Math.PI)))])
    : b.op('Erf', [b.mul(x, b.scalar(Math.SQRT1_2))]);
  return b.mul(b.mul(x, b.scalar(0.5)), b.add(inner, b.scalar(1)));
}

export const activations = {
  none: { label: 'None', lower: (_b: GraphBuilder, x: Value) => x, pytorch: null },
  relu: { label: 'ReLU', lower: (b: GraphBuilder, x: Value) => b.op('Relu', [x]), pytorch: 'nn.ReLU()' },
  'leaky-relu': { label: 'Leaky ReLU', lower: (b: GraphBuilder, x: Value) => b.op('LeakyRelu', [x], { alpha: float(0.01) }), pytorch: 'nn.LeakyReLU(0.01)' },
  sigmoid: { label: 'Sigmoid', lower: (b: GraphBuilder, x: Value) => b.op('Sigmoid', [x]), pytorch: 'nn.Sigmoid()' },
  tanh: { label: 'Tanh', lower: (b: GraphBuilder, x: Value) => b.op('Tanh', [x]), pytorch: 'nn.Tanh()' },
  relu6: { label: 'ReLU6', lower: (b: GraphBuilder, x: Value) => b.op('Clip', [x, b.scalar(0), b.scalar(6)]), pytorch: 'nn.ReLU6()' },
  elu: { label: 'ELU', lower: (b: GraphBuilder, x: Value) => b.op('Elu', [x]), pytorch: 'nn.ELU()' },
  selu: { label: 'SELU', lower: (b: GraphBuilder, x: Value) => b.op('Selu', [x]), pytorch: 'nn.SELU()' },
  gelu: { label: 'GELU', lower: (b: GraphBuilder, x: Value) => gelu(b, x, false), pytorch: 'nn.GELU()' },
  silu: { label: 'SiLU', lower: (b: GraphBuilder, x: Value) => b.mul(x, b.op('Sigmoid', [x])), pytorch: 'nn.SiLU()' },
  'hard-sigmoid': { label: 'Hard sigmoid', lower: (b: GraphBuilder, x: Value) => b.op('HardSigmoid', [x], { alpha: float(1 / 6), beta: float(0.5) }), pytorch: 'nn.Hardsigmoid()' },
  'hard-swish': { label: 'Hard swish', lower: (b: GraphBuilder, x: Value) => b.op('HardSwish', [x]), pytorch: 'nn.Hardswish()' },
  mish: { label: 'Mish', lower: (b: GraphBuilder, x: Value) => b.op('Mish', [x]), pytorch: 'nn.Mish()' },
  softplus: { label: 'Softplus', lower: (b: GraphBuilder, x: Value) => b.op('Softplus', [x]), pytorch: 'nn.Softplus()' },
  softmax: { label: 'Softmax', lower: (b: GraphBuilder, x: Value) => b.op('Softmax', [x], { axis: int(x.type.shape.length === 2 ? -1 : 1) }), pytorch: 'nn.Softmax(1)' },
} as const;
export type Activation = keyof typeof activations;

/** Keras' name of an activation. */
export const kerasActivation = (a: Activation): string => (a === 'none' ? 'linear' : a.replaceAll('-', '_'));

export const activationField = {
  kind: 'choice', label: 'Activation', help: 'Applied to the result. None leaves it as it is.', default: 'none' as Activation,
  options: (Object.keys(activations) as Activation[]).map((value) => ({ value, label: activations[value].label })),
} as const;

export const paddingFields = {
  padding: {
    kind: 'choice', label: 'Padding', help: 'Valid adds none, same keeps the size at stride 1, full takes every overlap, explicit takes your numbers.', default: 'valid' as PaddingMode,
    options: [{ value: 'valid' as PaddingMode, label: 'Valid' }, { value: 'same' as PaddingMode, label: 'Same' }, { value: 'full' as PaddingMode, label: 'Full' }, { value: 'explicit' as PaddingMode, label: 'Explicit' }],
  },
  edges: {
    kind: 'edges', label: 'Edges', help: 'Zeros added at the top, right, bottom and left.', default: [0, 0, 0, 0] as const, min: 0, max: 4096,
    visible: (v: Readonly<Record<string, unknown>>) => v.padding === 'explicit',
  },
} as const;

export const pair = (label: string, help: string, value: number, max = 1024) => ({ kind: 'pair', label, help, default: [value, value] as readonly [number, number], min: 1, max }) as const;

export interface WindowParams {
  readonly kernel: readonly [number, number];
  readonly stride: readonly [number, number];
  readonly dilation?: readonly [number, number];
  readonly padding: PaddingMode;
  readonly edges: readonly [number, number, number, number];
}

const axes = ['height', 'width'] as const;

function axisWindow(p: WindowParams, input: Shape, i: 0 | 1) {
  const size = input[i + 1] as number;
  const dilation = p.dilation?.[i] ?? 1;
  const explicit: readonly [number, number] = i === 0 ? [p.edges[0], p.edges[2]] : [p.edges[3], p.edges[1]];
  const [before, after] = resolvePadding(p.padding, size, p.kernel[i], p.stride[i], dilation, explicit);
  return { size, kernel: p.kernel[i], stride: p.stride[i], dilation, before, after };
}

/** ONNX pads: begins of all axes, then ends. */
export function onnxPads(p: WindowParams, input: Shape): number[] {
  const [h, w] = [axisWindow(p, input, 0), axisWindow(p, input, 1)];
  return [h.before, w.before, h.after, w.after];
}

/** Shape of maps after a sliding window, or why it does not fit. */
export function windowShape(p: WindowParams, input: Shape | undefined, channels: number): Result<ShapeAnswer, LayerIssue> {
  if (!input || input.length !== 3) return fail({ code: 'shape.needs-image', args: { got: input ? formatShape(input) : 'nothing' } });
  const windows = [axisWindow(p, input, 0), axisWindow(p, input, 1)] as const;
  for (const [i, w] of windows.entries()) {
    const extent = extentOf(w.kernel, w.dilation);
    const room = w.size + w.before + w.after;
    if (extent > room) return fail({ code: 'shape.kernel-too-large', field: 'kernel', args: { kernel: extent, input: room, axis: axes[i] as string } });
  }
  const [h, w] = windows.map(outputSize) as [number, number];
  const lines = windows.map(writeOutputSize) as [string, string];
  return ok({ shape: [channels, h, w], arithmetic: lines[0] === lines[1] ? [lines[0]] : [`height ${lines[0]}`, `width ${lines[1]}`] });
}

export function windowReach(p: WindowParams): Reach {
  return { kind: 'window', kernel: [extentOf(p.kernel[0], p.dilation?.[0] ?? 1), extentOf(p.kernel[1], p.dilation?.[1] ?? 1)], stride: p.stride };
}

export const windowAttributes = (p: WindowParams, input: Shape) => ({ kernel_shape: ints(p.kernel), strides: ints(p.stride), pads: ints(onnxPads(p, input)) });

/** "5×5" */
export const times = (v: readonly number[]): string => v.join('×');

/** "stride 2", "stride 2×1"; nothing where the window moves by one. */
export const strideText = (stride: readonly number[]): string => (stride.every((s) => s === 1) ? '' : `stride ${new Set(stride).size === 1 ? stride[0] : times(stride)}`);

/** How a window pads, in a caption: "same", "pad 1"; nothing where it does not matter. */
export function paddingText({ kernel, padding, edges }: Pick<WindowParams, 'kernel' | 'padding' | 'edges'>): string {
  if (padding === 'explicit') return edges.every((e) => e === 0) ? '' : `pad ${new Set(edges).size === 1 ? edges[0] : edges.join(', ')}`;
  return kernel.every((k) => k === 1) ? '' : padding;
}

/** The one input's shape unchanged. */
export const sameShapeRule = (_p: unknown, inputs: readonly Shape[]): Result<ShapeAnswer, LayerIssue> => ok({ shape: inputs[0] as Shape, arithmetic: [] });

export const noWeights = () => [] as const;
export const noText = () => '';
export const noMacs = () => 0;
export const sameReach = (): Reach => ({ kind: 'same' });
export const allReach = (): Reach => ({ kind: 'all' });
/** "(2, 2)" for Python. */
export const tuple = (v: readonly number[]): string => `(${v.join(', ')})`;
export const python = (v: boolean): string => (v ? 'True' : 'False');
