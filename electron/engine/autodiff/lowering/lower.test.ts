/** The blocked lowering against central differences and against the plain lowering; runs where the CPU has blocked kernels. */
import * as ort from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { GraphBuilder, type Value } from '../../../../shared/onnx/builder.ts';
import { float, int, ints, type Attribute, type Graph } from '../../../../shared/onnx/ir.ts';
import { createRandom } from '../../../../shared/util/random.ts';
import { encodeModel } from '../../onnx-io/model.ts';
import { cpuBlock } from '../../runtime/blocks.ts';
import { differentiate } from '../backward.ts';
import { gradientError, type GradientCase } from '../gradient.harness.ts';
import { lowerGraph } from './lower.ts';

type Build = (b: GraphBuilder, x: Value[]) => Value;
const block = (await cpuBlock()) ?? 0;
const B = block;
const conv = (a: Record<string, Attribute> = {}): Build => (b, x) => b.op('Conv', x, a);
/** The 1×1 makes the value known in blocks, as it is inside a net. */
const after = (build: Build): Build => (b, [x, w, ...rest]) => build(b, [b.op('Conv', [x as Value, w as Value]), ...rest]);
const unit: readonly number[] = [B, B, 1, 1];
const pads = (p: number) => ({ pads: ints([p, p, p, p]) });
const small = (n: number) => n / 4;
const batchNorm: Build = (b, [x, scale, bias]) => {
  const filled = (v: number) => b.constant({ element: 'float32', shape: [B], data: new Float32Array(B).fill(v) });
  return b.ops('BatchNormalization', [x as Value, scale as Value, bias as Value, filled(0), filled(1)], { attributes: { training_mode: int(1), momentum: float(0), epsilon: float(0.1) }, outputs: 3 })[0] as Value;
};

const cases: Omit<GradientCase, 'block'>[] = [
  { name: 'Conv 3×3', shapes: [[1, B, 4, 4], [B, B, 3, 3], [B]], build: conv(pads(1)) },
  { name: 'Conv of few channels', shapes: [[1, 3, 4, 4], [B, 3, 3, 3]], build: conv(pads(1)) },
  { name: 'Conv to channels between blocks', shapes: [[1, B, 4, 4], [B + 4, B, 1, 1], [B + 4]], build: conv() },
  { name: 'Conv of channels between blocks', shapes: [[1, B, 4, 4], [6, B, 1, 1], [B, 6, 3, 3]], build: (b, [x, v, w]) => b.op('Conv', [b.op('Conv', [x as Value, v as Value]), w as Value]) },
  { name: 'Conv of odd channels with a following one', shapes: [[1, B + 5, 4, 4], [B, B + 5, 3, 3]], build: conv(pads(1)) },
  { name: 'Conv stride 2, 3×3', shapes: [[4, B, 4, 4], [B, B, 3, 3]], build: conv({ ...pads(1), strides: ints([2, 2]) }) },
  { name: 'Conv stride 2, 1×1', shapes: [[4, B, 4, 4], [B, B, 1, 1]], build: conv({ strides: ints([2, 2]) }) },
  { name: 'Conv stride 2 of an odd size', shapes: [[4, B, 5, 5], [B, B, 3, 3]], build: conv({ ...pads(1), strides: ints([2, 2]) }) },
  { name: 'Conv dilated, unevenly padded', shapes: [[4, B, 5, 4], [B, B, 2, 3]], build: conv({ dilations: ints([2, 1]), pads: ints([1, 0, 2, 1]) }) },
  { name: 'Conv whose places fill no block', shapes: [[1, B, 3, 3], [B, B, 2, 2]], build: conv() },
  { name: 'Conv depthwise', shapes: [[2, B, 4, 4], [B, 1, 3, 3]], build: conv({ ...pads(1), group: int(B) }) },
  { name: 'Conv depthwise, stride 2', shapes: [[2, B, 4, 4], [B, 1, 3, 3]], build: conv({ ...pads(1), group: int(B), strides: ints([2, 2]) }) },
  { name: 'Conv grouped', shapes: [[1, B, 4, 4], [B, B / 2, 3, 3]], build: conv({ group: int(2) }) },
  { name: 'Relu', shapes: [[1, B, 3, 3], unit], build: after((b, [x]) => b.op('Relu', [x as Value])) },
  { name: 'BatchNormalization, training', shapes: [[2, B, 3, 3], unit, [B], [B]], sample: small, build: after(batchNorm) },
  { name: 'BatchNormalization between blocks, training', shapes: [[2, 3, 4, B / 4], [3], [3]], sample: small, build: (b, [x, s, c]) => { const filled = (v: number) => b.constant({ element: 'float32', shape: [3], data: new Float32Array(3).fill(v) }); return b.ops('BatchNormalization', [x as Value, s as Value, c as Value, filled(0), filled(1)], { attributes: { training_mode: int(1), momentum: float(0), epsilon: float(0.1) }, outputs: 3 })[0] as Value; } },
  { name: 'MaxPool 2×2', shapes: [[1, B, 4, 6], unit], build: after((b, [x]) => b.op('MaxPool', [x as Value], { kernel_shape: ints([2, 2]), strides: ints([2, 2]) })) },
  { name: 'AveragePool 2×2', shapes: [[1, B, 4, 4], unit], build: after((b, [x]) => b.op('AveragePool', [x as Value], { kernel_shape: ints([2, 2]), strides: ints([2, 2]) })) },
  { name: 'GlobalAveragePool', shapes: [[2, B, 3, 3], unit], build: after((b, [x]) => b.op('GlobalAveragePool', [x as Value])) },
  { name: 'Concat', shapes: [[1, B, 3, 3], unit, [1, B, 3, 3]], build: after((b, [x, z]) => b.op('Concat', [x as Value, z as Value], { axis: int(1) })) },
  { name: 'Mul by a map of single numbers', shapes: [[1, B, 3, 3], unit, [1, B, 1, 1]], build: after((b, [x, z]) => b.mul(x as Value, z as Value)) },
];
/** Kinks lie within the step of differences; these are held against the plain lowering, which has its own proof. */
const kinked: Omit<GradientCase, 'block'>[] = [
  { name: 'MaxPool overlapping', shapes: [[1, B, 5, 5], unit], build: after((b, [x]) => b.op('MaxPool', [x as Value], { kernel_shape: ints([3, 3]), strides: ints([2, 2]), pads: ints([1, 1, 1, 1]) })) },
  { name: 'BatchNormalization, Add and Relu', shapes: [[2, B, 2, 2], unit, [B], [B]], sample: small, build: after((b, [x, s, c]) => b.op('Relu', [b.add(x as Value, batchNorm(b, [x as Value, s as Value, c as Value]))])) },
  { name: 'Add and Relu', shapes: [[1, B, 3, 3], unit, [1, B, 3, 3]], build: after((b, [x, z]) => b.op('Relu', [b.add(x as Value, z as Value)])) },
];

