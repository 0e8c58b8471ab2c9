/** Branches whose condition is known, and loops whose number of turns is: written out. */
import { int } from '../../../../shared/onnx/ir.ts';
import { int64Tensor } from '../../../../shared/onnx/fold/numbers.ts';
import { draftOf, titleOf, type DraftNode } from './draft.ts';
import type { Expander, Expansion } from './expander.ts';
import { inlinedGraph } from './inline.ts';
import { isSettled, typeOf } from './state.ts';
import type { SourceGraph } from '../../onnx-io/source.ts';

/** Turns of a loop that are written out. */
const MOST_TURNS = 1024;

const graphOf = (node: DraftNode, name: string, walk: Expander): SourceGraph => {
  const a = node.attributes[name];
  if (a?.kind !== 'graph') throw walk.refuse(`a graph in ${name} of ${titleOf(node)}`, 'none', 'Export the net anew.');
  return a.value;
};
const numberOf = (node: DraftNode, name: string): number | undefined => {
  const a = node.attributes[name];
  return a?.kind === 'int' ? a.value : undefined;
};
const listOf = (node: DraftNode, name: string): readonly number[] => {
  const a = node.attributes[name];
  return a?.kind === 'ints' ? a.value : [];
};

const branch: Expansion = async (node, walk) => {
  const condition = await walk.settle(node.inputs[0] as string);
  if (!condition) throw walk.refuse('a condition that follows from the sizes of the net', `${titleOf(node)}, whose condition depends on the data`, 'Export the net without branches (trace it, rather than script it).');
  const { items, outputs } = inlinedGraph(graphOf(node, Number(condition.data[0]) !== 0 ? 'then_branch' : 'else_branch', walk), new Map(), node, walk);
  walk.push([...items, () => { link(node.outputs, outputs, walk); }]);
};

function link(names: readonly string[], to: readonly string[], walk: Expander): void {
  names.forEach((name, i) => { if (name !== '' && to[i] !== undefined) walk.link(name, to[i]); });
}

/** Rows of a scanned output under one another along a new axis. */
function stacked(rows: readonly string[], axis: number, name: string, node: DraftNode, walk: Expander): DraftNode[] {
  if (name === '') return [];
  if (rows.length === 0) throw walk.refuse(`at least one turn of ${titleOf(node)}`, 'none', 'Export the net without loops.');
  const axes = walk.constant(walk.fresh(`${node.name}/axis`), int64Tensor([axis]), false);
  const parts = rows.map((row) => ({ row, name: walk.fresh(`${node.name}/turn`) }));
  const base = { domain: '', overload: '' };
  return [
    ...parts.map((p) => draftOf({ ...base, name: p.name, op: 'Unsqueeze', inputs: [p.row, axes], outputs: [p.name], attributes: {} }, 18, [])),
    draftOf({ ...base, name: `${node.name}/turns`, op: 'Concat', inputs: parts.map((p) => p.name), outputs: [name], attributes: { axis: int(axis) } }, 18, []),
  ];
}

const loop: Expansion = async (node, walk) => {
  const body = graphOf(node, 'body', walk);
  const unknown = () => walk.refuse('a number of turns that follows from the sizes of the net', `${titleOf(node)}, whose end depends on the data`, 'Export the net without loops.');
  const settled = async (name: string | undefined): Promise<number | null> => {
    if (name === undefined || name === '') return null;
    const t = await walk.settle(name);
    if (!t) throw unknown();
    return Number(t.data[0]);
  };
  const turns = (await settled(node.inputs[0])) ?? Infinity;
  const states = node.inputs.slice(2);
  const scans: string[][] = node.outputs.slice(states.length).map(() => []);
  const finish = (last: readonly string[]): void => {
    link(node.outputs, last, walk);
    walk.push(scans.flatMap((rows, i) => stacked(rows, 0, node.outputs[states.length + i] ?? '', node, walk)));
  };
  const turn = (i: number, condition: number | null, state: readonly string[]): void => {
    if (i >= turns || condition === 0) return finish(state);
    if (i >= MOST_TURNS) throw walk.refuse(`a loop of at most ${MOST_TURNS} turns`, `${titleOf(node)} with more`, 'Export the net without loops.');
    const at = walk.constant(walk.fresh(`${node.name}/turn`), { element: 'int64', shape: [], data: BigInt64Array.of(BigInt(i)) }, false);
    const go = walk.constant(walk.fresh(`${node.name}/go`), { element: 'bool', shape: [], data: Uint8Array.of(1) }, false);
    const bound = new Map(body.inputs.map((v, k) => [v.name, [at, go, ...state][k] ?? '']));
    const { items, outputs } = inlinedGraph(body, bound, { ...node, name: `${node.name}/${i}` }, walk);
    walk.push([...items, async () => {
      outputs.slice(1 + states.length).forEach((row, k) => scans[k]?.push(row));
      turn(i + 1, await settled(outputs[0]), outputs.slice(1, 1 + states.length));
    }]);
  };
  turn(0, await settled(node.inputs[1]), states);
};

interface Scanned { readonly name: string; readonly axis: number; readonly back: boolean }
const pick = (node: DraftNode, x: string, i: number, axis: number, name: string, walk: Expander): DraftNode => {
  const at = walk.constant(walk.fresh(`${node.name}/at`), { element: 'int64', shape: [], data: BigInt64Array.of(BigInt(i)) }, false);
  return draftOf({ name, op: 'Gather', domain: '', overload: '', inputs: [x, at], outputs: [name], attributes: { axis: int(axis) } }, 18, node.calls);
};

