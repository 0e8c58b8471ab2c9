/** A node in its last form: attributes that a graph can hold, inputs and outputs as many as the operator takes, the opset that it needs. */
import { MICROSOFT_DOMAIN, OPSET, type Attribute, type Node } from '../../../../shared/onnx/ir.ts';
import { arityFault, attributeFault } from './arity.ts';
import { titleOf, type DraftNode } from './draft.ts';
import { rewriting } from './rewriting.ts';
import type { Values } from './values.ts';
import { newerThan18 } from './versions/newer.ts';

/** The node as the graph writes it; raises `opsets` where its form needs a newer one. Throws onnx.unsupported for what no graph here can hold. */
export function formOf(draft: DraftNode, values: Values, opsets: Record<string, number>): Node {
  const attributes: Record<string, Attribute> = {};
  for (const [name, a] of Object.entries(draft.attributes)) {
    if (a.kind === 'graph' || a.kind === 'reference' || a.kind === 'other') throw values.refuse(`numbers or text in ${titleOf(draft)}`, `the attribute ${name} of another kind`, 'Export the net without it.');
    attributes[name] = values.widening.attribute(name, a);
  }
  for (const form of draft.domain === '' && Object.hasOwn(newerThan18, draft.op) ? (newerThan18[draft.op] ?? []) : []) {
    if (!form.when || form.when(rewriting(draft, OPSET, values, []))) opsets[''] = Math.max(opsets[''] ?? OPSET, form.opset);
  }
  if (draft.domain === MICROSOFT_DOMAIN) opsets[MICROSOFT_DOMAIN] ??= 1;
  const trim = (names: readonly string[]): readonly string[] => names.slice(0, names.findLastIndex((n) => n !== '') + 1);
  const node = { name: draft.name, op: draft.op, domain: draft.domain, inputs: trim(draft.inputs), outputs: trim(draft.outputs), attributes };
  const fault = draft.domain === '' ? (arityFault(node.op, node.inputs, node.outputs.length) ?? attributeFault(node)) : null;
  if (fault) throw values.refuse(`${fault.expected} of ${titleOf(draft)}`, fault.got, 'Mend the net where it was made, and export it anew.');
  return node;
}
