/** A vector comes back in pieces, as few at once as every WebGPU device can make. */
import * as ort from 'onnxruntime-node';
import { expect, it } from 'vitest';
import { GraphBuilder } from '../../../shared/onnx/builder.ts';
import { encodeModel } from '../onnx-io/model.ts';
import { parted } from './parameters.ts';
import type { DeviceKind } from './rule.ts';

/** The graph's nodes, and the pieces of 0, 1, 2, …. */
async function piecesOf(lengths: readonly number[], device: DeviceKind) {
  const b = new GraphBuilder();
  const count = lengths.reduce((a, n) => a + n, 0);
  parted(b, b.input('x', { element: 'float32', shape: [count] }), lengths, device).forEach((piece, i) => b.output(`y${i}`, piece));
  const graph = b.build('pieces');
  const session = await ort.InferenceSession.create(encodeModel(graph), { logSeverityLevel: 3 });
  const out = await session.run({ x: new ort.Tensor('float32', Float32Array.from({ length: count }, (_, i) => i), [count]) });
  return { splits: graph.nodes.filter((n) => n.op === 'Split').map((n) => n.outputs.length), pieces: lengths.map((_, i) => Array.from((out[`y${i}`] as ort.Tensor).data as Float32Array)) };
}

it.each([1, 2, 7, 8, 49, 50, 125, 400])('%i pieces on WebGPU, seven at most by one node', async (count) => {
  const lengths = Array.from({ length: count }, (_, i) => 1 + (i % 3));
  const { splits, pieces } = await piecesOf(lengths, 'webgpu');
  let next = 0;
  expect(pieces).toEqual(lengths.map((length) => Array.from({ length }, () => next++)));
  expect(Math.max(0, ...splits)).toBeLessThanOrEqual(7);
});

it('elsewhere one node makes them all', async () => {
  expect((await piecesOf(Array.from({ length: 50 }, () => 2), 'cpu')).splits).toEqual([50]);
});
