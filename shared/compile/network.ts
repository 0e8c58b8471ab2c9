/** The Network: typed layers in order with shapes and counts; what every engine is given. */
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import type { Edit } from '../graph/edit.ts';
import { layerSpec, type RowType } from '../layers/table.ts';
import type { ValueType } from '../layers/value-type.ts';
import type { WeightSpec } from '../layers/spec.ts';
import type { Shape } from '../shapes/shape.ts';

export interface NetworkLayer {
  /** Node path: ids joined by "/"; in the k-th copy of a repeated group "group#k/node". */
  readonly id: string;
  /** Names joined by " / ", for people. */
  readonly name: string;
  readonly type: RowType;
  readonly params: Readonly<Record<string, unknown>>;
  /** Ids of the layers that feed it, in port and wire order. */
  readonly inputs: readonly string[];
  /** For each input, which output of that layer feeds it; all their first where left out. */
  readonly inputPorts?: readonly number[];
  readonly inputShapes: readonly Shape[];
  /** Of the first output, without the batch. */
  readonly shape: Shape;
  /** Types of all outputs; of an Output, what it hands out. */
  readonly types: readonly ValueType[];
  readonly arithmetic: readonly string[];
  /** Weights with their full names "id.kernel". */
  readonly weights: readonly (WeightSpec & { readonly fullName: string })[];
  /** Numbers that training changes, statistics not counted. */
  readonly parameters: number;
  readonly parameterArithmetic: string;
  readonly macs: number;
  /** Extent of the input that one output sees, [height, width]; null for vectors and before any image. */
  readonly receptiveField: readonly [number, number] | null;
  readonly frozen: boolean;
  /** Steps of the optimiser that were made before it began to train; none where left out. */
  readonly trainsFrom?: number;
  readonly bypassed: boolean;
}

export interface Network {
  readonly name: string;
  /** Topological order. Holds every layer whose shape is known, also when others have problems. */
  readonly layers: readonly NetworkLayer[];
  readonly parameters: number;
  readonly macs: number;
}

/** What people call the kind of a layer: its row's label, or the operator. */
export const titleOf = (layer: Pick<NetworkLayer, 'type' | 'params'>): string => layerSpec(layer.type).title?.(layer.params as never) ?? layerSpec(layer.type).label;

/** A diagnostic with the repairs that one click applies as one undo step. */
export interface Problem {
  readonly diagnostic: Diagnostic;
  readonly repairs: readonly Repair[];
}
export interface Repair {
  readonly label: string;
  readonly edit: Edit;
}

export interface Compiled {
  readonly network: Network;
  readonly problems: readonly Problem[];
  /** No problem of severity error: it can be trained. */
  readonly ready: boolean;
}
