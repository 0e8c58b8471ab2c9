/** Frees a graph from the size of the batch that it was lowered with. */
import { problem } from '../../../shared/diagnostics/diagnostic.ts';
import { int, type Graph, type Node, type Tensor } from '../../../shared/onnx/ir.ts';
import { invariant } from '../../../shared/util/assert.ts';

/** The value that holds the batch at run time. */
const SIZE = 'batch size';

const int64 = (values: readonly number[]): Tensor => ({ element: 'int64', shape: [values.length], data: BigInt64Array.from(values, BigInt) });

/** The places in which two shape constants differ, each as how many times the batch it holds; null where they are no shapes of one length, or grow otherwise. */
function changes(a: Tensor, b: Tensor): ReadonlyMap<number, number> | null {
  if (a.element !== 'int64' || b.element !== 'int64' || a.data.length !== b.data.length) return null;
  const places = [...a.data.keys()].filter((i) => a.data[i] !== b.data[i]);
  const times = places.map((i) => Number(a.data[i]));
  return times.every((t, k) => Number(b.data[places[k] as number]) === 2 * t) ? new Map(places.map((p, k) => [p, times[k] as number])) : null;
}

/**
 * The same net lowered for a batch of one and of two: where a constant differs, it held the batch. A Reshape gets −1 there, any
 * other the size of the input at run time; `input` is the graph input whose first axis is the batch. Throws onnx.batch-held
 * where a batch is held by anything but the numbers of a shape: the file would answer for a batch of one only.
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
  const node = (name: string, op: string, inputs: readonly string[], length: number, attributes: Node['attributes'] = {}): string => {
    types.set(name, { element: 'int64', shape: [length] });
    nodes.push({ name, op, domain: '', inputs, outputs: [name], attributes });
    return name;
  };
  /** So many times the batch, at run time. */
  const size = (times: number): string => {
    const batch = types.has(SIZE) ? SIZE : node(SIZE, 'Shape', [input], 1, { start: int(0), end: int(1) });
    const name = `${SIZE} × ${times}`;
    return times === 1 ? batch : types.has(name) ? name : node(name, 'Mul', [batch, constant(`${SIZE} ${times}`, [times])], 1);
  };
  /** The numbers of a shape, some of them computed. */
  const assembled = (name: string, values: readonly number[], places: ReadonlyMap<number, number>): string => {
    const parts: string[] = [];
    let from = 0;
    for (const [place, times] of [...places, [values.length, 0] as const]) {
      if (place > from) parts.push(constant(`${name} ${from}`, values.slice(from, place)));
      if (place < values.length) parts.push(size(times));
      from = place + 1;
    }
    return node(name, 'Concat', parts, values.length, { axis: int(0) });
  };
  for (const [i, made] of one.nodes.entries()) {
    const other = two.nodes[i] as Node;
    const inputs = made.inputs.map((name, k) => {
      const [a, b] = [one.initializers.get(name), two.initializers.get(other.inputs[k] ?? '')];
      if (!a || !b) return name;
      const places = changes(a, b);
      const refused = places === null && (a.element === 'int64' ? String(a.data) !== String(b.data) || String(a.shape) !== String(b.shape) : String(a.shape) !== String(b.shape));
      if (refused || (places && places.size > 0 && a.shape.length !== 1)) throw problem('onnx.batch-held', { label: made.name }, { op: made.op });
      if (!places || places.size === 0) return name;
      const values = Array.from(a.data as BigInt64Array, Number);
      const free = `${made.name}/any batch${k === 1 ? '' : ` ${k}`}`;
      return made.op === 'Reshape' && places.size === 1 && !values.includes(-1) ? constant(free, values.map((v, p) => (places.has(p) ? -1 : v))) : assembled(free, values, places);
    });
    nodes.push(inputs.some((name, k) => name !== made.inputs[k]) ? { ...made, inputs } : made);
  }
  return { ...one, nodes, initializers, types };
}
