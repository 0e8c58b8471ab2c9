/** Every gradient rule against central differences, one line a case; and a proof that the harness catches a wrong rule. */
import * as ort from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { GraphBuilder, type Value } from '../../../shared/onnx/builder.ts';
import { int, ints } from '../../../shared/onnx/ir.ts';
import { encodeModel } from '../onnx-io/model.ts';
import { differentiate } from './backward.ts';
import { op } from './cases/helpers.harness.ts';
import { elementwiseCases, matrixCases, normaliseCases, reduceCases } from './cases/numbers.harness.ts';
import { indexCases, resizeCases, shapeCases, windowCases } from './cases/places.harness.ts';
import { gradientError, type GradientCase } from './gradient.harness.ts';
import { lowerGraph } from './lowering/lower.ts';
import type { DeviceKind } from './rule.ts';
import { rules } from './rules/table.ts';

const cases: readonly GradientCase[] = [...elementwiseCases, ...reduceCases, ...matrixCases, ...normaliseCases, ...shapeCases, ...indexCases, ...windowCases, ...resizeCases];

/** d Σ build(x) / dx at `data`. */
async function gradientsAt(test: { shape: number[]; data: Float32Array; device: DeviceKind; build: (b: GraphBuilder, x: Value) => Value }): Promise<number[]> {
  const b = new GraphBuilder();
  const x = b.input('x', { element: 'float32', shape: test.shape });
  const loss = b.sum(test.build(b, x), undefined, false);
  const gradient = differentiate(b, [...b.build('g').nodes], loss, ['x'], test.device).get('x') as Value;
  b.output('d', gradient);
  const session = await ort.InferenceSession.create(encodeModel(lowerGraph(b.build('g'), { device: test.device, block: null })), { logSeverityLevel: 3 });
  const { d } = await session.run({ x: new ort.Tensor('float32', test.data, test.shape) });
  return Array.from(d?.data as Float32Array);
}

describe('gradient rules against central differences', () => {
  it.each(cases)('$name', async (test) => {
    expect(await gradientError(test)).toBeLessThan(1e-2);
  });

  it('has a case for every rule', () => {
    const covered = (rule: string) => cases.some((c) => c.name === rule || c.name.startsWith(`${rule} `) || c.name.startsWith(`${rule},`));
    expect(Object.keys(rules).filter((r) => !covered(r))).toEqual([]);
  });

  it('catches a wrong rule', async () => {
    const table = rules as Record<string, (typeof rules)[string]>;
    const right = table.Tanh as (typeof rules)[string];
    table.Tanh = (c) => [c.b.mul(c.dy, c.y(0))];
    try {
      expect(await gradientError({ name: 'wrong', shapes: [[8]], build: op('Tanh') })).toBeGreaterThan(0.1);
    } finally {
      table.Tanh = right;
    }
  });

  it('catches a wrong factor of a twentieth', async () => {
    const table = rules as Record<string, (typeof rules)[string]>;
    const right = table.Exp as (typeof rules)[string];
    table.Exp = (c) => [c.b.mul(c.b.mul(c.dy, c.y(0)), c.b.scalar(1.05))];
    try {
      expect(await gradientError({ name: 'wrong', shapes: [[8]], build: op('Exp') })).toBeGreaterThan(1e-2);
    } finally {
      table.Exp = right;
    }
  });

  it('trains past an operator without a rule, and says what stands still above it', () => {
    const b = new GraphBuilder();
    const [x, v, w] = ['x', 'v', 'w'].map((name) => b.input(name, { element: 'float32', shape: [4] })) as [Value, Value, Value];
    const stuck = b.op('ReduceProd', [b.mul(x, v)], { keepdims: int(1) });
    const loss = b.sum(b.mul(stuck, w), undefined, false);
    const told: string[] = [];
    const gradients = differentiate(b, [...b.build('g').nodes], loss, ['v', 'w'], 'cpu', (d) => told.push(d.place.label));
    expect({ trained: [...gradients.keys()], told }).toEqual({ trained: ['w'], told: ['ReduceProd'] });
  });

  it.each(['cpu', 'webgpu'] as const)('gives equal maxima to the first (%s form)', async (device) => {
    const tied = (build: (b: GraphBuilder, x: Value) => Value, shape: number[]) => gradientsAt({ shape, data: new Float32Array(shape.reduce((p, d) => p * d, 1)).fill(2), device, build });
    const pool = { kernel_shape: ints([2, 2]), strides: ints([2, 2]) };
    expect(await tied((b, x) => b.op('MaxPool', [x], pool), [1, 1, 2, 4])).toEqual([1, 0, 1, 0, 0, 0, 0, 0]);
    expect(await tied((b, x) => b.op('GlobalMaxPool', [x]), [1, 1, 2, 2])).toEqual([1, 0, 0, 0]);
    expect(await tied((b, x) => b.op('Max', [x, b.scalar(2)]), [2])).toEqual([1, 1]);
    expect(await tied((b, x) => b.op('Max', [b.scalar(2), x]), [2])).toEqual([0, 0]);
  });

  it('names the node whose operator has no rule', async () => {
    await expect(gradientError({ name: 'none', shapes: [[4]], build: op('ReduceProd') })).rejects.toThrow(/got ReduceProd \(node ReduceProd\)/);
  });
});

// A WebGPU adapter, maybe software: tiny shapes only. The test command sets the variable where it finds one.
describe.runIf(process.env.NETLOOM_TEST_WEBGPU)('on WebGPU', () => {
  // The first case of each rule, and all that have a form of their own.
  const ruleOf = (c: GradientCase) => c.name.split(/[ ,]/, 1)[0];
  const few = cases.filter((c, i) => c.device === 'webgpu' || (c.device === undefined && cases.findIndex((d) => ruleOf(d) === ruleOf(c)) === i));
  it.each(few)('$name', async (test) => {
    expect(await gradientError({ ...test, device: 'webgpu' }, 'webgpu')).toBeLessThan(2e-2);
  });
});
