/** Auxiliary outputs: their loss counts in training with its share, and nowhere else. */
import { describe, expect, it } from 'vitest';
import { compile } from '../../../shared/compile/compile.ts';
import type { Network } from '../../../shared/compile/network.ts';
import { initialWeights } from '../../../shared/compile/weights.ts';
import { Sketch } from '../../../shared/templates/build.ts';
import { TrainingConfigSchema } from '../../../shared/training/config.ts';
import { createRandom } from '../../../shared/util/random.ts';
import { exportOnnx } from '../onnx-io/export.ts';
import { decodeModel } from '../onnx-io/model.ts';
import type { Batch, Weights } from './engine.ts';
import { createOnnxEngine } from './onnx-engine.ts';

type Sink = 'output' | 'auxiliary-output' | null;

/** A shared convolution with two heads, each of which ends where it is told. */
function twoHeads(near: Sink, far: Sink): Network {
  const s = new Sketch();
  const trunk = s.chain(null, [['input', { kind: 'image', height: 4, width: 4, channels: 1 }], ['conv2d', { filters: 2, kernel: [3, 3] }, 'trunk'], ['tanh', {}], ['flatten', {}]]);
  for (const [name, sink, units] of [['near', near, 3], ['far', far, 3]] as const) {
    const head = sink && s.add('dense', { units }, [trunk], name);
    if (sink) s.add(sink, sink === 'auxiliary-output' ? { share: 0.4 } : {}, [head as string]);
  }
  const compiled = compile(s.document('heads', 'test'), { classes: 3 });
  expect(compiled.problems).toEqual([]);
  return compiled.network;
}

const random = createRandom(2);
const batch: Batch = { inputs: Float32Array.from({ length: 5 * 16 }, () => random.normal()), targets: Int32Array.of(0, 1, 2, 1, 0), size: 5 };
const first = initialWeights(twoHeads('auxiliary-output', 'output'), 3);
const encoding = { element: 'float32', offset: 0, scale: 1 } as const;

/** Loss and gradient, from one plain step of rate 1. */
async function stepOf(network: Network): Promise<{ loss: number; gradient: (name: string) => number[]; evaluated: number }> {
  const weights: Weights = new Map([...first].filter(([name]) => network.layers.some((l) => l.weights.some((w) => w.fullName === name))));
  const session = await createOnnxEngine('cpu').open(network, TrainingConfigSchema.parse({ batchSize: 5, optimizer: { kind: 'sgd' } }), weights, encoding);
  const evaluated = (await session.evaluate(batch)).lossSum / 5;
  const { loss } = await session.step(batch, 1);
  const after = (await session.snapshot()).weights;
  await session.dispose();
  return { loss, evaluated, gradient: (name) => [...(weights.get(name)?.data ?? [])].map((v, i) => v - (after.get(name)?.data[i] as number)) };
}

describe('an auxiliary output', () => {
  it('adds its share of its loss’s gradient, and the loss told stays the Output’s', async () => {
    const [both, far, near] = [await stepOf(twoHeads('auxiliary-output', 'output')), await stepOf(twoHeads(null, 'output')), await stepOf(twoHeads('output', null))];
    expect(both.loss).toBeCloseTo(far.loss, 6);
    expect(both.evaluated).toBeCloseTo(far.evaluated, 6);
    const close = (v: readonly number[]) => v.map((x) => expect.closeTo(x, 5) as number);
    expect(both.gradient('trunk-1.kernel')).toEqual(close(far.gradient('trunk-1.kernel').map((g, i) => g + 0.4 * (near.gradient('trunk-1.kernel')[i] as number))));
    expect(both.gradient('near-1.kernel')).toEqual(close(near.gradient('near-1.kernel').map((g) => 0.4 * g)));
    expect(both.gradient('far-1.kernel')).toEqual(close(far.gradient('far-1.kernel')));
  });

  it('is left out of an exported net, with its weights', () => {
    const { graph } = decodeModel(exportOnnx(twoHeads('auxiliary-output', 'output'), first, { classes: ['a', 'b', 'c'], maximum: 1 }));
    expect(graph.outputs.map((o) => o.name)).toEqual(['output']);
    expect([...graph.initializers.keys()].filter((n) => n.startsWith('near'))).toEqual([]);
    expect([...graph.initializers.keys()].filter((n) => n.startsWith('far')).length).toBeGreaterThan(0);
  });

  it('is no Output: a net needs one besides, and its classes must be the data’s', () => {
    const s = new Sketch();
    const x = s.chain(null, [['input', { kind: 'vector', channels: 3 }], ['dense', { units: 2 }]]);
    s.add('auxiliary-output', {}, [x]);
    expect(compile(s.document('none', 'test')).problems.map((p) => p.diagnostic.code)).toEqual(['graph.no-output']);
    s.add('output', {}, [s.add('dense', { units: 4 }, [x])]);
    expect(compile(s.document('two', 'test'), { classes: 4 }).problems.map((p) => p.diagnostic.code)).toEqual(['graph.class-count']);
  });
});
