/** The groups around a network's layers, as rows that sum what they hold: read from the layers' ids alone. */

/** What adds up over layers. */
export interface Amounts {
  /** Numbers that training changes. */
  readonly parameters: number;
  /** Multiply-accumulates for one sample. */
  readonly macs: number;
  /** Bytes of the outputs for one batch. */
  readonly activationBytes: number;
  /** Milliseconds of one step, where they were measured. */
  readonly forwardMs: number | null;
  readonly backwardMs: number | null;
}

interface RowBase extends Amounts {
  /** As in the network: "group#2/node"; of a group what its layers' ids begin with. */
  readonly id: string;
  /** Where it is drawn: the same without the numbers of copies. */
  readonly path: string;
  readonly name: string;
  readonly shape: readonly number[];
  readonly receptiveField: readonly [number, number] | null;
}
export interface LayerRow extends RowBase {
  readonly kind: 'layer';
  readonly type: string;
  /** What people call its kind. */
  readonly title: string;
  readonly frozen: boolean;
}
export interface GroupRow extends RowBase {
  readonly kind: 'group';
  /** More than 1: the rows below are the copies. */
  readonly copies: number;
  readonly layers: number;
  readonly rows: readonly AnalysisRow[];
}
export type AnalysisRow = LayerRow | GroupRow;

const COPY = /#(\d+)$/;

/** Ids of the drawn nodes that lead to a layer, outermost first, without the numbers of copies. */
export function drawnPath(id: string): readonly string[] {
  const parts = id.split('/');
  return parts.map((p, i) => (i < parts.length - 1 ? p.replace(COPY, '') : p));
}

/** The sum; a time is known as soon as one part's is. */
export function sumOf(rows: readonly Amounts[]): Amounts {
  const sum = (pick: (r: Amounts) => number) => rows.reduce((n, r) => n + pick(r), 0);
  const known = (pick: (r: Amounts) => number | null) => (rows.some((r) => pick(r) !== null) ? sum((r) => pick(r) ?? 0) : null);
  return { parameters: sum((r) => r.parameters), macs: sum((r) => r.macs), activationBytes: sum((r) => r.activationBytes), forwardMs: known((r) => r.forwardMs), backwardMs: known((r) => r.backwardMs) };
}

/** The larger field, by area. */
export function widest(rows: readonly { readonly receptiveField: readonly [number, number] | null }[]): readonly [number, number] | null {
  return rows.reduce<readonly [number, number] | null>((most, { receptiveField: f }) => (f && (!most || f[0] * f[1] > most[0] * most[1]) ? f : most), null);
}

/** A layer on its way into the tree: the names of its groups, and whether a layer outside the group `id` reads it. */
export interface Leaf {
  readonly row: LayerRow;
  readonly groupNames: readonly string[];
  leaves(groupId: string): boolean;
}

interface Step { readonly id: string; readonly path: string; readonly name: string; readonly copies: boolean }

/** Groups that lead to a layer; a repeated one is two steps, the whole and the copy. */
function stepsTo({ row, groupNames }: Leaf): Step[] {
  const segments = row.id.split('/').slice(0, -1);
  const steps: Step[] = [];
  segments.forEach((segment, i) => {
    const before = segments.slice(0, i).map((s) => `${s}/`).join('');
    const path = drawnPath(row.id).slice(0, i + 1).join('/');
    const name = groupNames[i] ?? segment;
    const copy = COPY.exec(segment)?.[1];
    if (copy !== undefined) steps.push({ id: before + segment.replace(COPY, ''), path, name: name.endsWith(` ${copy}`) ? name.slice(0, -copy.length - 1) : name, copies: true });
    steps.push({ id: before + segment, path, name, copies: false });
  });
  return steps;
}

interface Branch { readonly step: Step; readonly below: Map<string, Branch | Leaf> }

function finish(node: Branch | Leaf): { row: AnalysisRow; leaves: readonly Leaf[] } {
  if ('row' in node) return { row: node.row, leaves: [node] };
  const { step, below } = node;
  const done = [...below.values()].map(finish);
  const rows = done.map((d) => d.row);
  const leaves = done.flatMap((d) => d.leaves);
  // What comes out of a group is what somebody outside reads.
  const out = leaves.findLast((l) => l.leaves(step.id)) ?? leaves.at(-1);
  const row: GroupRow = {
    kind: 'group', id: step.id, path: step.path, name: step.name, shape: out?.row.shape ?? [], receptiveField: widest(rows),
    copies: step.copies ? rows.length : 1, layers: leaves.length, rows, ...sumOf(rows),
  };
  return { row, leaves };
}

/** Rows of the outermost graph, each group at the place of its first layer. */
export function treeOf(leaves: readonly Leaf[]): readonly AnalysisRow[] {
  const root = new Map<string, Branch | Leaf>();
  for (const leaf of leaves) {
    let level = root;
    for (const step of stepsTo(leaf)) {
      const key = `group ${step.id} ${step.copies}`;
      const known = level.get(key);
      const branch: Branch = known && 'below' in known ? known : { step, below: new Map() };
      level.set(key, branch);
      level = branch.below;
    }
    level.set(`layer ${leaf.row.id}`, leaf);
  }
  return [...root.values()].map((n) => finish(n).row);
}
