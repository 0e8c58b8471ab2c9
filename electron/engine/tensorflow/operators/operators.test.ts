/** Every row against ONNX Runtime, and its gradient against ours, channels first and channels last. */
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Value } from '../../../../shared/onnx/builder.ts';
import { float, int } from '../../../../shared/onnx/ir.ts';
import { gradientCases } from '../../autodiff/cases/cases.harness.ts';
import { specialPoints } from '../../autodiff/cases/special.harness.ts';
import type { GradientCase } from '../../autodiff/gradient.harness.ts';
import { byRuntime, byTensorflow, distance, forwardGraph } from './parity.harness.ts';
import { operatorTable } from './table.ts';

const known = (test: GradientCase): boolean => forwardGraph(test).nodes.every((n) => n.op in operatorTable && n.domain === '');
const points = specialPoints.map(([name, build, data, shape, expected]) => ({ name, build, data, expected, shapes: [shape] }));

/** With the batch's own statistics. */
const trained = (how: string, x: readonly number[], sample?: GradientCase['sample']): GradientCase => ({
  name: `BatchNormalization in training${how}`, shapes: [x, [x[1] as number], [x[1] as number]], ...(sample ? { sample } : {}),
  build: (b, inputs) => {
    const still = (value: number) => b.constant({ element: 'float32', shape: [x[1] as number], data: new Float32Array(x[1] as number).fill(value) });
    return b.ops('BatchNormalization', [...inputs, still(0), still(1)], { attributes: { training_mode: int(1), momentum: float(0), epsilon: float(0.01) }, outputs: 3 })[0] as Value;
  },
});
const inTraining = [trained('', [3, 2, 3, 2]), trained(' of vectors', [5, 3]), trained(' of volumes', [2, 2, 2, 1, 2]), trained(' far from 0', [3, 2, 4, 4], (n, i) => (i < 96 ? n + 40 : n))];
const cases = [...gradientCases, ...inTraining].filter((c) => c.device !== 'webgpu' && known(c));

/** Forms that no layer is lowered to. */
const refused: ReadonlySet<string> = new Set([
  'Pow by whole numbers of another type', 'MatMul of a row', 'MatMul of a row by a batch', 'MatMul by a column', 'MatMul of a batch by a column', 'MatMul of two vectors',
  'Slice with steps', 'Slice backwards', 'Slice backwards from beyond the end', 'Slice backwards, stopping short', 'Pad reflect', 'Pad edge', 'Pad edge of volumes', 'Pad wrap',
  'Gather of a middle axis by a matrix', 'Gather of rows, cpu form', 'Gather of one place, cpu form', 'ConvTranspose 3-D', 'ConvTranspose 3-D, grouped, padded',
  'MaxPool dilated, cpu form', 'MaxPool 3-D, overlapping, cpu form', 'MaxPool 3-D', 'AveragePool 3-D', 'AveragePool 3-D, padding counted',
]);

/** A power of 0: no layer or loss takes a variable one. */
const powers: ReadonlySet<string> = new Set(['Pow by 0 at 0', 'Pow by computed exponents at 0']);

describe('operators beside ONNX Runtime', () => {
  beforeAll(async () => {
    await tf.setBackend('cpu');
  });

  it.each(cases.filter((c) => !refused.has(c.name)))('$name', async (test) => {
    const posed = await byRuntime(test);
    for (const last of [false, true]) {
      const before = tf.memory().numTensors;
      const answers = byTensorflow(tf, test, posed, last);
      expect(tf.memory().numTensors, 'tensors left behind').toBe(before);
      expect(distance(answers.y, posed.answers.y, 1), 'forward').toBeLessThan(1e-5);
      answers.gradients.forEach((g, i) => expect(distance(g, posed.answers.gradients[i] as Float32Array, 1e-3), `gradient ${i}`).toBeLessThan(1e-4));
    }
  });

  it.each(cases.filter((c) => refused.has(c.name)))('refuses $name, and leaves nothing behind', async (test) => {
    const posed = await byRuntime(test);
    const before = tf.memory().numTensors;
    expect(() => byTensorflow(tf, test, posed, false)).toThrow('which only ONNX Runtime computes');
    expect(tf.memory().numTensors).toBe(before);
  });

  it.each(points.filter((p) => known(p) && !powers.has(p.name)))('$name', ({ data, expected, ...test }) => {
    for (const last of [false, true]) {
      const direction = new Float32Array(forwardGraph(test).outputs[0]?.type.shape.reduce((a, d) => a * d, 1) ?? 0).fill(1);
      const [gradient] = byTensorflow(tf, test, { data: [Float32Array.from(data)], direction }, last).gradients;
      expect(Array.from(gradient ?? [], (v) => Math.round(v * 1e5) / 1e5 + 0)).toEqual(expected.map((v) => Math.round(v * 1e5) / 1e5));
    }
  });
});
