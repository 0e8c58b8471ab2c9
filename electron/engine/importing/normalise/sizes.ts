/** Sizes of a file's inputs: which is the batch, which are open, and what the file itself suggests for these. */
import type { TensorType } from '../../../../shared/onnx/ir.ts';
import type { SourceDimension, SourceModel, SourceValue } from '../../onnx-io/source.ts';
import type { OpenSize } from '../normal.ts';
import { refuser } from './draft.ts';
import { hintFor } from './hints.ts';

const keyOf = (input: string, axis: number, d: SourceDimension): string => (typeof d === 'string' ? d : `${input}[${axis}]`);
const named = /batch|^[nb]$|^bs$/i;

const shapeOf = (v: SourceValue): readonly SourceDimension[] => v.type?.shape ?? [];

/**
 * Inputs whose first axis is taken for the batch: those that share the name or the number of the first one's. A 1 and another
 * number count only where there is more than the batch.
 */
export function batchInputs(model: SourceModel): readonly string[] {
  const inputs = model.graph.inputs.filter((v) => shapeOf(v).length > 0);
  // Where another axis is called the batch, the first is not.
  const elsewhere = inputs.some((v) => shapeOf(v).some((d, i) => i > 0 && typeof d === 'string' && named.test(d)));
  const first = inputs[0] && shapeOf(inputs[0])[0];
  if (first === undefined || elsewhere) return [];
  return inputs.filter((v) => {
    const d = shapeOf(v)[0];
    return d === first && (typeof d !== 'number' || (d > 0 && shapeOf(v).length > 1));
  }).map((v) => v.name);
}

/** The sizes that someone must give before the net can be brought into its normal form; one for each name. */
export function openSizes(model: SourceModel): readonly OpenSize[] {
  const batch = new Set(batchInputs(model));
  const batchNames = new Set(model.graph.inputs.filter((v) => batch.has(v.name)).map((v) => shapeOf(v)[0]).filter((d) => typeof d === 'string'));
  const out = new Map<string, OpenSize>();
  for (const v of model.graph.inputs) {
    shapeOf(v).forEach((d, axis) => {
      if (typeof d === 'number' || (axis === 0 && batch.has(v.name)) || (typeof d === 'string' && batchNames.has(d))) return;
      const key = keyOf(v.name, axis, d);
      const before = out.get(key);
      if (before?.hint === undefined || before.hint === null) out.set(key, { ...(before ?? { key, input: v.name, axis }), hint: hintFor(model, v.name, axis) ?? (typeof d === 'string' && named.test(d) ? 1 : null) });
    });
  }
  return [...out.values()];
}

/**
 * The type of an input at a size of the batch. `freed` are the inputs whose first axis it is; an open size is that of `sizes`,
 * else the file's hint. Throws onnx.unsupported where there is neither, and for what is no tensor of known rank.
 */
export function inputType(model: SourceModel, v: SourceValue, batch: number, freed: ReadonlySet<string>, sizes: Readonly<Record<string, number>>, open: readonly OpenSize[]): TensorType {
  const refuse = refuser(model.file);
  if (!v.type) throw refuse(`the input ${v.name} as a tensor of numbers`, 'another kind of value', 'Export the net with tensors for inputs.');
  if (!v.type.shape) throw refuse(`the number of axes of the input ${v.name}`, 'none told', 'Run shape inference on the net and save it again (onnx.shape_inference).');
  const batchNames = new Set(model.graph.inputs.filter((w) => freed.has(w.name)).map((w) => shapeOf(w)[0]).filter((d) => typeof d === 'string'));
  const shape = v.type.shape.map((d, axis) => {
    if (axis === 0 && freed.has(v.name)) return batch;
    if (typeof d === 'number') return d;
    if (typeof d === 'string' && batchNames.has(d)) return batch;
    const key = keyOf(v.name, axis, d);
    const given = sizes[key] ?? open.find((o) => o.key === key)?.hint ?? (axis === 0 ? 1 : null);
    if (given === null || !Number.isSafeInteger(given) || given < 0) throw refuse(`a size for ${key}`, given === null ? 'none' : String(given), 'Give it (--size on the command line).');
    return given;
  });
  return { element: v.type.element, shape };
}
