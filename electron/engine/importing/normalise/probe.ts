/** Asks ONNX Runtime what the table of operators cannot tell: types of outputs, and what constants come to. */
import type { Graph, Node, Tensor, TensorType } from '../../../../shared/onnx/ir.ts';
import { zeros } from '../../../../shared/onnx/fold/numbers.ts';
import { inferTypes } from '../../../../shared/onnx/ops/infer.ts';
import { SignatureError } from '../../../../shared/onnx/ops/signature.ts';
import { signatureOf } from '../../../../shared/onnx/ops/table.ts';
import { createRandom } from '../../../../shared/util/random.ts';
import { halfBits } from '../../../../shared/util/half.ts';
import { encodeModel } from '../../onnx-io/model.ts';
import { ForeignSession } from '../../runtime/foreign.ts';
import { laneOf, type Known } from './state.ts';

/** Constants up to this many numbers are written into the model, where the runtime can see them as it infers types. */
const SMALL = 1024;
/** No trial goes beyond this many numbers in one input. */
const LARGEST = 2 ** 28;

const UNKNOWN: TensorType = { element: 'float32', shape: [] };

export interface ProbeInput { readonly type: TensorType; readonly value: Tensor | null }

/** Inputs between 0 and 1, truths in turn; whole numbers are indices that fit everywhere, or sizes that do. */
function trialTensor(type: TensorType, whole: 0 | 1): Tensor | null {
  const count = type.shape.reduce((a, b) => a * b, 1);
  const data = count > LARGEST ? null : zeros(type.element, count);
  if (data === null) return null;
  const random = createRandom(17);
  for (let i = 0; i < count; i++) {
    if (data instanceof Float32Array || data instanceof Float64Array) data[i] = random.next();
    else if (type.element === 'float16') data[i] = halfBits(random.next());
    else if (data instanceof BigInt64Array || data instanceof BigUint64Array) data[i] = BigInt(whole);
    else data[i] = type.element === 'bool' ? i % 2 : whole;
  }
  return { ...type, data };
}

/** A model of some nodes: `given` are what they read from outside, the large ones fed. */
function modelOf(nodes: readonly Node[], given: ReadonlyMap<string, ProbeInput>, outputs: readonly string[], opsets: Readonly<Record<string, number>>): Uint8Array {
  const held = [...given].filter(([, g]) => g.value !== null && g.value.data.length <= SMALL);
  const graph: Omit<Graph, 'outputs'> = {
    name: 'probe', nodes, types: new Map(), initializers: new Map(held.map(([name, g]) => [name, g.value as Tensor])),
    inputs: [...given].filter(([name]) => !held.some(([h]) => h === name)).map(([name, g]) => ({ name, type: g.type })),
  };
  return encodeModel({ ...graph, outputs: outputs.map((name) => ({ name, type: UNKNOWN })) }, { opsets, untyped: true });
}

/** What the nodes answer for these inputs, trial numbers where one has none. Throws engine.load and engine.run. */
export async function computeNodes(nodes: readonly Node[], given: ReadonlyMap<string, ProbeInput>, outputs: readonly string[], opsets: Readonly<Record<string, number>>): Promise<Map<string, Tensor>> {
  const session = await ForeignSession.open(modelOf(nodes, given, outputs, opsets), { plain: true });
  try {
    const feeds = (whole: 0 | 1) => new Map(session.inputs.flatMap(({ name }) => {
      const g = given.get(name);
      const value = g && (g.value ?? trialTensor(g.type, whole));
      return value ? [[name, value] as const] : [];
    }));
    return await session.run(feeds(0)).catch(() => session.run(feeds(1)));
  } finally {
    await session.dispose();
  }
}

/** The types that the table of operators tells at a lane; null where it cannot. Throws SignatureError where no runtime could take the node. */
export function tableTypes(node: Node, inputs: readonly (Known | null)[], lane: number): readonly TensorType[] | null {
  if (!signatureOf(node)) return null;
  try {
    return inferTypes(node, inputs.map((x) => (x ? laneOf(x, lane).type : null)), (i) => (inputs[i] ? (laneOf(inputs[i], lane).constant ?? undefined) : undefined), node.outputs.length);
  } catch (cause) {
    // A runtime may take more types than the row, and compute what would have to be constant; what does not fit it may not even survive.
    if (cause instanceof SignatureError && cause.about === 'fit') throw cause;
    return null;
  }
}

/** The types that the runtime infers for a node's outputs at a lane; null for one that it cannot tell. Throws engine.load. */
export async function inferByRuntime(node: Node, inputs: readonly (Known | null)[], lane: number, opsets: Readonly<Record<string, number>>): Promise<readonly (TensorType | null)[]> {
  const given = new Map(inputs.flatMap((x) => (x ? [[x.name, { type: laneOf(x, lane).type, value: laneOf(x, lane).constant }] as const] : [])));
  const wanted = node.outputs.filter((y) => y !== '');
  const session = await ForeignSession.open(modelOf([{ ...node, inputs: inputs.map((x) => x?.name ?? '') }], given, wanted, opsets), { plain: true });
  try {
    const byName = new Map(session.outputs.map((v) => [v.name, v]));
    return node.outputs.map((y) => {
      const v = byName.get(y);
      if (!v?.element || v.shape.some((d) => d === null)) return null;
      return { element: v.element, shape: v.shape as readonly number[] };
    });
  } finally {
    await session.dispose();
  }
}
