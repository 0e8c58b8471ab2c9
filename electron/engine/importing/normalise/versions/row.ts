/** What a row of the table of operator versions is, and the vocabulary it is written in. */
import type { ElementType, Tensor, TensorType } from '../../../../../shared/onnx/ir.ts';
import type { DraftNode } from '../draft.ts';
import type { SourceAttribute } from '../../../onnx-io/source.ts';

export interface Rewriting {
  readonly node: DraftNode;
  /** Whether input i is there. */
  has(i: number): boolean;
  /** Whether anybody reads output i. */
  reads(i: number): boolean;
  /** At a batch of two where that is free: a 1 is a 1. */
  type(i: number): TensorType;
  rank(i: number): number;
  /** The numbers of input i; null where they are not constant. */
  numbers(i: number): readonly number[] | null;
  constant(tensor: Tensor): string;
  int64(values: readonly number[]): string;
  scalar(value: number, element: ElementType): string;
  int(name: string, fallback: number): number;
  float(name: string, fallback: number): number;
  string(name: string, fallback: string): string;
  /** Null where there is no such attribute. */
  ints(name: string): readonly number[] | null;
  floats(name: string): readonly number[] | null;
  /** A node in the newer form; answers its first output. `outputs` are the node's own for the last. */
  op(op: string, inputs: readonly string[], attributes?: Readonly<Record<string, SourceAttribute>>, outputs?: readonly string[]): string;
  refuse(expected: string, got: string): never;
}

/** How an operator of an older (`until`) or newer (`from`) opset is written: the result is of opset `until`, or 18. */
export interface VersionRow {
  readonly op: string;
  /** The row is for nodes of opsets below this one. */
  readonly until?: number;
  /** The row is for nodes of this opset and above. */
  readonly from?: number;
  readonly rewrite: (c: Rewriting) => void;
}

export const without = (attributes: Readonly<Record<string, SourceAttribute>>, ...names: readonly string[]): Readonly<Record<string, SourceAttribute>> =>
  Object.fromEntries(Object.entries(attributes).filter(([name]) => !names.includes(name)));

/** The same operator with other inputs or attributes. */
export const same = (c: Rewriting, change: { inputs?: readonly string[]; attributes?: Readonly<Record<string, SourceAttribute>>; outputs?: readonly string[] }): string =>
  c.op(c.node.op, change.inputs ?? c.node.inputs, change.attributes ?? c.node.attributes, change.outputs ?? c.node.outputs);

/** An attribute of whole numbers became input `at`. */
export const intsToInput = (op: string, until: number, name: string, at: number): VersionRow => ({
  op,
  until,
  rewrite: (c) => {
    const values = c.ints(name);
    const inputs = Array.from({ length: values ? Math.max(at + 1, c.node.inputs.length) : c.node.inputs.length }, (_, i) => c.node.inputs[i] ?? '');
    if (values) inputs[at] = c.int64(values);
    same(c, { inputs, attributes: without(c.node.attributes, name) });
  },
});

/** Attributes that did nothing in inference and are gone. */
export const dropped = (op: string, until: number, ...names: readonly string[]): VersionRow => ({ op, until, rewrite: (c) => { same(c, { attributes: without(c.node.attributes, ...names) }); } });

