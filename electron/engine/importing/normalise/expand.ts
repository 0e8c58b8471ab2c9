/** The table of nodes that stand for other nodes: calls of functions, branches and loops whose course is known, sequences. */
import { controls } from './control.ts';
import { titleOf, type DraftNode } from './draft.ts';
import type { Expander, Expansion } from './expander.ts';
import { call, keyOf } from './inline.ts';
import { sequences } from './sequence.ts';

/** The expansion of a node; undefined for one that stands for itself. */
export function expansions(node: DraftNode, walk: Pick<Expander, 'functions' | 'sequences'>): Expansion | undefined {
  const f = walk.functions.length > 0 ? walk.functions.find((g) => keyOf(g, g.name) === keyOf(node, node.op)) : undefined;
  if (f) return call(f);
  if (node.domain !== '') return undefined;
  return controls[node.op] ?? sequences[node.op] ?? (node.inputs.some((x) => walk.sequences.has(x)) ? ofSequence : undefined);
}

/** A sequence that is handed on; nothing else takes one. */
const ofSequence: Expansion = (node, walk) => {
  if (node.op !== 'Identity') throw walk.refuse('tensors', `a sequence into ${titleOf(node)}`, 'Export the net without sequences.');
  walk.link(node.outputs[0] as string, node.inputs[0] as string);
};
