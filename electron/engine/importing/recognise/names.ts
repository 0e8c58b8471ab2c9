/** What nodes are called: as the file calls them where that says something, else by what they are and a number. */
import { nodeStem } from '../../../../shared/compile/repairs.ts';
import type { DrawnGraph, DrawnNode } from '../../../../shared/graph/document.ts';
import { isLayerType } from '../../../../shared/layers/table.ts';
import type { WorkNode } from './work.ts';

const LONGEST = 32;
/** Names that a framework gives when nobody does. */
const automatic = /^(conv\d?d?|conv\d?d_transpose|depthwise(_conv2d)?|separable_conv2d|dense|gemm|matmul|add|mul|sub|div|re_?lu6?|activation|batch_?norm(alization)?|(max|average|global_average)_pooling2d|flatten|dropout|concat(enate)?|reshape|transpose|softmax|sigmoid|convolution|fused?)(_v\d)?([_ -]?\d+)?$/i;

/** "layer1.0.conv1" of "layer1.0.conv1.weight" or "/layer1/layer1.0/conv1/Conv"; null where nothing is left that a person wrote. */
export function sensible(hint: string): string | null {
  const parts = hint.split(/[/:]/).filter(Boolean);
  const last = parts.at(-1) ?? '';
  // Exporters put the operator itself last: "…/conv1/Conv", "…/Conv2D".
  const told = parts.length > 1 && /^[A-Z]\w*$/.test(last) ? (parts.at(-2) ?? '') : last;
  const name = told.replace(/(_weights?|_kernel|_filters?)?_(fused_bn|quant(ized)?)$/i, '').replace(/[_.](weight|kernel|w|gamma|scale|slope|position|token|filter)(_\d+)?$/i, '').replace(/^([a-z][a-z -]*)-(\d+)$/, '$1 $2');
  const made = /^(node|const|constant|onnx|val|tensor|input|output|t|n|v|x|y|w|b|param(eter)?)?[_. ]*(\w{1,3}_)?[\d_.]*$/i.test(name) || /^[A-Z]\w*?_\d+$/.test(name) || /^[A-Z]\w*$/.test(name);
  return made || automatic.test(name) || name.length > LONGEST || !/^[\p{L}_][\p{L}\p{N} ._-]*$/u.test(name) ? null : name;
}

const labelOf = (node: DrawnNode): string => {
  if (node.kind === 'group') return node.name.replace(/ \d+$/, '');
  return node.kind === 'operator' ? node.op.slice(0, 2 * LONGEST) : isLayerType(node.layer) ? nodeStem(node.layer) : node.layer;
};

/** The same with groups inside, by what nodes are alone: the file's names of one copy would be wrong for the others. */
export function plainlyNamed(graph: DrawnGraph): DrawnGraph {
  const names = named(graph.nodes.map((node) => ({ node, weights: new Map() })));
  return { ...graph, nodes: graph.nodes.map((n) => ({ ...n, name: names.get(n.id) ?? n.name, ...(n.kind === 'group' ? { graph: plainlyNamed(n.graph) } : {}) })) };
}

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
