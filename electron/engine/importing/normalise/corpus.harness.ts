/** Cases of the ONNX project's backend tests: folders with a model, inputs and outputs. Not part of the product. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Tensor } from '../../../../shared/onnx/ir.ts';
import { numbersOf } from '../../../../shared/onnx/fold/numbers.ts';
import { encodeModel } from '../../onnx-io/model.ts';
import { decodeSource, readModel } from '../../onnx-io/read.ts';
import { ForeignSession } from '../../runtime/foreign.ts';
import type { NormalModel } from '../normal.ts';
import { normalise } from './normalise.ts';

export interface CorpusCase { readonly name: string; readonly model: string; readonly sets: readonly string[] }

/** Folders below `root` that hold a model.onnx and its data sets. */
export function corpusCases(root: string): readonly CorpusCase[] {
  if (!existsSync(root)) return [];
  return readdirSync(root, { withFileTypes: true }).filter((d) => d.isDirectory()).flatMap((d): readonly CorpusCase[] => {
    const folder = join(root, d.name);
    const model = join(folder, 'model.onnx');
    if (!existsSync(model)) return corpusCases(folder);
    return [{ name: d.name, model, sets: readdirSync(folder).filter((f) => f.startsWith('test_data_set_')).map((f) => join(folder, f)) }];
  }).sort((a, b) => (a.name < b.name ? -1 : 1));
}

function field(number: number, bytes: Uint8Array): Uint8Array {
  const length: number[] = [];
  let rest = bytes.length;
  do {
    length.push((rest & 127) | (rest > 127 ? 128 : 0));
    rest >>>= 7;
  } while (rest > 0);
  return Uint8Array.from([(number << 3) | 2, ...length, ...bytes]);
}

/** A TensorProto of its own, read as the only initializer of a model; null for what is no tensor of numbers. */
export function readTensorFile(path: string): Tensor | null {
  try {
    return [...decodeSource(field(7, field(5, readFileSync(path)))).graph.initializers.values()][0] ?? null;
  } catch {
    return null;
  }
}

export interface CaseData { readonly inputs: readonly (Tensor | null)[]; readonly outputs: readonly (Tensor | null)[] }
export function readSet(folder: string): CaseData {
  const of = (kind: string) => readdirSync(folder).filter((f) => f.startsWith(`${kind}_`) && f.endsWith('.pb')).sort((a, b) => a.localeCompare(b, 'en', { numeric: true })).map((f) => readTensorFile(join(folder, f)));
  return { inputs: of('input'), outputs: of('output') };
}

/** Largest difference over the largest magnitude; Infinity where types or sizes differ. */
export function difference(a: Tensor, b: Tensor): number {
  if (a.element !== b.element || a.shape.join() !== b.shape.join()) return Infinity;
  const [x, y] = [numbersOf(a), numbersOf(b)];
  if (!x || !y) return [...a.data.entries()].every(([i, v]) => v === b.data[i]) ? 0 : Infinity;
  let [most, scale] = [0, 1e-6];
  for (let i = 0; i < x.length; i++) {
    const [p, q] = [x[i] as number, y[i] as number];
    if (Object.is(p, q) || p === q) continue;
    if (!Number.isFinite(p) || !Number.isFinite(q)) return Infinity;
    most = Math.max(most, Math.abs(p - q));
    scale = Math.max(scale, Math.abs(q));
  }
  return most / scale;
}

export async function answer(model: string | Uint8Array, names: readonly string[] | null, inputs: readonly (Tensor | null)[]): Promise<Map<string, Tensor>> {
  const session = await ForeignSession.open(model, { plain: true });
  try {
    const order = names ?? session.inputs.map((v) => v.name);
    return await session.run(new Map(order.flatMap((name, i) => (inputs[i] ? [[name, inputs[i]] as const] : []))));
  } finally {
    await session.dispose();
  }
}

export type Outcome = { readonly kind: 'equal' | 'differs' | 'refused' | 'broken' | 'not run'; readonly detail: string; readonly normal?: NormalModel };

/**
 * One case: the normal form's answer beside the original's in ONNX Runtime, or beside the case's own where the runtime does not
 * take the original. 'not run' where neither is to be had.
 */
export async function checkCase(test: CorpusCase, tolerance = 1e-5): Promise<Outcome> {
  const folder = test.sets[0];
  const data: CaseData = folder ? readSet(folder) : { inputs: [], outputs: [] };
  const model = await readModel(test.model).catch((e: unknown) => e as Error);
  if (model instanceof Error) return { kind: 'refused', detail: model.message };
  const names = model.graph.inputs.map((v) => v.name);
  const original = await answer(test.model, names, data.inputs).catch((e: unknown) => e as Error);
  const shapes = new Map(names.flatMap((name, i) => (data.inputs[i] ? [[name, data.inputs[i].shape] as const] : [])));
  const sizes = Object.fromEntries(model.graph.inputs.flatMap((v) => (v.type?.shape ?? []).map((d, axis) => [typeof d === 'string' ? d : `${v.name}[${axis}]`, shapes.get(v.name)?.[axis] ?? 1] as const)));
  let normal: NormalModel;
  try {
    normal = await normalise(model, { sizes });
  } catch (cause) {
    return { kind: original instanceof Error ? 'not run' : 'refused', detail: (cause as Error).message };
  }
  const expected = original instanceof Error ? new Map(model.graph.outputs.flatMap((v, i) => (data.outputs[i] ? [[v.name, data.outputs[i]] as const] : []))) : original;
  if (expected.size === 0) return { kind: 'not run', detail: original instanceof Error ? original.message : 'no outputs', normal };
  const reshaped = normal.graph.inputs.map((v, i) => (v.type.element === data.inputs[i]?.element ? (data.inputs[i] ?? null) : null));
  const free = [...normal.batched].filter((n) => normal.graph.inputs.some((v) => v.name === n));
  const got = await answer(encodeModel(normal.graph, { opsets: normal.opsets, untyped: true, dynamicBatch: free }), names, reshaped).catch((e: unknown) => e as Error);
  if (got instanceof Error) return original instanceof Error ? { kind: 'not run', detail: got.message, normal } : { kind: 'broken', detail: got.message, normal };
  for (const [name, t] of expected) {
    const g = got.get(name);
    const d = g ? difference(g, t) : Infinity;
    if (!(d <= tolerance)) return { kind: original instanceof Error ? 'not run' : 'differs', detail: `${name}: ${d}`, normal };
  }
  return { kind: 'equal', detail: original instanceof Error ? 'to the case' : '', normal };
}
