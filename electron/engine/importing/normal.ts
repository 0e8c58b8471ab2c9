/** A net brought into one form: opset 18 where that has the operator, in order, typed, folded, free of its batch size. */
import type { Graph } from '../../../shared/onnx/ir.ts';

/** A size that the file leaves open and a person (or a default) must give. */
export interface OpenSize {
  /** The size's name in the file; "input[axis]" where it has none. One answer serves every place of a name. */
  readonly key: string;
  readonly input: string;
  readonly axis: number;
  /** What the file itself suggests; null where it suggests nothing. */
  readonly hint: number | null;
}

export interface NormaliseOptions {
  /** Sizes by key of an OpenSize. */
  readonly sizes?: Readonly<Record<string, number>>;
}

export interface NormalModel {
  /** Inputs and outputs under the file's names and in its order; every value typed, at a batch of one where it is free. */
  readonly graph: Graph;
  /** Opset by domain, as the graph must be written: 18 of the standard one, newer where an operator has no older form. */
  readonly opsets: Readonly<Record<string, number>>;
  /** The first axis of these values is the batch and may have any size; empty where the net holds the one it was saved with. */
  readonly batched: ReadonlySet<string>;
  /** Initializers that are no weights to learn: from Constant nodes and from folding whole numbers. */
  readonly constants: ReadonlySet<string>;
  /** Values whose shape depends on the data: the type is that of one trial run. */
  readonly varying: ReadonlySet<string>;
  /** Weights and values that were in this type are float32 now. */
  readonly widened: 'float16' | 'float64' | null;
  /** Nodes of the file, functions written out; and how many of them are folded away. */
  readonly nodes: number;
  readonly folded: number;
}
