/** What an export rewrites answers as before, in ONNX Runtime: folded normalisation, and opset 17. */
import * as ort from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { GraphBuilder, type Value } from '../../../shared/onnx/builder.ts';
import { float, int, ints, string, type Attribute, type ElementType, type Graph, type Tensor } from '../../../shared/onnx/ir.ts';
import { eliminateDeadNodes } from '../../../shared/onnx/passes/eliminate-dead-nodes.ts';
import { foldBatchNorm } from '../../../shared/onnx/passes/fold-batch-norm.ts';
import { toOpset17 } from '../../../shared/onnx/passes/to-opset-17.ts';
import { verify } from '../../../shared/onnx/verify.ts';
import { createRandom } from '../../../shared/util/random.ts';
import { operatorCases, type Arg, type Case } from '../runtime/operator-cases.harness.ts';
import { encodeModel } from './model.ts';

const random = createRandom(11);
const numbers = (...shape: number[]): Tensor => ({ element: 'float32', shape, data: Float32Array.from({ length: shape.reduce((a, d) => a * d, 1) }, () => random.next() - 0.3) });

/** Every output, float64, in order. */
async function answers(graph: Graph, fed: Readonly<Record<string, Tensor>>, opset: number): Promise<Float64Array[]> {
  const session = await ort.InferenceSession.create(encodeModel(graph, { opsets: { '': opset }, irVersion: 8 }), { logSeverityLevel: 4, graphOptimizationLevel: 'disabled' });
  const out = await session.run(Object.fromEntries(Object.entries(fed).map(([name, t]) => [name, new ort.Tensor(t.element as 'float32', t.data as Float32Array, [...t.shape])])));
  await session.release();
  return graph.outputs.map((v) => Float64Array.from(out[v.name]?.data as Float32Array, Number));
}

describe('folded normalisation', () => {
  type Make = (b: GraphBuilder, x: Value, c: (t: Tensor) => Value) => Value;
  const conv: Make = (b, x, c) => b.op('Conv', [x, c(numbers(6, 2, 3, 3)), c(numbers(6))], { group: int(2), pads: ints([1, 1, 1, 1]) });
  const layers: readonly (readonly [name: string, input: readonly number[], channels: number, make: Make])[] = [
    ['a convolution in groups with a bias', [2, 4, 5, 5], 6, conv],
    ['a convolution of sequences without one', [2, 3, 9], 5, (b, x, c) => b.op('Conv', [x, c(numbers(5, 3, 3))])],
    ['a transposed convolution in groups', [2, 4, 3, 3], 6, (b, x, c) => b.op('ConvTranspose', [x, c(numbers(4, 3, 2, 2))], { group: int(2), strides: ints([2, 2]) })],
    ['a product', [3, 4], 5, (b, x, c) => b.op('Gemm', [x, c(numbers(4, 5)), c(numbers(5))], { alpha: float(0.5) })],
    ['a product with turned weights', [3, 4], 5, (b, x, c) => b.op('Gemm', [x, c(numbers(5, 4)), c(numbers(1))], { transB: int(1) })],
  ];
  /** The layer, normalised twice: the second joins the same layer. */
  function draw(input: readonly number[], channels: number, make: Make, aside: boolean): Graph {
    const b = new GraphBuilder();
    const c = (t: Tensor): Value => b.constant(t, 'weight');
    const y = make(b, b.input('x', { element: 'float32', shape: input }), c);
    const normal = (v: Value): Value => b.op('BatchNormalization', [v, c(numbers(channels)), c(numbers(channels)), c(numbers(channels)), c({ ...numbers(channels), data: Float32Array.from(numbers(channels).data as Float32Array, Math.abs) })], { epsilon: float(1e-3) });
    b.output('y', normal(normal(y)));
    if (aside) b.output('aside', y);
    return b.build('g');
  }

  it.each(layers)('of %s', async (_name, input, channels, make) => {
    const graph = draw(input, channels, make, false);
    const folded = eliminateDeadNodes(foldBatchNorm(graph).graph).graph;
    expect([folded.nodes.filter((n) => n.op !== 'Identity').length, verify(folded)]).toEqual([1, []]);
    const x = numbers(...input);
    const [before, after] = [await answers(graph, { x }, 18), await answers(folded, { x }, 18)];
    const top = Math.max(...(before[0] as Float64Array).map(Math.abs));
    before[0]?.forEach((v, i) => expect(Math.abs(v - (after[0]?.[i] as number))).toBeLessThan(1e-6 * (1 + top)));
  });

  it('leaves a layer that another reads', () => {
    const graph = draw([2, 4, 5, 5], 6, conv, true);
    const { graph: folded } = foldBatchNorm(graph);
    // The first stays, and so does the second, which reads no convolution.
    expect(folded.nodes.filter((n) => n.op === 'BatchNormalization').length).toBe(2);
  });
});