type Outputs = ort.InferenceSession.ReturnType;

/** Gradients of the sum of squares of what `build` makes, lowered plainly and to blocks. */
async function bothWays(shapes: readonly (readonly number[])[], build: Build): Promise<{ plain: Outputs; blocked: Outputs; graphs: readonly [Graph, Graph] }> {
  const random = createRandom(3);
  const b = new GraphBuilder();
  const inputs = shapes.map((shape, i) => b.input(`x${i}`, { element: 'float32', shape }));
  const y = build(b, inputs);
  const loss = b.sum(b.mul(y, y), undefined, false);
  const gradients = differentiate(b, [...b.build('g').nodes], loss, inputs.map((v) => v.name), 'cpu');
  for (const [name, g] of gradients) b.output(`d:${name}`, g);
  const feeds = Object.fromEntries(inputs.map(({ name, type }) => [name, new ort.Tensor('float32', Float32Array.from({ length: type.shape.reduce((p, d) => p * d, 1) }, () => random.normal()), [...type.shape])]));
  const graphs = [null, block].map((k) => lowerGraph(b.build('g'), { device: 'cpu', block: k })) as [Graph, Graph];
  const [plain, blocked] = await Promise.all(graphs.map(async (g) => (await ort.InferenceSession.create(encodeModel(g), { logSeverityLevel: 3 })).run(feeds))) as [Outputs, Outputs];
  return { plain, blocked, graphs };
}

/** Of all outputs, relative to each one's largest number. */
function largestDifference(a: Outputs, b: Outputs): number {
  return Math.max(...Object.keys(a).map((name) => {
    const [p, q] = [a[name]?.data as Float32Array, b[name]?.data as Float32Array];
    return Math.max(...p.map((u, i) => Math.abs(u - (q[i] as number)))) / Math.max(...p.map(Math.abs));
  }));
}

describe.runIf(block > 0)('lowered to blocked kernels', () => {
  it.each(cases)('$name', async (test) => {
    expect(await gradientError({ ...test, block })).toBeLessThan(1e-2);
  });

  it.each(kinked)('$name, as the plain lowering', async (test) => {
    const { plain, blocked } = await bothWays(test.shapes, test.build);
    expect(largestDifference(plain, blocked)).toBeLessThan(1e-4);
  });

  it('has kernels of its own for a residual net, and the same numbers as without them', async () => {
    const { plain, blocked, graphs } = await bothWays([[4, B, 8, 8], [B, B, 3, 3], [B, B, 3, 3], [B], [B]], (b, [x, w, v, s, c]) => {
      const h = b.op('Relu', [b.op('Conv', [x as Value, w as Value], pads(1))]);
      const r = b.op('Relu', [b.add(batchNorm(b, [b.op('Conv', [h, v as Value], pads(1)), s as Value, c as Value]), h)]);
      const pooled = b.op('MaxPool', [r], { kernel_shape: ints([2, 2]), strides: ints([2, 2]) });
      return b.mul(pooled, pooled);
    });
    expect(graphs.map((g) => g.nodes.some((n) => n.domain === 'com.microsoft.nchwc'))).toEqual([false, true]);
    // Joined on the way: no Relu of its own is left.
    expect(graphs[1].nodes.filter((n) => n.op === 'Relu')).toEqual([]);
    expect(largestDifference(plain, blocked)).toBeLessThan(1e-4);
  });

  it('gives equal maxima to the first', async () => {
    const b = new GraphBuilder();
    const x = b.input('x', { element: 'float32', shape: [1, B, 2, 2] });
    const h = b.op('Conv', [x, b.constant({ element: 'float32', shape: [B, B, 1, 1], data: new Float32Array(B * B) })]);
    const y = b.op('MaxPool', [h], { kernel_shape: ints([2, 2]), strides: ints([2, 2]) });
    const loss = b.sum(y, undefined, false);
    const d = differentiate(b, [...b.build('g').nodes], loss, [h.name], 'cpu').get(h.name) as Value;
    b.output('d', d);
    const session = await ort.InferenceSession.create(encodeModel(lowerGraph(b.build('g'), { device: 'cpu', block })), { logSeverityLevel: 3 });
    const out = await session.run({ x: new ort.Tensor('float32', new Float32Array(B * 4), [1, B, 2, 2]) });
    expect(Array.from(out.d?.data as Float32Array)).toEqual(Array.from({ length: B * 4 }, (_, i) => (i % 4 === 0 ? 1 : 0)));
  });
});
