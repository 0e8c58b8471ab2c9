/** The Document: what a person drew. Plain JSON, immutable; every change goes through an Edit. */
import type { OperatorParams } from '../layers/operator.ts';

export type { Operand, OperatorWeight } from '../layers/operator.ts';
export type { StoredType } from '../layers/value-type.ts';
export type { StoredAttribute, StoredConstant } from '../onnx/stored.ts';

export const DOCUMENT_VERSION = 1;

export type NodeId = string;
export type WireId = string;
/** Ids of the groups from the root to a graph; empty is the root graph. */
export type GraphPath = readonly NodeId[];

export interface Position { readonly x: number; readonly y: number }

interface NodeBase {
  readonly id: NodeId;
  /** What people call it; unique within its graph. */
  readonly name: string;
  readonly position: Position;
  readonly note?: string;
  /** Weights keep their values in training. */
  readonly frozen?: boolean;
  /** Data passes unchanged (only where input and output shapes agree). */
  readonly bypassed?: boolean;
}

/** A layer of the table. `layer` is its type; parameters are checked against the row's fields. */
export interface LayerNode extends NodeBase {
  readonly kind: 'layer';
  readonly layer: string;
  readonly params: Readonly<Record<string, unknown>>;
}

/**
 * A number of a group that fields inside may use by name: a parameter "=width * 2" is computed for each copy.
 * `k` (the copy, from 0) and `n` (the copies) are always known; an inner group sees the variables of the outer ones.
 */
export interface GroupVariable { readonly name: string; readonly label: string; readonly value: number | string }

/** A nested graph, drawn as one node, repeated `repeat` times in a chain. */
export interface GroupNode extends NodeBase {
  readonly kind: 'group';
  readonly graph: DrawnGraph;
  readonly repeat: number;
  readonly variables?: readonly GroupVariable[];
  /** The block of the palette it was made from. */
  readonly block?: string;
  /** Group ports, each tied to a port of an inner node. */
  readonly inputs: readonly GroupPort[];
  readonly outputs: readonly GroupPort[];
}
/** Several ties of one id are one port that feeds several inner ones; `order` is the place among the wires into that inner port, last by default. */
export interface GroupPort { readonly id: string; readonly label: string; readonly node: NodeId; readonly port: string; readonly order?: number }

/** An operator of an imported net that is no layer of ours. It runs as the file has it, and trains where it has a gradient rule. */
export interface OperatorNode extends NodeBase, OperatorParams {
  readonly kind: 'operator';
}

export type DrawnNode = LayerNode | GroupNode | OperatorNode;

export interface WireEnd { readonly node: NodeId; readonly port: string }
export interface Wire { readonly id: WireId; readonly from: WireEnd; readonly to: WireEnd }

export interface DrawnGraph {
  readonly nodes: readonly DrawnNode[];
  readonly wires: readonly Wire[];
}

export interface Document {
  readonly version: typeof DOCUMENT_VERSION;
  readonly name: string;
  readonly graph: DrawnGraph;
  /** Path of the weights inside the project folder, forward slashes; null before the first training. */
  readonly weights: string | null;
  /** Where the net came from: template id, imported file, "hub:" or "models:" with an id. */
  readonly origin: string | null;
  /** Names of the classes that the net tells apart, where it brought them along; the data set's own where one is loaded. */
  readonly labels?: readonly string[];
}

export const emptyDocument = (name: string): Document => ({ version: DOCUMENT_VERSION, name, graph: { nodes: [], wires: [] }, weights: null, origin: null });
