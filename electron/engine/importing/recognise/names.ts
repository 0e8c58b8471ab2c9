/** What nodes are called: as the file calls them where that says something, else by what they are and a number. */
import { nodeStem } from '../../../../shared/compile/repairs.ts';
import type { DrawnNode } from '../../../../shared/graph/document.ts';
import { isLayerType } from '../../../../shared/layers/table.ts';
import type { WorkNode } from './work.ts';

const LONGEST = 32;

/** "layer1.0.conv1" of "layer1.0.conv1.weight" or "/layer1/layer1.0/conv1/Conv"; null where nothing is left that a person wrote. */
export function sensible(hint: string): string | null {
  const parts = hint.split(/[/:]/).filter(Boolean);
  const last = parts.at(-1) ?? '';
  // Exporters put the operator itself last: "…/conv1/Conv", "…/Conv2D".
  const told = parts.length > 1 && /^[A-Z]\w*$/.test(last) ? (parts.at(-2) ?? '') : last;
  const name = told.replace(/[_.](weight|kernel|w|gamma|scale|slope|position|token|filter)(_\d+)?$/i, '').replace(/^([a-z][a-z -]*)-(\d+)$/, '$1 $2');
  const made = /^(node|const|constant|onnx|val|tensor|input|output|t|n|v|x|y|w|b|param(eter)?)?[_. ]*(\w{1,3}_)?[\d_.]*$/i.test(name) || /^[A-Z]\w*?_\d+$/.test(name) || /^[A-Z]\w*$/.test(name);
  return made || name.length > LONGEST || !/^[\p{L}_][\p{L}\p{N} ._-]*$/u.test(name) ? null : name;
}

const labelOf = (node: DrawnNode): string => {
  if (node.kind === 'group') return node.name;
  return node.kind === 'operator' ? node.op : isLayerType(node.layer) ? nodeStem(node.layer) : node.layer;
};

/** Names for the nodes of one graph, each once, in their order. */
export function named(nodes: readonly WorkNode[]): ReadonlyMap<string, string> {
  const taken = new Set<string>();
  const counts = new Map<string, number>();
  const names = new Map<string, string>();
  for (const { node, hint } of nodes) {
    const label = labelOf(node);
    const told = hint === undefined ? null : sensible(hint);
    // "conv-12" says no more than "conv 12", and numbers are given here anew.
    const wish = told !== null && told.replace(/[-_ ]?\d+$/, '') === label.replaceAll(' ', '-') ? null : told;
    let name = wish;
    const single = node.kind === 'layer' && ['input', 'output', 'flatten'].includes(node.id);
    while (name === null || taken.has(name)) {
      const count = (counts.get(label) ?? 0) + 1;
      counts.set(label, count);
      name = single && count === 1 ? label : `${label} ${count}`;
    }
    taken.add(name);
    names.set(node.id, name);
  }
  return names;
}
