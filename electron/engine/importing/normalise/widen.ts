/** Nets saved in another precision, brought to float32. */
import { brainValue } from '../../../../shared/onnx/fold/numbers.ts';
import { elementCodes, elementOfCode } from '../../../../shared/onnx/ops/elementwise.ts';
import { int, type Attribute, type ElementType, type Tensor } from '../../../../shared/onnx/ir.ts';
import { halfValue } from '../../../../shared/util/half.ts';
import type { SourceGraph, SourceModel, SourceNode } from '../../onnx-io/source.ts';
import { graphsOf } from './draft.ts';

export interface Widening {
  /** What was widened; null where the net stays as it is. */
  readonly from: 'float16' | 'float64' | null;
  element(e: ElementType): ElementType;
  tensor(t: Tensor): Tensor;
  attribute(name: string, a: Attribute): Attribute;
  /** TensorProto.DataType of an element type. */
  codeOf(e: ElementType): number;
}

const narrow = new Set<ElementType>(['float16', 'float64', 'bfloat16']);
/** Attributes that name an element type. */
const typeAttributes = new Set(['to', 'dtype', 'output_dtype']);

function* tensors(graph: SourceGraph): Generator<Tensor> {
  yield* graph.initializers.values();
  for (const node of graph.nodes) yield* held(node);
}
function* held(node: SourceNode): Generator<Tensor> {
  for (const a of Object.values(node.attributes)) if (a.kind === 'tensor') yield a.value;
  for (const g of graphsOf(node)) yield* tensors(g);
}

/** All 65,536 numbers of sixteen bits: reading them from a table takes a nanosecond, not a hundred. */
function tableOf(read: (bits: number) => number): () => Float32Array {
  let table: Float32Array | null = null;
  return () => (table ??= Float32Array.from({ length: 65536 }, (_, bits) => read(bits)));
}
const tables: Partial<Record<ElementType, () => Float32Array>> = { float16: tableOf(halfValue), bfloat16: tableOf(brainValue) };

const widened = new WeakMap<Tensor, Tensor>();
function toFloat32(t: Tensor): Tensor {
  if (!narrow.has(t.element)) return t;
  const before = widened.get(t);
  if (before) return before;
  const from = t.data as ArrayLike<number>;
  const data = new Float32Array(from.length);
  const table = tables[t.element]?.();
  if (table) for (let i = 0; i < data.length; i++) data[i] = table[from[i] as number] as number;
  else data.set(from);
  const wide: Tensor = { element: 'float32', shape: t.shape, data };
  widened.set(t, wide);
  return wide;
}

/** Decides by the weights: a matrix or kernel of another precision makes the whole net one of float32. */
export function wideningOf(model: SourceModel): Widening {
  let from: Widening['from'] = null;
  const nodes = model.functions.flatMap((f) => f.nodes);
  for (const t of [...tensors(model.graph), ...nodes.flatMap((n) => [...held(n)])]) {
    if (t.shape.length >= 2 && narrow.has(t.element)) from ??= t.element === 'float64' ? 'float64' : 'float16';
  }
  const element = (e: ElementType): ElementType => (from && narrow.has(e) ? 'float32' : e);
  const tensor = (t: Tensor): Tensor => (from ? toFloat32(t) : t);
  return {
    from, element, tensor,
    attribute: (name, a) => {
      if (!from) return a;
      if (a.kind === 'tensor') return { kind: 'tensor', value: tensor(a.value) };
      const named = a.kind === 'int' && typeAttributes.has(name) ? elementOfCode(a.value) : undefined;
      return named ? int(elementCodes[element(named)]) : a;
    },
    codeOf: (e) => elementCodes[e],
  };
}
