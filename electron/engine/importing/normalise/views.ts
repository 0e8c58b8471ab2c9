/**
 * Values whose batch is not their first axis, or not an axis alone ([steps, samples, …], [samples · heads, …]): they are not
 * made, but seen through. A view names a value with the batch first, and which of its axes, side by side, make each axis of what
 * the file means. What reads a view is done on that value; where the batch comes first again, the view is made.
 */
import { ints, type Attribute, type Node } from '../../../../shared/onnx/ir.ts';
import { int64Tensor } from '../../../../shared/onnx/fold/numbers.ts';
import { draftOf, type DraftNode } from './draft.ts';
import { laneOf, type Known, type Lane } from './state.ts';
import type { Values } from './values.ts';

export interface View {
  /** Name of the value that is seen through, among those of the walk; its first axis is the batch. */
  readonly base: string;
  /** Axes of the base by axis of the view; none is an axis of size 1. */
  readonly groups: readonly (readonly number[])[];
}

/** A view of what nodes make. */
export interface Seen extends View { readonly name: string }
export interface Through { readonly drafts: readonly DraftNode[]; readonly views: readonly Seen[] }

/** Makes the nodes of one expansion. */
export class Drafting {
  readonly drafts: DraftNode[] = [];
  readonly values: Values;
  readonly #name: string;
  constructor(values: Values, name: string) {
    this.values = values;
    this.#name = name;
  }

  op(op: string, inputs: readonly string[], attributes: Readonly<Record<string, Attribute>> = {}, output = this.values.fresh(`${this.#name}/${op}`)): string {
    this.drafts.push(draftOf({ name: output, op, domain: '', overload: '', inputs, outputs: [output], attributes }, 18, []));
    return output;
  }

  several(op: string, inputs: readonly string[], attributes: Readonly<Record<string, Attribute>>, outputs: readonly string[]): void {
    this.drafts.push(draftOf({ name: outputs[0] ?? op, op, domain: '', overload: '', inputs, outputs, attributes }, 18, []));
  }

  int64(list: readonly number[]): string {
    return this.values.constant(this.values.fresh(`${this.#name}/sizes`), int64Tensor(list), false);
  }
}

/** Sizes of the base's axes at the first lane; the batch, which is 1 there, is the first. */
export const sizesOf = (view: View, values: Values): readonly number[] => laneOf(values.known(view.base), 0).type.shape;
const product = (list: readonly number[]): number => list.reduce((a, b) => a * b, 1);

/** The view with the base's axes in another order, the batch still first. */
export function arranged(view: View, order: readonly number[], d: Drafting): View {
  if (order.every((axis, i) => axis === i)) return view;
  return { base: d.op('Transpose', [view.base], { perm: ints(order) }), groups: view.groups.map((g) => g.map((axis) => order.indexOf(axis))) };
}

/** What is known of a view that is not made. */
export function knownOf(view: View, name: string, values: Values): Known {
  const base = values.known(view.base);
  const lanes = base.lanes.map(({ type }): Lane => ({ type: { element: type.element, shape: view.groups.map((g) => product(g.map((axis) => type.shape[axis] as number))) }, constant: null }));
  return { name, lanes, learned: false, fixed: false, varying: false };
}

/** The nodes that make a view under its name; null where the batch is not its first axis. */
export function made(view: Seen, values: Values): readonly DraftNode[] | null {
  if (view.groups[0]?.length !== 1 || view.groups[0][0] !== 0) return null;
  const d = new Drafting(values, view.name);
  const order = view.groups.flat();
  const turned = order.every((axis, i) => axis === i) ? view.base : d.op('Transpose', [view.base], { perm: ints(order) });
  const sizes = sizesOf(view, values);
  if (view.groups.every((g) => g.length === 1)) d.op('Identity', [turned], {}, view.name);
  else d.op('Reshape', [turned, d.int64(view.groups.map((g, i) => (i === 0 ? -1 : product(g.map((axis) => sizes[axis] as number)))))], {}, view.name);
  return d.drafts;
}

/** A batch that no size of a net has for a factor. */
const BATCH = 99991;

/**
 * The view under other sizes: its axes in row-major order, cut and joined. `target` are the sizes by lane. Null where a size
 * cuts the batch, or across axes.
 */
export function regrouped(view: View, target: readonly (readonly number[])[], d: Drafting): View | null {
  const [one, two] = target;
  if (!one || one.length !== two?.length || one.some((size, i) => two[i] !== size && two[i] !== 2 * size)) return null;
  const sizes = sizesOf(view, d.values).map((size, axis) => (axis === 0 ? BATCH : size));
  const flat = view.groups.flat();
  const pieces = sizes.map((): number[] => []);
  const groups: [axis: number, piece: number][][] = [];
  let at = 0;
  let left = sizes[flat[0] ?? 0] as number;
  for (const [i, size] of one.entries()) {
    let need = two[i] === size ? size : size * BATCH;
    const group: [number, number][] = [];
    const take = (part: number): void => {
      const axis = flat[at] as number;
      group.push([axis, (pieces[axis] as number[]).push(part) - 1]);
      left /= part;
      if (left === 1) left = sizes[flat[++at] ?? 0] as number;
    };
    while (at < flat.length && (need > 1 || (left === 1 && i === one.length - 1))) {
      if (left === 1) take(1);
      else if (need % left === 0) {
        need /= left;
        take(left);
      } else if (left % need === 0 && flat[at] !== 0) {
        take(need);
        need = 1;
      } else return null;
    }
    if (need > 1) return null;
    groups.push(group);
  }
  if (at < flat.length || (pieces[0] as number[]).length !== 1) return null;
  const starts = pieces.map((_, axis) => pieces.slice(0, axis).reduce((sum, p) => sum + p.length, 0));
  const cut = pieces.some((p) => p.length !== 1);
  const base = cut ? d.op('Reshape', [view.base, d.int64(pieces.flatMap((p, axis) => (axis === 0 ? [-1] : p)))]) : view.base;
  return { base, groups: groups.map((g) => g.map(([axis, piece]) => (starts[axis] as number) + piece)) };
}

/** A view of a value as it stands. */
export const whole = (base: string, rank: number): View => ({ base, groups: Array.from({ length: rank }, (_, i) => [i]) });
export type Rule = (node: Node, views: readonly (View | null)[], inputs: readonly (Known | null)[], d: Drafting) => readonly View[] | null;
