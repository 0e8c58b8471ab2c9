/** Operators of the first opsets that are gone. */
import { elementCodes } from '../../../../../shared/onnx/ops/elementwise.ts';
import type { ElementType } from '../../../../../shared/onnx/ir.ts';
import type { Rewriting, VersionRow } from './row.ts';

const perChannel = (c: Rewriting, values: readonly number[]): string => c.constant({ element: 'float32', shape: [values.length, 1, 1], data: Float32Array.from(values) });
const x = (c: Rewriting): string => c.node.inputs[0] as string;
const number = (c: Rewriting, name: string, fallback: number): string => c.scalar(c.float(name, fallback), c.type(0).element);

const imageScaler = (c: Rewriting): void => {
  const scaled = c.op('Mul', [x(c), number(c, 'scale', 1)]);
  c.op('Add', [scaled, perChannel(c, c.floats('bias') ?? [0])], {}, c.node.outputs);
};

/** The border is left, top, right, bottom; a scale is the size that remains. */
const crop = (c: Rewriting): void => {
  const border = c.ints('border') ?? c.refuse('a border of four numbers', 'none');
  const [left = 0, top = 0, right = 0, bottom = 0] = border;
  const [, , height = 0, width = 0] = c.type(0).shape;
  const [h, w] = c.ints('scale') ?? [height - top - bottom, width - left - right];
  c.op('Slice', [x(c), c.int64([top, left]), c.int64([top + (h ?? 0), left + (w ?? 0)]), c.int64([2, 3])], {}, c.node.outputs);
};

const affine = (c: Rewriting): void => { c.op('Add', [c.op('Mul', [x(c), number(c, 'alpha', 1)]), number(c, 'beta', 0)], {}, c.node.outputs); };
const scale = (c: Rewriting): void => { c.op('Mul', [x(c), number(c, 'scale', 1)], {}, c.node.outputs); };
const parametricSoftplus = (c: Rewriting): void => { c.op('Mul', [c.op('Softplus', [c.op('Mul', [x(c), number(c, 'beta', 1)])]), number(c, 'alpha', 1)], {}, c.node.outputs); };
const scaledTanh = (c: Rewriting): void => { c.op('Mul', [c.op('Tanh', [c.op('Mul', [x(c), number(c, 'beta', 1)])]), number(c, 'alpha', 1)], {}, c.node.outputs); };

/** A tensor of one number: its shape by attribute, of the input, or in the input. */
const constantFill = (c: Rewriting): void => {
  const element = (Object.keys(elementCodes) as ElementType[]).find((e) => elementCodes[e] === c.int('dtype', 1)) ?? c.refuse('a known element type', String(c.int('dtype', 1)));
  const value = c.scalar(c.float('value', 0), element);
  const extra = c.ints('extra_shape') ?? [];
  const own = c.has(0) ? (c.int('input_as_shape', 0) === 1 ? x(c) : c.op('Shape', [x(c)])) : c.int64(c.ints('shape') ?? []);
  c.op('Expand', [value, extra.length > 0 ? c.op('Concat', [own, c.int64(extra)], { axis: { kind: 'int', value: 0 } }) : own], {}, c.node.outputs);
};

const givenTensorFill = (c: Rewriting): void => {
  const values = c.floats('values') ?? [];
  const t = c.constant({ element: 'float32', shape: c.ints('shape') ?? [values.length], data: Float32Array.from(values) });
  c.op('Identity', [t], {}, c.node.outputs);
};

/** They were never of a released opset, or of the first alone; files of any opset have them. */
const ANY = 18;

export const removedRows: readonly VersionRow[] = [
  { op: 'ImageScaler', until: ANY, rewrite: imageScaler },
  { op: 'Crop', until: ANY, rewrite: crop },
  { op: 'Affine', until: ANY, rewrite: affine },
  { op: 'Scale', until: ANY, rewrite: scale },
  { op: 'ParametricSoftplus', until: ANY, rewrite: parametricSoftplus },
  { op: 'ScaledTanh', until: ANY, rewrite: scaledTanh },
  { op: 'ConstantFill', until: ANY, rewrite: constantFill },
  { op: 'ConstantLike', until: ANY, rewrite: constantFill },
  { op: 'GivenTensorFill', until: ANY, rewrite: givenTensorFill },
];
