/** What flows along a wire: element type, shape, and where the batch is in it. */
import type { ElementType, TensorType } from '../onnx/ir.ts';
import { formatShape, sameShape, type Shape } from '../shapes/shape.ts';

export interface ValueType {
  readonly element: ElementType;
  /** Without the batch where that is the first axis. */
  readonly shape: Shape;
  /** The first axis is the batch and may have any size. */
  readonly batched: boolean;
  /** Where the batch lies elsewhere: for each axis, how many times the batch it is; 0 where it has the size of `shape`. */
  readonly multiples?: readonly number[];
}

/** Type of an output as it is written down: -1 stands for the batch. */
export interface StoredType { readonly element: ElementType; readonly shape: readonly number[] }

/** What ordinary layers take and give: float32 numbers for each sample. */
export const samples = (shape: Shape): ValueType => ({ element: 'float32', shape, batched: true });
export const isSamples = (t: ValueType): boolean => t.batched && t.element === 'float32';

export function ofStored({ element, shape }: StoredType): ValueType {
  const free = shape.map((d) => (d < 0 ? 1 : 0));
  if (free[0] === 1 && !free.includes(1, 1)) return { element, shape: shape.slice(1), batched: true };
  return { element, shape: shape.map((d) => (d < 0 ? 1 : d)), batched: false, ...(free.includes(1) ? { multiples: free } : {}) };
}

export const sameValue = (a: ValueType, b: ValueType): boolean => a.element === b.element && a.batched === b.batched && sameShape(a.shape, b.shape) && sameShape(a.multiples ?? [], b.multiples ?? []);

/** The tensor's type at a batch size. */
export function tensorTypeOf({ element, shape, batched, multiples }: ValueType, batch: number): TensorType {
  if (batched) return { element, shape: [batch, ...shape] };
  return { element, shape: multiples ? shape.map((d, i) => (multiples[i] ? (multiples[i] as number) * batch : d)) : shape };
}

/** What a tensor is whose type was found at two sizes of the batch; null where an axis is no multiple of it. */
export function betweenBatches(a: { readonly type: TensorType; readonly batch: number }, b: { readonly type: TensorType; readonly batch: number }): ValueType | null {
  const { element, shape } = a.type;
  const other = b.type.shape;
  if (shape.length !== other.length) return null;
  const multiples = shape.map((d, i) => (d === other[i] ? 0 : d / a.batch));
  if (multiples.some((m, i) => !Number.isInteger(m) || (m > 0 && m * b.batch !== other[i]))) return null;
  if (multiples.every((m) => m === 0)) return { element, shape, batched: false };
  if (multiples[0] === 1 && multiples.slice(1).every((m) => m === 0)) return { element, shape: shape.slice(1), batched: true };
  return { element, shape: shape.map((d, i) => (multiples[i] ? 1 : d)), batched: false, multiples };
}

/** As people read it: "28×28×6" for a batch of float32 maps, otherwise the ONNX shape and its type, "int64 [1, 3]". */
export function formatValue(t: ValueType): string {
  if (isSamples(t)) return formatShape(t.shape);
  const size = (d: number, i: number) => (t.multiples?.[i] ? (t.multiples[i] === 1 ? 'N' : `${t.multiples[i]}·N`) : String(d));
  const sizes = [...(t.batched ? ['N'] : []), ...t.shape.map(size)];
  return `${t.element} ${sizes.length === 0 ? 'scalar' : `[${sizes.join(', ')}]`}`;
}
