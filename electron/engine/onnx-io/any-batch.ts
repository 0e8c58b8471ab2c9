/** Frees a graph from the size of the batch that it was lowered with. */
import { problem } from '../../../shared/diagnostics/diagnostic.ts';
import { int, type Graph, type Node, type Tensor } from '../../../shared/onnx/ir.ts';
import { invariant } from '../../../shared/util/assert.ts';

const int64 = (values: readonly number[]): Tensor => ({ element: 'int64', shape: [values.length], data: BigInt64Array.from(values, BigInt) });

/** The places in which two shape constants differ; null where they are no shapes of one length. */
function changes(a: Tensor, b: Tensor): readonly number[] | null {
  if (a.element !== 'int64' || b.element !== 'int64' || a.data.length !== b.data.length) return null;
  return [...a.data.keys()].filter((i) => a.data[i] !== b.data[i]);
}

/**
 * The same net lowered for a batch of one and of two: where a constant differs, it held the batch. A Reshape gets −1 there, an
 * Expand the size of the input at run time; `input` is the graph input whose first axis is the batch. Throws onnx.batch-held where a batch is held
 * by anything else: the file would answer for a batch of one only.
 */
export function anyBatch(one: Graph, two: Graph, input: string): Graph {
  invariant(one.nodes.length === two.nodes.length, 'a net lowers alike for every batch size');
  const initializers = new Map(one.initializers);
  const types = new Map(one.types);
  const nodes: Node[] = [];
  const constant = (name: string, values: readonly number[]): string => {
    const tensor = int64(values);
    initializers.set(name, tensor);
    types.set(name, { element: 'int64', shape: tensor.shape });
    return name;
  };
  const SIZE = 'batch size';
  for (const [i, node] of one.nodes.entries()) {
    const other = two.nodes[i] as Node;
    const places = node.inputs.flatMap((name, k) => {
      const [a, b] = [one.initializers.get(name), two.initializers.get(other.inputs[k] ?? '')];
      const held = a && b ? changes(a, b) : [];
      const moved = a && b && held === null && String(a.shape) !== String(b.shape);
      if (moved || (held && held.length > 1) || (held?.length === 1 && (k !== 1 || !['Reshape', 'Expand'].includes(node.op)))) throw problem('onnx.batch-held', { label: node.name }, { op: node.op });
      return held ?? [];
    });
    const [place] = places;
    if (place === undefined) {
      nodes.push(node);
      continue;
    }
    const values = Array.from(one.initializers.get(node.inputs[1] as string)?.data as BigInt64Array, Number);
    const name = `${node.name}/any batch`;
    if (node.op === 'Reshape') constant(name, values.map((v, k) => (k === place ? -1 : v)));
    else {
      if (!types.has(SIZE)) {
        types.set(SIZE, { element: 'int64', shape: [1] });
        nodes.push({ name: SIZE, op: 'Shape', domain: '', inputs: [input], outputs: [SIZE], attributes: { start: int(0), end: int(1) } });
      }
      const parts = [values.slice(0, place), values.slice(place + 1)].map((rest, k) => (rest.length > 0 ? [constant(`${name} ${k}`, rest)] : []));
      nodes.push({ name, op: 'Concat', domain: '', inputs: [...(parts[0] ?? []), SIZE, ...(parts[1] ?? [])], outputs: [name], attributes: { axis: int(0) } });
      types.set(name, { element: 'int64', shape: [values.length] });
    }
    nodes.push({ ...node, inputs: node.inputs.map((n, k) => (k === 1 ? name : n)) });
  }
  return { ...one, nodes, initializers, types };
}