/** The turns of a Scan, one for each place along the scanned axes; `done` gets the last states and what each turn answered. */
function turnsOf(node: DraftNode, walk: Expander, body: SourceGraph, first: readonly string[], scanned: readonly Scanned[], turns: number, done: (states: readonly string[], rows: readonly (readonly string[])[]) => void): void {
  if (turns > MOST_TURNS) throw walk.refuse(`a loop of at most ${MOST_TURNS} turns`, `${titleOf(node)} with ${turns}`, 'Export the net without loops.');
  const rows: string[][] = body.outputs.slice(first.length).map(() => []);
  const turn = (i: number, states: readonly string[]): void => {
    if (i === turns) return done(states, rows);
    const parts = scanned.map((s) => {
      const name = walk.fresh(`${node.name}/${i}/${s.name}`);
      return pick(node, s.name, s.back ? turns - 1 - i : i, s.axis, name, walk);
    });
    const bound = new Map(body.inputs.map((v, k) => [v.name, [...states, ...parts.map((p) => p.name)][k] ?? '']));
    const { items, outputs } = inlinedGraph(body, bound, { ...node, name: `${node.name}/${i}` }, walk);
    walk.push([...parts, ...items, () => {
      outputs.slice(first.length).forEach((row, k) => rows[k]?.push(row));
      turn(i + 1, outputs.slice(0, first.length));
    }]);
  };
  turn(0, first);
}

/** What a Scan goes over; the batch can be no such axis. */
function scannedOf(node: DraftNode, names: readonly string[], axes: readonly number[], directions: readonly number[], walk: Expander): { readonly scanned: readonly Scanned[]; readonly turns: number } {
  const scanned = names.map((name, i): Scanned => {
    const x = walk.known(name);
    const rank = typeOf(x).shape.length;
    const a = axes[i] ?? 0;
    const axis = a < 0 ? a + rank : a;
    if (!isSettled(x) && axis === 0) throw walk.refuse('a Scan over another axis than the batch', titleOf(node), 'Export the net without loops.');
    return { name, axis, back: directions[i] === 1 };
  });
  const [one] = scanned;
  return { scanned, turns: one ? (typeOf(walk.known(one.name)).shape[one.axis] ?? 0) : 0 };
}

const scan: Expansion = (node, walk) => {
  if (node.opset < 9) return batchedScan(node, walk);
  const body = graphOf(node, 'body', walk);
  const states = node.inputs.slice(0, node.inputs.length - (numberOf(node, 'num_scan_inputs') ?? 0));
  const { scanned, turns } = scannedOf(node, node.inputs.slice(states.length), listOf(node, 'scan_input_axes'), listOf(node, 'scan_input_directions'), walk);
  turnsOf(node, walk, body, states, scanned, turns, (last, rows) => {
    link(node.outputs, last, walk);
    walk.push(rows.flatMap((list, k) => {
      const rank = list[0] === undefined ? 0 : typeOf(walk.known(list[0])).shape.length + 1;
      const axis = listOf(node, 'scan_output_axes')[k] ?? 0;
      return stacked(listOf(node, 'scan_output_directions')[k] === 1 ? list.toReversed() : list, axis < 0 ? axis + rank : axis, node.outputs[states.length + k] ?? '', node, walk);
    }));
  });
};

/** Opset 8: the first input tells lengths, the first axis of all others is the batch, and the second is gone over. */
const batchedScan: Expansion = (node, walk) => {
  if ((node.inputs[0] ?? '') !== '') throw walk.refuse('a Scan over whole sequences', `${titleOf(node)}, which is told their lengths`, 'Export the net for a newer opset.');
  const body = graphOf(node, 'body', walk);
  const inputs = node.inputs.slice(1);
  const count = inputs.length - (numberOf(node, 'num_scan_inputs') ?? 0);
  const samples = inputs.map((name) => walk.known(name));
  if (samples.some((x) => !isSettled(x))) throw walk.refuse('a Scan with the batch that it was saved with', titleOf(node), 'Export the net for a newer opset.');
  const size = samples[0] ? (typeOf(samples[0]).shape[0] ?? 0) : 0;
  const turns = samples[count] ? (typeOf(samples[count]).shape[1] ?? 0) : 0;
  const made: string[][] = node.outputs.map(() => []);
  const sample = (i: number): void => {
    if (i === size) return walk.push(made.flatMap((list, k) => stacked(list, 0, node.outputs[k] ?? '', node, walk)));
    const own = { ...node, name: `${node.name}/sample ${i}` };
    const parts = inputs.map((x) => pick(own, x, i, 0, walk.fresh(`${own.name}/${x}`), walk));
    const scanned = parts.slice(count).map((p, k): Scanned => ({ name: p.name, axis: 0, back: listOf(node, 'directions')[k] === 1 }));
    walk.push([...parts, () => {
      turnsOf(own, walk, body, parts.slice(0, count).map((p) => p.name), scanned, turns, (last, rows) => {
        const joined = rows.map((list) => ({ list, name: walk.fresh(`${own.name}/rows`) }));
        [...last, ...joined.map((j) => j.name)].forEach((name, k) => made[k]?.push(name));
        walk.push([...joined.flatMap((j) => stacked(j.list, 0, j.name, own, walk)), () => { sample(i + 1); }]);
      });
    }]);
  };
  sample(0);
};

export const controls: Readonly<Record<string, Expansion>> = { If: branch, Loop: loop, Scan: scan };
