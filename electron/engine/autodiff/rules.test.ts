/** Every gradient rule against central differences, one line a case; and a proof that the harness catches a wrong rule. */
import { describe, expect, it } from 'vitest';
import { op } from './cases/helpers.harness.ts';
import { elementwiseCases, matrixCases, normaliseCases, reduceCases } from './cases/numbers.harness.ts';
import { indexCases, resizeCases, shapeCases, windowCases } from './cases/places.harness.ts';
import { gradientError, type GradientCase } from './gradient.harness.ts';
import { rules } from './rules/table.ts';

const cases: readonly GradientCase[] = [...elementwiseCases, ...reduceCases, ...matrixCases, ...normaliseCases, ...shapeCases, ...indexCases, ...windowCases, ...resizeCases];

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

  it('names the node whose operator has no rule', async () => {
    await expect(gradientError({ name: 'none', shapes: [[4]], build: op('ReduceProd') })).rejects.toThrow(/got ReduceProd \(node ReduceProd\)/);
  });
});

// A WebGPU adapter, maybe software: tiny shapes only. The test command sets the variable where it finds one.
describe.runIf(process.env.NETLOOM_TEST_WEBGPU)('on WebGPU', () => {
  const few = cases.filter((c) => c.device === 'webgpu' || ['Softmax last', 'Gemm', 'BatchNormalization of a vector', 'AveragePool padded'].includes(c.name));
  it.each(few)('$name', async (test) => {
    expect(await gradientError({ ...test, device: 'webgpu' }, 'webgpu')).toBeLessThan(2e-2);
  });
});
