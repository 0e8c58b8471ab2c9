/** What a pass is: a sound graph in, a sound graph out that computes the same outputs from the same inputs. */
import type { Graph } from '../ir.ts';

export interface PassResult {
  /** The graph given, when nothing was changed. */
  readonly graph: Graph;
  readonly changed: boolean;
}

export type Pass = (graph: Graph) => PassResult;
