/** What recognising answers: the drawn net, its weights, and what became of every node of the file. */
import type { NamedWeight } from '../../../../shared/compile/weights.ts';
import type { Document } from '../../../../shared/graph/document.ts';

/** An input or output of the file and the node that stands for it. */
export interface Border {
  /** Name in the file. */
  readonly name: string;
  /** Node path in the document. */
  readonly node: string;
  /** Order of axes from the file's value to the node's: [0, 3, 1, 2] where the file has channels last; null where they agree. */
  readonly perm: readonly number[] | null;
}

export interface Recognised {
  readonly document: Document;
  /** By full name "id.kernel", as the compiled network asks for them. */
  readonly weights: ReadonlyMap<string, NamedWeight>;
  readonly inputs: readonly Border[];
  readonly outputs: readonly Border[];
  /** Layers recognised, by type. */
  readonly layers: Readonly<Record<string, number>>;
  /** Operators kept as they are, by operator. */
  readonly operators: Readonly<Record<string, number>>;
  /** Groups made of repeated patterns: what they are called and how many. */
  readonly groups: Readonly<Record<string, number>>;
}
