/** Variables of groups: an inner field is promoted to one, taken back, renamed; what is inside follows. */
import { isLayerType, layerSpec } from '../layers/table.ts';
import { isExpression, isReservedName, parseExpression, replaceNames } from '../util/expression.ts';
import { graphAt } from './apply.ts';
import type { Document, DrawnGraph, DrawnNode, GraphPath, GroupNode, GroupVariable, LayerNode, NodeId } from './document.ts';
import type { Edit } from './edit.ts';

/** What a variable stands for, as it is written: a number, or an expression with or without "=". */
type Written = GroupVariable['value'];
const textOf = (value: Written): string => (typeof value === 'number' ? (value < 0 ? `(${value})` : String(value)) : `(${isExpression(value) ? value.slice(1) : value})`);

const mapText = (value: unknown, change: (text: string) => string): unknown => {
  if (Array.isArray(value)) return value.map((v) => mapText(v, change));
  return isExpression(value) ? `=${change(value.slice(1))}` : value;
};
const mapParams = (node: LayerNode, change: (text: string) => string): LayerNode => ({ ...node, params: Object.fromEntries(Object.entries(node.params).map(([k, v]) => [k, mapText(v, change)])) });
const mapVariable = (v: GroupVariable, change: (text: string) => string): GroupVariable =>
  (typeof v.value === 'number' ? v : { ...v, value: isExpression(v.value) ? `=${change(v.value.slice(1))}` : change(v.value) });

const namesOf = (value: unknown): string[] => {
  if (Array.isArray(value)) return value.flatMap(namesOf);
  const parsed = typeof value === 'string' ? parseExpression(isExpression(value) ? value.slice(1) : value) : null;
  return parsed?.ok ? parsed.value.names.map((n) => n.name) : [];
};

/** Names that a node takes from the scope around it. */
export function freeNames(node: DrawnNode): ReadonlySet<string> {
  if (node.kind === 'operator') return new Set();
  if (node.kind === 'layer') return new Set(Object.values(node.params).flatMap((v) => (isExpression(v) || Array.isArray(v) ? namesOf(v) : [])));
  const own = new Set(['k', 'n', ...(node.variables ?? []).map((v) => v.name)]);
  const inside = node.graph.nodes.flatMap((n) => [...freeNames(n)]).filter((name) => !own.has(name));
  return new Set([...(node.variables ?? []).flatMap((v) => namesOf(v.value)), ...inside]);
}

/** A parameter without names becomes its number; a switch, yes or no. Anything that cannot be computed stays. */
function folded(node: LayerNode): LayerNode {
  const fields = isLayerType(node.layer) ? layerSpec(node.layer).fields : {};
  const fold = (value: unknown, name: string): unknown => {
    if (Array.isArray(value)) return value.map((v) => fold(v, name));
    const parsed = isExpression(value) ? parseExpression(value.slice(1)) : null;
    const answer = parsed?.ok && parsed.value.names.length === 0 ? parsed.value.evaluate(new Map()) : null;
    if (!answer?.ok) return value;
    return fields[name]?.kind === 'bool' ? answer.value !== 0 : answer.value;
  };
  return { ...node, params: Object.fromEntries(Object.entries(node.params).map(([k, v]) => [k, fold(v, k)])) };
}

/**
 * A node with names of its scope replaced by what they stand for: layers by text, groups by a variable of their own,
 * so that a name inside never means something else.
 */
export function withValues(node: DrawnNode, values: ReadonlyMap<string, GroupVariable>): DrawnNode {
  if (values.size === 0) return node;
  const texts = new Map([...values].map(([name, v]) => [name, textOf(v.value)]));
  const replace = (text: string) => replaceNames(text, texts);
  if (node.kind === 'layer') return folded(mapParams(node, replace));
  if (node.kind === 'operator') return node;
  const own = (node.variables ?? []).map((v) => mapVariable(v, replace));
  const inside = new Set(node.graph.nodes.flatMap((n) => [...freeNames(n)]));
  const taken = [...values.values()].filter((v) => inside.has(v.name) && !isReservedName(v.name) && !own.some((o) => o.name === v.name));
  const variables = [...own, ...taken];
  return variables.length === 0 ? node : { ...node, variables };
}

const inGraph = (graph: DrawnGraph, change: (n: DrawnNode) => DrawnNode): DrawnGraph => ({ ...graph, nodes: graph.nodes.map(change) });

function renamedIn(node: DrawnNode, from: string, to: string): DrawnNode {
  const replace = (text: string) => replaceNames(text, new Map([[from, to]]));
  if (node.kind === 'layer') return mapParams(node, replace);
  if (node.kind === 'operator') return node;
  const hides = node.variables?.some((v) => v.name === from) === true;
  return { ...node, ...(node.variables ? { variables: node.variables.map((v) => mapVariable(v, replace)) } : {}), graph: hides ? node.graph : inGraph(node.graph, (n) => renamedIn(n, from, to)) };
}

const change = (path: GraphPath, group: GroupNode, variables: readonly GroupVariable[], graph: DrawnGraph): Edit => ({
  kind: 'batch',
  edits: [
    ...(graph === group.graph ? [] : [{ kind: 'set-graph' as const, path: [...path, group.id], graph }]),
    { kind: 'set-node', path, id: group.id, change: { variables: variables.length > 0 ? variables : undefined } },
  ],
});