/** Forms that the harness does not have. */
const more: readonly Case[] = [
  ['Pad', [numbersArg(2, 3, 4), ints64(1, 0, 2, 1), null, ints64(0, -1)]],
  ['Resize', [numbersArg(1, 1, 4, 6), null, null, ints64(7, 3)], { axes: ints([-2, 3]) }],
  ['Split', [numbersArg(6, 2)], { num_outputs: int(3) }, { outputs: 3 }],
  ['ReduceMax', [numbersArg(2, 3), ints64()], { noop_with_empty_axes: int(1) }],
  ['GroupNormalization', [numbersArg(2, 6, 3, 2), numbersArg(3), numbersArg(3)], { num_groups: int(3), epsilon: float(0.1) }],
  ['LpPool', [numbersArg(1, 1, 9)], { kernel_shape: ints([3]), dilations: ints([1]) }],
];
function numbersArg(...shape: number[]): Arg {
  return { fed: true, tensor: numbers(...shape) };
}
function ints64(...values: number[]): Arg {
  return { fed: false, tensor: { element: 'int64', shape: [values.length], data: BigInt64Array.from(values, BigInt) } };
}

function drawCase([op, args, attributes = {}, extra = {}]: Case): { graph: Graph; fed: Record<string, Tensor> } {
  const b = new GraphBuilder();
  const fed: Record<string, Tensor> = {};
  const inputs = args.map((a, i): Value | null => {
    if (!a) return null;
    if (!a.fed) return b.constant(a.tensor, `c${i}`);
    fed[`x${i}`] = a.tensor;
    return b.input(`x${i}`, { element: a.tensor.element, shape: a.tensor.shape });
  });
  for (const y of b.ops(op, inputs, { attributes, ...(extra.outputs ? { outputs: extra.outputs } : {}) })) b.output(y.name, y);
  return { graph: b.build('g'), fed };
}

describe('opset 17', () => {
  const cases = [...operatorCases, ...more].filter(([, , , extra]) => !extra?.domain && !extra?.opset);
  const named = cases.map((c, i) => [`${c[0]} ${i}`, c] as const);
  it.each(named)('%s', async (_name, c) => {
    const { graph, fed } = drawCase(c);
    const older = toOpset17(graph);
    const [before, after] = [await answers(graph, fed, 18), await answers(older, fed, 17)];
    expect(after.length).toBe(before.length);
    before.forEach((values, k) => values.forEach((v, i) => (Number.isNaN(v) ? expect(after[k]?.[i]).toBeNaN() : expect(after[k]?.[i]).toBeCloseTo(v, 5))));
  });

  it.each<[op: string, shapes: number[][], attributes: Record<string, Attribute>]>([
    ['Resize', [[1, 1, 4, 4]], { antialias: int(1), mode: string('linear') }],
    ['ScatterElements', [[3], [3], [3]], { reduction: string('max') }],
    ['LpPool', [[1, 1, 9]], { kernel_shape: ints([3]), dilations: ints([2]) }],
    ['Col2Im', [[1, 4, 4]], {}],
    ['ReduceMax', [[2, 3], [1]], {}],
  ])('%s in a form that it cannot say is refused', (op, shapes, attributes) => {
    const types = new Map(shapes.map((shape, i) => [`x${i}`, { element: 'float32' as ElementType, shape }]));
    const node = { name: 'n', op, domain: '', inputs: [...types.keys()], outputs: ['y'], attributes };
    const graph: Graph = { name: 'g', inputs: [...types].map(([name, type]) => ({ name, type })), outputs: [{ name: 'y', type: { element: 'float32', shape: [1] } }], initializers: new Map(), nodes: [node], types };
    expect(() => toOpset17(graph)).toThrow(`expected operators of opset 17, got ${op} (node n), which it cannot say. Export with opset 18.`);
  });
});
