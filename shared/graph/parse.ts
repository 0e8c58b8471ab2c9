/** Reads and writes network.json: every foreign byte is checked here. */
import { z } from 'zod';
import { diagnostic, type Diagnostic } from '../diagnostics/diagnostic.ts';
import { fail, ok, type Result } from '../util/result.ts';
import { DOCUMENT_VERSION, type Document, type DrawnGraph, type DrawnNode, type GroupNode, type StoredAttribute } from './document.ts';
import { migrate } from './migrations.ts';

const id = z.string().min(1).max(200);
const base = {
  id,
  name: z.string().min(1).max(200),
  position: z.strictObject({ x: z.number(), y: z.number() }),
  note: z.string().max(20000).optional(),
  frozen: z.boolean().optional(),
  bypassed: z.boolean().optional(),
};
const groupPort = z.strictObject({ id, label: z.string(), node: id, port: z.string(), order: z.int().min(0).max(10_000).optional() });
const variable = z.strictObject({ name: z.string().regex(/^[A-Za-z_]\w*$/, 'a name that is no name of a variable').max(60), label: z.string().max(200), value: z.union([z.number(), z.string().max(1000)]) });
const end = z.strictObject({ node: id, port: z.string().min(1) });
const wire = z.strictObject({ id, from: end, to: end });
const shape = z.array(z.int().min(0)).max(64);
const element = z.enum(['float32', 'float16', 'float64', 'bfloat16', 'uint8', 'int8', 'uint16', 'int16', 'uint32', 'int32', 'uint64', 'int64', 'bool', 'string']);
const constant = z.strictObject({ element, shape, data: z.base64() });
const float = z.union([z.number(), z.enum(['Infinity', '-Infinity', 'NaN'])]);
const attribute: z.ZodType<StoredAttribute> = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('int'), value: z.number() }), z.strictObject({ kind: z.literal('float'), value: float }), z.strictObject({ kind: z.literal('string'), value: z.string() }),
  z.strictObject({ kind: z.literal('ints'), value: z.array(z.number()) }), z.strictObject({ kind: z.literal('floats'), value: z.array(float) }), z.strictObject({ kind: z.literal('strings'), value: z.array(z.string()) }),
  z.strictObject({ kind: z.literal('tensor'), value: constant }),
]);
const operand = z.union([
  z.strictObject({ port: z.string() }), z.strictObject({ weight: z.string(), shape, role: z.literal('statistic').optional() }), z.strictObject({ constant }), z.null(),
]);
const storedType = z.strictObject({ element, shape: z.array(z.int().min(-1)).max(64) });

const graph: z.ZodType<DrawnGraph> = z.lazy(() => z.strictObject({ nodes: z.array(node), wires: z.array(wire) })) as z.ZodType<DrawnGraph>;
const node: z.ZodType<DrawnNode> = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('layer'), ...base, layer: z.string(), params: z.record(z.string(), z.unknown()) }),
  z.strictObject({
    kind: z.literal('group'), ...base, graph, repeat: z.int().min(1).max(1000), inputs: z.array(groupPort), outputs: z.array(groupPort),
    variables: z.array(variable).max(100).optional(), block: z.string().max(200).optional(),
  }),
  z.strictObject({
    kind: z.literal('operator'), ...base, op: z.string(), domain: z.string(), opset: z.int(), attributes: z.record(z.string(), attribute),
    operands: z.array(operand), outputs: z.array(z.string()), types: z.array(storedType).optional(),
  }),
]) as unknown as z.ZodType<DrawnNode>;

const schema = z.strictObject({ version: z.literal(DOCUMENT_VERSION), name: z.string().max(200), graph, weights: z.string().max(1000).nullable(), origin: z.string().max(1000).nullable(), labels: z.array(z.string().max(1000)).max(100_000).optional() });

/** Ids and wires of a graph and of the groups inside; the first thing that does not fit, in words. */
function inconsistency(g: DrawnGraph, where: string): { readonly at: string; readonly expected: string; readonly got: string } | null {
  const ids = new Set<string>();
  for (const n of g.nodes) {
    if (ids.has(n.id)) return { at: `${where}.nodes`, expected: 'every id once', got: `${n.id} twice` };
    ids.add(n.id);
  }
  for (const w of g.wires) {
    const missing = [w.from.node, w.to.node].find((n) => !ids.has(n));
    if (missing !== undefined) return { at: `${where}.wires`, expected: 'wires between layers of the file', got: `one to ${missing}, which is not there` };
  }
  for (const n of g.nodes) {
    const inner = n.kind === 'group' ? inconsistency(n.graph, `${where}.${n.id}`) : null;
    if (inner) return inner;
  }
  return null;
}

/** Checks what a file holds, migrating older versions. The diagnostic says where in the file it is wrong. */
export function parseDocument(value: unknown, file = 'network.json'): Result<Document, Diagnostic> {
  const place = { label: file, file };
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return fail(diagnostic('graph.invalid', place, { expected: 'a network of Netloom', got: value === null ? 'null' : typeof value }));
  const version = (value as { version?: unknown }).version;
  if (!Number.isInteger(version) || (version as number) < 1) return fail(diagnostic('graph.invalid', place, { expected: 'a network of Netloom with a version', got: `version ${JSON.stringify(version)}` }));
  if ((version as number) > DOCUMENT_VERSION) return fail(diagnostic('graph.version', place, { supported: DOCUMENT_VERSION, found: `version ${String(version)}` }));
  const parsed = schema.safeParse(migrate(value as { version: number }));
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    return fail(diagnostic('graph.invalid', { ...place, field: issue?.path.join('.') || 'the top' }, { expected: 'a network of Netloom', got: issue?.message ?? 'something else' }));
  }
  const odd = inconsistency(parsed.data.graph, 'graph');
  return odd ? fail(diagnostic('graph.invalid', { ...place, field: odd.at }, { expected: odd.expected, got: odd.got })) : ok(parsed.data as Document);
}

/** Checks a group on its own, as a block is kept; read like a network that holds nothing else. */
export function parseBlock(value: unknown, file = 'block'): Result<GroupNode, Diagnostic> {
  const parsed = parseDocument({ version: DOCUMENT_VERSION, name: file, graph: { nodes: [value], wires: [] }, weights: null, origin: null }, file);
  if (!parsed.ok) return parsed;
  const [node] = parsed.value.graph.nodes;
  return node?.kind === 'group' ? ok(node) : fail(diagnostic('graph.invalid', { label: file, file }, { expected: 'a group', got: `a ${node?.kind ?? 'file without one'}` }));
}

/** The file's text: two spaces, one stable order of keys, so that changes diff well. */
export function serializeDocument(document: Document): string {
  const order = ['version', 'name', 'origin', 'weights', 'graph', 'nodes', 'wires', 'kind', 'id', 'layer', 'op', 'domain', 'opset', 'position', 'x', 'y', 'params'];
  const rank = (key: string) => (order.indexOf(key) + 1 || order.length + 1);
  const sorted = (v: unknown): unknown => {
    if (Array.isArray(v)) return v.map(sorted);
    if (typeof v !== 'object' || v === null) return v;
    return Object.fromEntries(Object.entries(v).sort(([a], [b]) => rank(a) - rank(b) || (a < b ? -1 : 1)).map(([k, x]) => [k, sorted(x)]));
  };
  return `${JSON.stringify(sorted(document), null, 2)}\n`;
}
