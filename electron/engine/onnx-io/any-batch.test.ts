/** A graph that was lowered for one sample answers for three. */
import * as ort from 'onnxruntime-node';
import { expect, it } from 'vitest';
import { GraphBuilder, type Value } from '../../../shared/onnx/builder.ts';
import type { Graph } from '../../../shared/onnx/ir.ts';
import { anyBatch } from './any-batch.ts';
import { encodeModel } from './model.ts';

function draw(batch: number, build: (b: GraphBuilder, x: Value, batch: number) => Value): Graph {
  const b = new GraphBuilder();
  b.output('y', build(b, b.input('x', { element: 'float32', shape: [batch, 2] }), batch));
  return b.build('g');
}

it('reshapes, merges axes and expands for as many samples as come', async () => {
  // Each sample's two numbers behind a token of 9, by way of an axis that holds batch and channels together.
  const build = (b: GraphBuilder, x: Value, n: number): Value => {
    const apart = b.reshape(b.reshape(x, [n * 2, 1]), [n, 2, 1]);
    const token = b.op('Expand', [b.constant({ element: 'float32', shape: [1, 1, 1], data: Float32Array.of(9) }, 'token'), b.int64([n, 1, 1])]);
    return b.op('Concat', [token, apart], { axis: { kind: 'int', value: 1 } });
  };
  const bytes = encodeModel(anyBatch(draw(1, build), draw(2, build), 'x'), { dynamicBatch: ['x', 'y'] });
  const session = await ort.InferenceSession.create(bytes, { logSeverityLevel: 3 });
  const { y } = await session.run({ x: new ort.Tensor('float32', [1, 2, 3, 4, 5, 6], [3, 2]) });
  await session.release();
  expect([y?.dims, Array.from(y?.data as Float32Array)]).toEqual([[3, 3, 1], [9, 1, 2, 9, 3, 4, 9, 5, 6]]);
});

it('computes sizes that hold the batch several times, beside one that follows from the rest', async () => {
  // [N, 2] laid out as [N·2, 1], tiled to three times the batch, and enlarged by sizes.
  const build = (b: GraphBuilder, x: Value, n: number): Value => {
    const wide = b.op('Expand', [b.reshape(x, [1, n * 2]), b.int64([n, n * 2])]);
    const sized = b.op('Resize', [b.reshape(wide, [1, 1, n, n * 2]), null, null, b.int64([1, 1, n * 3, n * 2])]);
    return b.reshape(sized, [n * 3, n * 2]);
  };
  const graph = anyBatch(draw(1, build), draw(2, build), 'x');
  const session = await ort.InferenceSession.create(encodeModel(graph, { dynamicBatch: ['x'] }), { logSeverityLevel: 4 });
  const { y } = await session.run({ x: new ort.Tensor('float32', [1, 2, 3, 4, 5, 6], [3, 2]) });
  await session.release();
  expect([y?.dims, Array.from(y?.data as Float32Array)]).toEqual([[9, 6], Array.from({ length: 54 }, (_, i) => 1 + (i % 6))]);
});

it('refuses a batch that is held by anything else', () => {
  const build = (b: GraphBuilder, x: Value, n: number): Value => b.mul(x, b.constant({ element: 'float32', shape: [n, 1], data: new Float32Array(n).fill(1) }, 'ones'));
  expect(() => anyBatch(draw(1, build), draw(2, build), 'x')).toThrow(/holds a batch size/);
});
