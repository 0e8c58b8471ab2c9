/** A layer is one row: everything the product knows about a layer type stands in its LayerSpec. */
import type { DiagnosticArgs, DiagnosticCode } from '../diagnostics/diagnostic.ts';
import type { GraphBuilder, Value } from '../onnx/builder.ts';
import type { TensorType } from '../onnx/ir.ts';
import type { Shape } from '../shapes/shape.ts';
import type { Result } from '../util/result.ts';
import type { Fields, ParamsOf } from './fields.ts';
import type { ValueType } from './value-type.ts';

export type Family = 'convolution' | 'pooling' | 'dense' | 'activation' | 'normalise' | 'merge' | 'io';

export interface Port {
  readonly id: string;
  readonly label: string;
  /** An input that takes any number of wires (Add, Concat); at least two then. */
  readonly many?: boolean;
}

/** Why a shape cannot be had, as a diagnostic without its place. */
export type LayerIssue = { [C in DiagnosticCode]: { readonly code: C; readonly args: DiagnosticArgs<C>; readonly field?: string } }[DiagnosticCode];

/** The output shape and the arithmetic that leads to it, one line per size: "(14 + 2·0 − 5) / 1 + 1 = 10". */
export interface ShapeAnswer {
  readonly shape: Shape;
  readonly arithmetic: readonly string[];
}

export type Initializer =
  | { readonly kind: 'he-normal' | 'he-uniform' | 'glorot-normal' | 'glorot-uniform' | 'lecun-normal' | 'orthogonal'; readonly fanIn: number; readonly fanOut: number }
  /** Normal numbers beyond two deviations are drawn anew. */
  | { readonly kind: 'truncated-normal'; readonly deviation: number }
  | { readonly kind: 'constant'; readonly value: number };

export interface WeightSpec {
  /** Within the layer: "kernel", "bias", "scale", "mean", "variance". */
  readonly name: string;
  readonly shape: readonly number[];
  readonly initializer: Initializer;
  /** `trained` follows the gradient; `statistic` is updated by the forward pass (BatchNorm's running mean). */
  readonly role: 'trained' | 'statistic';
  /** Whether weight decay applies (not to biases and norms). */
  readonly decays: boolean;
}

/** How a layer widens what one output sees: kernel extent (with dilation), stride and padding before, per axis; or everything; or nobody knows. */
export type Reach =
  | { readonly kind: 'window'; readonly kernel: readonly [number, number]; readonly stride: readonly [number, number] }
  | { readonly kind: 'same' }
  | { readonly kind: 'all' }
  | { readonly kind: 'unknown' };

/** What a row may say whose values are any tensors; other rows take and give float32 numbers for each sample. */
export interface TensorRules<P> {
  /** Types of the outputs, in the order of its ports. */
  types(params: P, inputs: readonly ValueType[]): Result<readonly ValueType[], LayerIssue>;
  /** The values of the outputs; null where one is left out. `outputs` are their types at this batch size. */
  lower(context: Pick<LowerContext<P>, 'b' | 'params' | 'inputs' | 'weight'> & { readonly outputs: readonly TensorType[] }): readonly (Value | null)[];
  /** Domain and opset that its operator is written in, where these are not the graph's own. */
  opset?(params: P): { readonly domain: string; readonly version: number };
}

/** y[c] = (x[c] · scale − mean[c]) / deviation[c] of pictures from 0 to 1, channels in this order. */
export interface Preparation { readonly order: 'rgb' | 'bgr'; readonly scale: number; readonly mean: readonly number[]; readonly deviation: readonly number[] }

export interface LowerContext<P> {
  readonly b: GraphBuilder;
  readonly params: P;
  /** Input values with batch dimension first. */
  readonly inputs: readonly Value[];
  readonly inputShapes: readonly Shape[];
  readonly outputShape: Shape;
  /** A weight of this layer by its WeightSpec name. */
  weight(name: string): Value;
  readonly training: boolean;
  /** Training only: the new value of a statistic after this step. */
  updateStatistic(name: string, value: Value): void;
  /** Training only: four float32 whole numbers below 1021 that differ each step, for masks drawn inside the graph. `layerSeed` differs per layer. */
  random(): { readonly noise: Value; readonly layerSeed: number };
}

export interface LayerSpec<T extends string = string, F extends Fields = Fields> {
  readonly type: T;
  readonly label: string;
  readonly family: Family;
  /** What one of them is called, where the row stands for many. */
  title?(params: ParamsOf<F>): string;
  /** Words people search for besides the label. */
  readonly keywords: readonly string[];
  /** The palette shows it when its family is opened or when it is searched for. */
  readonly seldom?: true;
  readonly fields: F;
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
  /** Which activation the layer is, for the start of the kernel before it. */
  readonly activation?: string;
  /** Numbers leave it about as widely spread as they came: an activation behind it still decides the start of the kernel before it. */
  readonly keepsSpread?: true;
  /** What leaves it is its input's memory under another shape. */
  readonly view?: true;
  /** Its answer is no answer of the net: in training its loss counts with this share, and otherwise it is left out. */
  auxiliary?(params: ParamsOf<F>): number;
  /** One line of what matters: "16 filters · 5×5 · valid". */
  caption(params: ParamsOf<F>): string;
  shape(params: ParamsOf<F>, inputs: readonly Shape[]): Result<ShapeAnswer, LayerIssue>;
  /** `following` is the activation that takes the outputs, where the layer has none of its own; it decides the automatic start. */
  weights(params: ParamsOf<F>, inputs: readonly Shape[], following?: string): readonly WeightSpec[];
  /** "5·5·6·16 + 16"; empty when the layer has no parameters. */
  parameterArithmetic(params: ParamsOf<F>, inputs: readonly Shape[]): string;
  /** Multiply-accumulates for one sample: of convolutions and matrix products, as published figures count them. Norms, activations and additions are none. */
  macs(params: ParamsOf<F>, inputs: readonly Shape[], output: Shape): number;
  reach(params: ParamsOf<F>, inputs: readonly Shape[]): Reach;
  lower(context: LowerContext<ParamsOf<F>>): Value;
  readonly tensors?: TensorRules<ParamsOf<F>>;
  /** Of a layer that only brings pictures to the range a net knows: an export may leave it out and say so instead. */
  prepares?(params: ParamsOf<F>): Preparation;
  /** Keras configuration (class_name and config), channels last; null where Keras has no such layer. */
  keras(params: ParamsOf<F>, inputs: readonly Shape[]): { readonly class_name: string; readonly config: Readonly<Record<string, unknown>> } | null;
  /** The constructor expression, or the functional one with `x` as the input. */
  pytorch(params: ParamsOf<F>, inputs: readonly Shape[]): string;
  readonly teaching: { readonly text: string; readonly formula: string };
}

/** Keeps a row's field types while checking it. */
export function defineLayer<const T extends string, const F extends Fields>(spec: LayerSpec<T, F>): LayerSpec<T, F> {
  return spec;
}
