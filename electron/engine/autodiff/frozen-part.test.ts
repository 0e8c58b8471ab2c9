/** A net with an operator that has no gradient still trains behind it. */
import * as ort from 'onnxruntime-node';
import { expect, it } from 'vitest';
import type { ForwardGraph } from '../../../shared/compile/forward.ts';
import { GraphBuilder } from '../../../shared/onnx/builder.ts';
import { int } from '../../../shared/onnx/ir.ts';
import { encodeModel } from '../onnx-io/model.ts';
import { buildStepGraph } from './step-graph.ts';

function forward(): ForwardGraph {
  const b = new GraphBuilder();
  const x = b.input('input', { element: 'float32', shape: [6, 3] });
  const first = b.input('first.kernel', { element: 'float32', shape: [3, 4] });
  const second = b.input('second.kernel', { element: 'float32', shape: [4, 2] });
  const odd = b.op('Mod', [b.matmul(x, first), b.scalar(1.5)], { fmod: int(1) }, { name: 'odd/Mod' });
  b.output('output', b.matmul(odd, second));
  const weight = (name: string, shape: readonly number[]) => ({ name, layer: name.split('.')[0] as string, shape, trainable: true, decays: true });
  return { graph: b.build('odd'), batch: 6, training: true, dataInputs: ['input'], outputs: ['output'], batched: new Set(['input', 'output']), borders: new Map(), opsets: {}, weights: [weight('first.kernel', [3, 4]), weight('second.kernel', [4, 2])], taps: new Map(), updates: new Map(), usesRandom: false };
}

it('says what stands still, leaves it, and lowers the loss with the rest', async () => {
  const step = buildStepGraph(forward(), { loss: 'cross-entropy', device: 'cpu', input: { element: 'float32', offset: 0, scale: 1 }, optimizer: { kind: 'sgd', momentum: 0, nesterov: false }, weightDecay: 0 });
  expect({ renewed: step.renewed, layers: step.layers, missing: step.missing.map((d) => d.place.label) }).toEqual({ renewed: ['second.kernel'], layers: ['second'], missing: ['odd/Mod'] });
  const session = await ort.InferenceSession.create(encodeModel(step.graph), { logSeverityLevel: 3 });
  const wave = (n: number, k: number) => Float32Array.from({ length: n }, (_, i) => Math.sin(k * (i + 1)));
  let second = new ort.Tensor('float32', wave(8, 0.7), [4, 2]);
  const losses: number[] = [];
  for (let i = 1; i <= 20; i++) {
    const answer = await session.run({
      data: new ort.Tensor('float32', wave(18, 1.3), [6, 3]), labels: new ort.Tensor('int32', Int32Array.of(0, 1, 1, 0, 1, 0), [6]), 'first.kernel': new ort.Tensor('float32', wave(12, 2.1), [3, 4]), 'second.kernel': second,
      learning_rate: new ort.Tensor('float32', [0.5], []), step: new ort.Tensor('float32', [i], []),
    });
    losses.push((answer.loss?.data as Float32Array)[0] as number);
    second = answer['new:second.kernel'] as typeof second;
  }
  // A convex problem in the weights that are left: every step of it goes down.
  expect(losses.every((loss, i) => i === 0 || loss < (losses[i - 1] as number))).toBe(true);
});
