/** What an expansion of a node may do with the walk. */
import type { Tensor } from '../../../../shared/onnx/ir.ts';
import type { SourceFunction } from '../../onnx-io/source.ts';
import type { DraftNode, Refuse } from './draft.ts';
import type { Known } from './state.ts';

export type Item = DraftNode | (() => void | Promise<void>);

/** What an expansion may do with the walk. */
export interface Expander {
  readonly refuse: Refuse;
  readonly functions: readonly SourceFunction[];
  readonly lanes: number;
  /** Elements of a sequence, by the sequence's name. */
  readonly sequences: Map<string, readonly string[]>;
  known(name: string): Known;
  /** The numbers of a value that only constants lead to; null for another. Throws where they go with the batch. */
  settle(name: string): Promise<Tensor | null>;
  /** A name that no value of the file has. */
  fresh(hint: string): string;
  /** Makes `name` another name for a value or a sequence. */
  link(name: string, to: string): void;
  /** Takes a tensor of the file's. */
  weight(name: string, tensor: Tensor): void;
  constant(hint: string, tensor: Tensor, learned: boolean): string;
  push(items: readonly Item[]): void;
  importOpsets(opsets: Readonly<Record<string, number>>): void;
}

export type Expansion = (node: DraftNode, walk: Expander) => void | Promise<void>;
