/** A model and its weights as one file or as two: ONNX Runtime reads the same net from disk. */
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as ort from 'onnxruntime-node';
import { expect, it } from 'vitest';
import { GraphBuilder } from '../../../shared/onnx/builder.ts';
import type { Graph } from '../../../shared/onnx/ir.ts';
import { createRandom } from '../../../shared/util/random.ts';
import { writePieces } from '../projects/staged.ts';
import { exportPieces } from './export-pieces.ts';
import { decodeModel } from './model.ts';

/** Two products: the first factor is large enough to be mapped, the second begins behind an odd number of bytes. */
function net(): Graph {
  const random = createRandom(4);
  const b = new GraphBuilder();
  const weight = (name: string, ...shape: number[]) => b.constant({ element: 'float32', shape, data: Float32Array.from({ length: shape.reduce((a, d) => a * d, 1) }, () => random.normal()) }, name);
  const x = b.input('x', { element: 'float32', shape: [1, 31] });
  const small = weight('small', 31, 33);
  const large = weight('large', 33, 8192);
  b.output('y', b.reshape(b.matmul(b.matmul(x, small), large), [1, 2, 4096]));
  return b.build('net');
}

it.each(['inside', 'beside'] as const)('weights %s', async (weights) => {
  const graph = net();
  const folder = await mkdtemp(join(tmpdir(), 'netloom-pieces-'));
  const files = exportPieces(graph, {}, 'net.onnx', weights);
  for (const { name, pieces, size } of files) {
    await writePieces(join(folder, name), pieces);
    expect((await stat(join(folder, name))).size).toBe(size);
  }
  const session = await ort.InferenceSession.create(join(folder, 'net.onnx'), { logSeverityLevel: 3 });
  const x = Float32Array.from({ length: 31 }, (_, i) => Math.sin(i));
  const { y } = await session.run({ x: new ort.Tensor('float32', x, [1, 31]) });
  await session.release();
  await rm(folder, { recursive: true });
  const [small, large] = [graph.initializers.get('small')?.data, graph.initializers.get('large')?.data] as [Float32Array, Float32Array];
  const middle = Float64Array.from({ length: 33 }, (_, k) => x.reduce((sum, v, i) => sum + v * (small[i * 33 + k] as number), 0));
  for (const j of [0, 1, 5000, 8191]) expect((y?.data as Float32Array)[j]).toBeCloseTo(middle.reduce((sum, v, k) => sum + v * (large[k * 8192 + j] as number), 0), 3);
  expect(files.map((f) => f.name)).toEqual(weights === 'inside' ? ['net.onnx'] : ['net.onnx', 'net.onnx.data']);
  // Beside, the model is small and the large tensor lies on a page.
  if (weights === 'beside') expect([(files[0]?.size ?? 0) < 1024, files[1]?.size]).toEqual([true, 65536 + 33 * 8192 * 4]);
  else expect(decodeModel(files[0]?.pieces[0] as Uint8Array).graph.initializers.get('small')?.data).toEqual(small);
});

it('refuses to put more into one file than ONNX can hold', () => {
  const graph = net();
  // As large as it says, without taking the memory.
  const huge = { element: 'float32', shape: [2 ** 29], data: { byteLength: 2 ** 31 } } as never;
  const initializers = new Map([...graph.initializers, ['huge', huge]]);
  expect(() => exportPieces({ ...graph, initializers }, {}, 'net.onnx', 'inside')).toThrow('net.onnx: expected at most 2.0 GB in one file, got 2.0 GB. Export with the weights in a file beside the model.');
});
