/** What a file itself tells of a size that it leaves open. */
import type { SourceModel, SourceNode } from '../../onnx-io/source.ts';

type Hint = (model: SourceModel, input: string, axis: number, reader: SourceNode) => number | null;

const shapeOfWeight = (model: SourceModel, name: string | undefined): readonly number[] | null => (name === undefined ? null : (model.graph.initializers.get(name)?.shape ?? null));
const intOf = (node: SourceNode, name: string, fallback: number): number => {
  const a = node.attributes[name];
  return a?.kind === 'int' ? a.value : fallback;
};

/** How many numbers an operator wants along an axis of its first input, from its weights. */
const readers: Readonly<Record<string, Hint>> = {
  Conv: (model, _input, axis, node) => {
    const w = shapeOfWeight(model, node.inputs[1]);
    return w && axis === 1 ? (w[1] ?? 0) * intOf(node, 'group', 1) : null;
  },
  ConvTranspose: (model, _input, axis, node) => (axis === 1 ? (shapeOfWeight(model, node.inputs[1])?.[0] ?? null) : null),
  BatchNormalization: (model, _input, axis, node) => (axis === 1 ? (shapeOfWeight(model, node.inputs[1])?.[0] ?? null) : null),
  Gemm: (model, _input, axis, node) => {
    const w = shapeOfWeight(model, node.inputs[1]);
    return w && axis === 1 && intOf(node, 'transA', 0) === 0 ? (w[intOf(node, 'transB', 0) === 1 ? 1 : 0] ?? null) : null;
  },
  MatMul: (model, input, axis, node) => {
    const w = shapeOfWeight(model, node.inputs[1]);
    const rank = model.graph.inputs.find((v) => v.name === input)?.type?.shape?.length;
    return w && w.length >= 2 && rank !== undefined && axis === rank - 1 ? (w.at(-2) ?? null) : null;
  },
};

/** Channels and features by the weights that follow at once; a size given in the metadata, or by what is known inside. */
export function hintFor(model: SourceModel, input: string, axis: number): number | null {
  const told = model.graph.values.get(input)?.shape?.[axis];
  if (typeof told === 'number') return told;
  for (const node of model.graph.nodes) {
    if (node.inputs[0] !== input || node.domain !== '') continue;
    // What copies its input numbers the same axes.
    const through = node.op === 'Identity' || node.op === 'Cast' || node.op === 'Relu' ? node.outputs[0] : undefined;
    const hint = readers[node.op]?.(model, input, axis, node) ?? (through === undefined ? null : insideHint(model, through, axis));
    if (hint !== null) return hint;
  }
  return metadataHint(model, input, axis);
}

function insideHint(model: SourceModel, value: string, axis: number): number | null {
  const told = model.graph.values.get(value)?.shape?.[axis];
  if (typeof told === 'number') return told;
  for (const node of model.graph.nodes) {
    if (node.inputs[0] !== value || node.domain !== '') continue;
    const hint = readers[node.op]?.(model, value, axis, node) ?? null;
    if (hint !== null) return hint;
  }
  return null;
}

/** Exporters note the size of the picture that they were shown ("imgsz": "[640, 640]", "input_size": 224). */
const noted = ['imgsz', 'input_size', 'image_size', 'img_size'];
function metadataHint(model: SourceModel, input: string, axis: number): number | null {
  const rank = model.graph.inputs.find((v) => v.name === input)?.type?.shape?.length;
  if (rank !== 4 || axis < 2) return null;
  for (const key of noted) {
    const numbers = (model.metadata[key] ?? '').match(/\d+/g)?.map(Number) ?? [];
    const size = numbers.length >= 2 ? numbers[numbers.length - 4 + axis] : numbers[0];
    if (size !== undefined && size > 0) return size;
  }
  return null;
}
