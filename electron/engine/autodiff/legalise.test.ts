/** Each rewriting gives the operator's own numbers: ONNX Runtime's CPU kernels are the judge. */
import * as ort from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { GraphBuilder, type Value } from '../../../shared/onnx/builder.ts';
import { float, int, ints, string, type Attribute } from '../../../shared/onnx/ir.ts';
import { createRandom } from '../../../shared/util/random.ts';
import { encodeModel } from '../onnx-io/model.ts';
import { lacking } from './capabilities.ts';
import { legalise, rewritable } from './legalise.ts';

interface Case { readonly op: string; readonly shapes: readonly (readonly number[])[]; readonly attributes?: Record<string, Attribute>; readonly values?: readonly number[]; readonly constants?: readonly (readonly number[])[] }

const cases: Case[] = [
  { op: 'LogSoftmax', shapes: [[3, 4]], attributes: { axis: int(1) } },
  { op: 'LogSoftmax', shapes: [[2, 3, 4]], attributes: { axis: int(1) } },
  { op: 'Sign', shapes: [[5]], values: [-2, -0, 0, 1e-20, 3] },
  { op: 'Selu', shapes: [[8]] },
  { op: 'Selu', shapes: [[8]], attributes: { alpha: float(1.1), gamma: float(0.8) } },
  { op: 'Celu', shapes: [[8]], attributes: { alpha: float(2) } },
  { op: 'Softsign', shapes: [[8]] },
  { op: 'Sum', shapes: [[2, 3], [3], [2, 1]] },
  { op: 'Mean', shapes: [[2, 3], [3], [2, 1]] },
  { op: 'Sum', shapes: [[3]] },
  { op: 'Round', shapes: [[9]], values: [-2.5, -1.5, -0.6, -0.5, 0.5, 1.5, 2.5, 2.4, 7] },
  { op: 'LRN', shapes: [[2, 5, 3, 2]], attributes: { size: int(3), alpha: float(0.5), beta: float(0.6), bias: float(1.5) } },
  { op: 'LpPool', shapes: [[1, 2, 5, 6]], attributes: { kernel_shape: ints([2, 3]), strides: ints([2, 1]), pads: ints([1, 0, 0, 1]) } },
  { op: 'LpPool', shapes: [[1, 2, 5, 6]], attributes: { kernel_shape: ints([2, 2]), p: int(3) } },
  { op: 'LpPool', shapes: [[1, 2, 5, 6]], attributes: { kernel_shape: ints([2, 2]), p: int(1) } },
  { op: 'GroupNormalization', shapes: [[2, 6, 3, 2], [3], [3]], attributes: { num_groups: int(3), epsilon: float(0.01) } },
  { op: 'SpaceToDepth', shapes: [[1, 2, 4, 6]], attributes: { blocksize: int(2) } },
  { op: 'ConvTranspose', shapes: [[1, 4, 3, 3], [4, 1, 3, 3], [2]], attributes: { group: int(2), strides: ints([2, 2]), pads: ints([1, 1, 1, 1]) } },
  { op: 'ConvTranspose', shapes: [[2, 4, 2, 3, 2], [4, 2, 2, 3, 2], [4]], attributes: { group: int(2), strides: ints([2, 1, 3]), pads: ints([1, 0, 0, 0, 2, 1]), output_padding: ints([1, 0, 2]) } },
  { op: 'ConvTranspose', shapes: [[1, 2, 3, 2, 2], [2, 3, 2, 2, 3]], attributes: { dilations: ints([2, 1, 1]), strides: ints([2, 2, 1]), auto_pad: string('SAME_UPPER') } },
  { op: 'ConvTranspose', shapes: [[1, 2, 3, 2, 2], [2, 1, 3, 2, 1]], attributes: { strides: ints([2, 2, 1]), output_shape: ints([5, 5, 2]) } },
  { op: 'Conv', shapes: [[1, 4, 3, 4, 3], [6, 2, 2, 2, 2], [6]], attributes: { group: int(2), pads: ints([1, 0, 0, 0, 1, 1]) } },
  { op: 'Slice', shapes: [[8]], constants: [[6], [1], [0], [-2]] },
  { op: 'Slice', shapes: [[5, 4, 7]], constants: [[100, 1, -2], [-100, 4, 0], [0, 1, -1], [-3, 2, -1]] },
];

describe('legalise', () => {
  it.each(cases)('$op $shapes', async (test) => {
    // Any operator counts as lacking: not every row of the table is needed for a device of today.
    const set = lacking.webgpu as Set<string>;
    const had = set.has(test.op);
    set.add(test.op);
    try {
      const random = createRandom(5);
      const b = new GraphBuilder();
      const inputs: Value[] = test.shapes.map((shape, i) => b.input(`x${i}`, { element: 'float32', shape }));
      b.output('y', b.op(test.op, [...inputs, ...(test.constants ?? []).map((v) => b.int64(v))], test.attributes ?? {}));
      const original = b.build('g');
      const changed = legalise(original, 'webgpu');
      // A form of the same operator that the device has may stand in: one group, or a slice from the last place.
      expect(changed.nodes.filter((n) => n.op === test.op && n.op !== 'Slice' && n.attributes.group?.value !== 1)).toEqual([]);
      expect(changed.nodes.some((n) => n.outputs.includes(original.nodes[0]?.outputs[0] as string) && n.op === 'Identity')).toBe(true);
      const feeds = Object.fromEntries(test.shapes.map((shape, i) => {
        const count = shape.reduce((p, d) => p * d, 1);
        return [`x${i}`, new ort.Tensor('float32', Float32Array.from(test.values ?? { length: count }, () => 0).map((_, k) => test.values?.[k] ?? random.normal()), [...shape])];
      }));
      const [own, other] = await Promise.all([original, changed].map(async (g) => (await (await ort.InferenceSession.create(encodeModel(g), { logSeverityLevel: 3 })).run(feeds)).y as ort.Tensor)) as [ort.Tensor, ort.Tensor];
      expect(other.dims).toEqual(own.dims);
      (own.data as Float32Array).forEach((v, i) => expect((other.data as Float32Array)[i]).toBeCloseTo(v, 4));
    } finally {
      if (!had) set.delete(test.op);
    }
  });

  it('has a case for each rewriting', () => {
    expect([...rewritable].filter((op) => !cases.some((c) => c.op === op))).toEqual([]);
  });

  it('leaves a graph alone that the device can run', () => {
    const b = new GraphBuilder();
    b.output('y', b.op('Relu', [b.input('x', { element: 'float32', shape: [2] })]));
    const graph = b.build('g');
    expect(legalise(graph, 'webgpu')).toBe(graph);
  });
});