/** Every name that means something in a group: its variables, those of the groups inside, and what they take from around. */
function namesInside(group: GroupNode): ReadonlySet<string> {
  const of = (n: DrawnNode): string[] => [...freeNames(n), ...(n.kind === 'group' ? [...(n.variables ?? []).map((v) => v.name), ...n.graph.nodes.flatMap(of)] : [])];
  return new Set(of(group));
}

/** Whether a variable may be called so: letters, digits and "_", none of the language's names, and none that means something inside already. */
export const isFreeName = (group: GroupNode, name: string): boolean => /^[A-Za-z_]\w{0,59}$/.test(name) && !isReservedName(name) && !namesInside(group).has(name);

/** A name for a variable: "filters", "filters_2". A wanted name that no variable may have is written by letters and digits. */
export function freshVariable(group: GroupNode, wanted: string, taken: readonly string[] = []): string {
  const letters = wanted.replace(/\W+/g, '_').replace(/^(?=\d)/, '_') || 'value';
  for (let i = 1; ; i++) {
    const name = i === 1 ? letters : `${letters}_${i}`;
    if (isFreeName(group, name) && !taken.includes(name)) return name;
  }
}

/** Variables that a field of the graph at a path may use, the innermost group's first; one that hides another takes its place. */
export function variablesAt(document: Document, path: GraphPath): readonly GroupVariable[] {
  const found = new Map<string, GroupVariable>();
  for (let depth = path.length; depth > 0; depth--) {
    const group = graphAt(document, path.slice(0, depth - 1)).nodes.find((n) => n.id === path[depth - 1]);
    for (const v of group?.kind === 'group' ? (group.variables ?? []) : []) if (!found.has(v.name)) found.set(v.name, v);
  }
  return [...found.values()];
}

/** Sets what a variable stands for, or what it is called by people. `path` is where the group lies. */
export const setVariable = (path: GraphPath, group: GroupNode, name: string, to: Partial<Pick<GroupVariable, 'value' | 'label'>>): Edit =>
  change(path, group, (group.variables ?? []).map((v) => (v.name === name ? { ...v, ...to } : v)), group.graph);

export const addVariable = (path: GraphPath, group: GroupNode, variable: GroupVariable): Edit => change(path, group, [...(group.variables ?? []), variable], group.graph);

/** Gives a variable another name, here and wherever it is used inside. `to` must be a free name. */
export const renameVariable = (path: GraphPath, group: GroupNode, from: string, to: string): Edit =>
  change(path, group, (group.variables ?? []).map((v) => (v.name === from ? { ...v, name: to } : v)), inGraph(group.graph, (n) => renamedIn(n, from, to)));

/**
 * Takes a variable away; the fields that used it keep what it stood for. Null where that cannot be said inside: it is
 * computed from a name of the scope around that means something else here (k, n, another variable).
 */
export function removeVariable(path: GraphPath, group: GroupNode, name: string): Edit | null {
  const variable = (group.variables ?? []).find((v) => v.name === name);
  const rest = (group.variables ?? []).filter((v) => v !== variable);
  const hidden = new Set(['k', 'n', ...(group.variables ?? []).map((v) => v.name)]);
  if (!variable || namesOf(variable.value).some((used) => hidden.has(used))) return null;
  return change(path, group, rest, inGraph(group.graph, (n) => withValues(n, new Map([[name, variable]]))));
}

const SIDES: Readonly<Record<number, readonly string[]>> = { 2: ['height', 'width'], 4: ['top', 'right', 'bottom', 'left'] };

/** Whether a field's value can be a variable: numbers, switches and lists of numbers, none computed already. */
export const isPromotable = (value: unknown): boolean => typeof value === 'number' || typeof value === 'boolean' || (Array.isArray(value) && value.length > 0 && value.every((v) => typeof v === 'number'));

/**
 * Makes an inner field a variable of its group, under the field's name; equal sizes of a kernel become one variable.
 * `path` is where the group lies, `id` the layer directly inside it.
 */
export function promoteField(path: GraphPath, group: GroupNode, id: NodeId, field: string, label: string): Edit {
  const node = group.graph.nodes.find((n) => n.id === id);
  const value = node?.kind === 'layer' ? node.params[field] : undefined;
  if (node?.kind !== 'layer' || !isPromotable(value)) throw new Error(`Field ${field} of ${id} cannot be a variable`);
  const parts = (Array.isArray(value) ? value : [Number(value)]) as number[];
  const equal = parts.every((p) => p === parts[0]);
  const made: GroupVariable[] = [];
  for (const [i, part] of (equal ? parts.slice(0, 1) : parts).entries()) {
    const side = equal ? '' : (SIDES[parts.length]?.[i] ?? String(i + 1));
    made.push({ name: freshVariable(group, side ? `${field}_${side}` : field, made.map((v) => v.name)), label: side ? `${label}, ${side}` : label, value: part });
  }
  const written = parts.map((_, i) => `=${made[equal ? 0 : i]?.name}`);
  const params = { ...node.params, [field]: Array.isArray(value) ? written : written[0] };
  return { kind: 'batch', edits: [{ kind: 'set-params', path: [...path, group.id], id, params }, { kind: 'set-node', path, id: group.id, change: { variables: [...(group.variables ?? []), ...made] } }] };
}
