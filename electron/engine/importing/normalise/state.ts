/** What the walk knows of a value. */
import type { Tensor, TensorType } from '../../../../shared/onnx/ir.ts';

/** A value at one size of the batch. */
export interface Lane {
  readonly type: TensorType;
  /** Its numbers, where they follow from the file and the sizes alone. */
  readonly constant: Tensor | null;
}

/**
 * A value: one lane where the batch is held, two where the net is walked at a batch of one and of two at once. Lanes that are
 * the same object do not depend on the batch.
 */
export interface Known {
  readonly name: string;
  readonly lanes: readonly Lane[];
  /** Holds what the file calls an initializer with fractions, or follows from one. */
  readonly learned: boolean;
  /** Follows from constants alone, whether its numbers are computed yet or not. */
  readonly fixed: boolean;
  /** The shape depends on the data. */
  readonly varying: boolean;
}

export const laneOf = (known: Known, lane: number): Lane => known.lanes[lane] as Lane;
export const typeOf = (known: Known): TensorType => laneOf(known, 0).type;

/** Whether the value is the same for every size of the batch, as far as it is known. */
export const isSettled = (known: Known): boolean => known.lanes.every((lane) => lane === known.lanes[0]);
/** The numbers of a value that no batch changes. */
export const constantOf = (known: Known): Tensor | null => (isSettled(known) ? laneOf(known, 0).constant : null);

export const sameShape = (a: readonly number[], b: readonly number[]): boolean => a.length === b.length && a.every((d, i) => d === b[i]);
export const sameType = (a: TensorType, b: TensorType): boolean => a === b || (a.element === b.element && sameShape(a.shape, b.shape));

/** How a value's type goes with the batch: not at all, as its first axis, or in another way. */
export function batchRole(known: Known): 'free' | 'batched' | 'astray' {
  const [one, two] = [known.lanes[0], known.lanes[1]].map((l) => l?.type);
  if (!one || !two || sameType(one, two)) return 'free';
  const fits = one.shape.length === two.shape.length && one.shape[0] === 1 && two.shape[0] === 2 && one.shape.every((d, i) => i === 0 || d === two.shape[i]);
  return fits ? 'batched' : 'astray';
}

/** Thrown inside the walk where a net cannot be freed of its batch; never leaves normalise. */
export class BatchHeld extends Error {}
