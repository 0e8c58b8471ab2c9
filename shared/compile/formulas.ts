/** Expressions of a document computed: parameters "=width * 2" inside groups, and the variables of the groups themselves. */
import { diagnostic, type Diagnostic, type Place } from '../diagnostics/diagnostic.ts';
import { graphAt } from '../graph/apply.ts';
import type { Document, DrawnNode, GraphPath, GroupNode } from '../graph/document.ts';
import { isLayerType, layerSpec } from '../layers/table.ts';
import { isExpression, parseExpression, type Expression, type ExpressionFault } from '../util/expression.ts';
import type { Result } from '../util/result.ts';

/** Numbers known by name in one copy of a group; `lost` are variables whose own expression is wrong. */
export class Names {
  readonly values: ReadonlyMap<string, number>;
  readonly lost: ReadonlySet<string>;
  constructor(values: ReadonlyMap<string, number>, lost: ReadonlySet<string>) {
    this.values = values;
    this.lost = lost;
  }

  /** With the copy's number from 0 and how many there are. */
  copy(k: number, n: number): Names {
    return new Names(new Map([...this.values, ['k', k], ['n', n]]), this.lost);
  }
}

/** A value where the expression could be computed; `null` where it rests on a variable that is wrong itself. */
type Computed = { readonly value: unknown } | null;

export class Formulas {
  readonly root = new Names(new Map([['k', 0], ['n', 1]]), new Set());
  readonly faults: Diagnostic[] = [];
  private readonly read = new Map<string, Result<Expression, ExpressionFault>>();

  /** A node whose parameters are all numbers; `sound` is false when one could not be computed, which is among the faults then. */
  compute<N extends Exclude<DrawnNode, GroupNode>>(node: N, place: Place, names: Names): { readonly node: N; readonly sound: boolean } {
    if (node.kind !== 'layer') return { node, sound: true };
    const written = Object.entries(node.params).filter(([, v]) => isExpression(v) || (Array.isArray(v) && v.some(isExpression)));
    if (written.length === 0) return { node, sound: true };
    const fields = isLayerType(node.layer) ? layerSpec(node.layer).fields : {};
    let sound = true;
    const params = written.map(([name, v]) => {
      const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
      const at = { ...place, field: field?.label ?? name };
      const parts = (Array.isArray(v) ? v : [v]).map((part) => this.value(part, at, names));
      if (parts.includes(null)) sound = false;
      const values = parts.map((p) => (field?.kind === 'bool' && typeof p?.value === 'number' ? p.value !== 0 : p?.value));
      return [name, Array.isArray(v) ? values : values[0]] as const;
    });
    return { node: { ...node, params: { ...node.params, ...Object.fromEntries(params) } }, sound };
  }

  /** What the inside of a group knows by name: the names around it, and its own variables, computed with those. */
  variables(group: GroupNode, place: Place, around: Names): Names {
    if (!group.variables || group.variables.length === 0) return around;
    const values = new Map(around.values);
    const lost = new Set(around.lost);
    for (const v of group.variables) {
      const text = typeof v.value === 'string' && !isExpression(v.value) ? `=${v.value}` : v.value;
      const computed = this.value(text, { ...place, field: v.label || v.name }, around);
      if (computed && typeof computed.value === 'number') {
        values.set(v.name, computed.value);
        lost.delete(v.name);
      } else lost.add(v.name);
    }
    return new Names(values, lost);
  }

  private value(written: unknown, place: Place, names: Names): Computed {
    if (!isExpression(written)) return { value: written };
    const text = written.slice(1);
    const known = this.read.get(text);
    const parsed = known ?? parseExpression(text);
    if (!known) this.read.set(text, parsed);
    if (parsed.ok && parsed.value.names.some((n) => names.lost.has(n.name))) return null;
    const answer = parsed.ok ? parsed.value.evaluate(names.values) : parsed;
    if (answer.ok) return { value: answer.value };
    this.faults.push(diagnostic('graph.expression', place, { expression: text, ...answer.error }));
    return null;
  }
}

/** What names stand for in the graph at a path of a document: in repeated groups, in the first copy. */
export function namesAt(document: Document, path: GraphPath): ReadonlyMap<string, number> {
  const formulas = new Formulas();
  let names = formulas.root;
  for (const [depth, id] of path.entries()) {
    const group = graphAt(document, path.slice(0, depth)).nodes.find((n) => n.id === id);
    if (group?.kind === 'group') names = formulas.variables(group, { label: group.name }, names).copy(0, group.repeat);
  }
  return names.values;
}
