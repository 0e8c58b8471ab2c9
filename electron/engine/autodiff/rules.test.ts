/** Every gradient rule against central differences, one line a case; and a proof that the harness catches a wrong rule. */
import { describe, expect, it } from 'vitest';
import { unsupported } from './capabilities.ts';
import { gradientCases, operatorOf } from './cases/cases.harness.ts';
import { op } from './cases/helpers.harness.ts';
import { gradientError, gradientGraph, TOLERANCE, type GradientCase } from './gradient.harness.ts';
import type { Rule } from './rule.ts';
import { rules } from './rules/table.ts';

/** The same case with another rule in the table. */
async function errorWith(name: string, wrong: (right: Rule) => Rule, test: GradientCase): Promise<number> {
  const table = rules as Record<string, Rule>;
  const right = table[name] as Rule;
  table[name] = wrong(right);
  try {
    return await gradientError(test);
  } finally {
    table[name] = right;
  }
}

const scaled = (factor: number) => (right: Rule): Rule => (c) => right(c).map((dx) => dx && c.b.mul(dx, c.b.scalar(factor)));

describe('gradient rules against central differences', () => {
  it.each(gradientCases)('$name', async (test) => {
    expect(await gradientError(test)).toBeLessThan(TOLERANCE);
  });

  it('has a case for every rule, and no two of one name', () => {
    const covered = new Set(gradientCases.map(operatorOf));
    const names = gradientCases.map((c) => c.name);
    expect({ bare: Object.keys(rules).filter((r) => !covered.has(r)), twice: names.filter((n, i) => names.indexOf(n) !== i) }).toEqual({ bare: [], twice: [] });
  });

  it('catches a wrong rule', async () => {
    expect(await errorWith('Tanh', () => (c) => [c.b.mul(c.dy, c.y(0))], { name: 'wrong', shapes: [[8]], build: op('Tanh') })).toBeGreaterThan(0.1);
  });

  it.each([1.01, 0.99])('catches a rule wrong by a factor of %s', async (factor) => {
    for (const name of ['Exp', 'Softmax along 1', 'Conv', 'MatMul', 'ReduceL2']) {
      const test = gradientCases.find((c) => c.name === name) as GradientCase;
      expect(await errorWith(operatorOf(test), scaled(factor), test)).toBeGreaterThan(TOLERANCE);
    }
  });

  it('catches one wrong input among right ones', async () => {
    const test = gradientCases.find((c) => c.name === 'LayerNormalization') as GradientCase;
    const wrongBias = (right: Rule): Rule => (c) => right(c).map((dx, i) => (dx && i === 2 ? c.b.mul(dx, c.b.scalar(1.01)) : dx));
    expect(await errorWith('LayerNormalization', wrongBias, test)).toBeGreaterThan(TOLERANCE);
  });

  it('writes for WebGPU nothing that it lacks', () => {
    const graphs = gradientCases.filter((c) => c.device !== 'cpu').map((c) => ({ name: c.name, lacks: unsupported(gradientGraph({ ...c, device: 'webgpu' }, (shape) => new Float32Array(shape.reduce((n, d) => n * d, 1))), 'webgpu') }));
    expect(graphs.filter((g) => g.lacks.length > 0)).toEqual([]);
  });
});

// A WebGPU adapter, maybe software: tiny shapes only. The test command sets the variable where it finds one.
describe.runIf(process.env.NETLOOM_TEST_WEBGPU)('on WebGPU', () => {
  // The first case of each rule, and all that have a form of their own.
  const first = new Map([...gradientCases].reverse().filter((c) => c.device === undefined).map((c) => [operatorOf(c), c]));
  it.each(gradientCases.filter((c) => c.device === 'webgpu' || first.get(operatorOf(c)) === c))('$name', async (test) => {
    expect(await gradientError({ ...test, device: 'webgpu' }, 'webgpu')).toBeLessThan(2e-2);
  });
});
