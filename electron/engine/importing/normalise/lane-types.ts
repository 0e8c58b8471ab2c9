/** Types of a node's outputs at each size of the batch: by the table of operators, else by the runtime. */
import { NetloomError } from '../../../../shared/diagnostics/diagnostic.ts';
import type { Node, TensorType } from '../../../../shared/onnx/ir.ts';
import { SignatureError } from '../../../../shared/onnx/ops/signature.ts';
import { titleOf, type Refuse } from './draft.ts';
import { inferByRuntime, tableTypes } from './probe.ts';
import { isSettled, laneOf, type Known } from './state.ts';

/** By output; null where an output is left out, or its type depends on the data. */
export type Types = readonly (TensorType | null)[];

interface Typing {
  readonly lanes: number;
  readonly opsets: Readonly<Record<string, number>>;
  readonly refuse: Refuse;
  known(name: string): Known;
  compute(wanted: readonly Known[]): Promise<void>;
}

/** What stands against a node, as a reason that a person can act on. */
export function unfit(node: Node, cause: unknown, refuse: Refuse): never {
  const next = 'Mend the net where it was made, and export it anew.';
  if (cause instanceof SignatureError) throw refuse('operators that fit their inputs', cause.message, next);
  if (!(cause instanceof NetloomError) || !('reason' in cause.diagnostic.args)) throw cause;
  throw refuse('operators that fit their inputs, as ONNX Runtime takes them', `${titleOf(node)}: ${cause.diagnostic.args.reason}`, next);
}

async function typesAt(node: Node, inputs: readonly (Known | null)[], lane: number, walk: Typing): Promise<Types> {
  const told = tableTypes(node, inputs, lane);
  if (told) return told;
  // Sizes may follow from constants that are not computed yet.
  const waiting = inputs.filter((x): x is Known => x !== null && x.fixed && laneOf(x, lane).constant === null);
  if (waiting.length > 0) await walk.compute(waiting);
  const now = inputs.map((x, i) => (x && waiting.includes(x) ? walk.known(node.inputs[i] as string) : x));
  const again = waiting.length > 0 ? tableTypes(node, now, lane) : null;
  return again ?? inferByRuntime(node, now, lane, walk.opsets);
}

/** Types of the outputs by lane; null where they depend on the data. Throws onnx.unsupported where the node does not fit its inputs. */
export async function laneTypes(node: Node, inputs: readonly (Known | null)[], walk: Typing): Promise<readonly Types[] | null> {
  const alike = inputs.every((x) => !x || isSettled(x));
  const out: Types[] = [];
  for (let lane = 0; lane < (alike ? 1 : walk.lanes); lane++) {
    const found = await typesAt(node, inputs, lane, walk).catch((cause: unknown) => unfit(node, cause, walk.refuse));
    if (found.some((t, i) => t === null && node.outputs[i] !== '')) return null;
    out.push(found);
  }
  return alike ? Array.from({ length: walk.lanes }, () => out[0] as Types) : out;
}
