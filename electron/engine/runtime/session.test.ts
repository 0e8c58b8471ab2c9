/** Sessions: what they compute, where they write, and how they fail. */
import { describe, expect, it } from 'vitest';
import { NetloomError } from '../../../shared/diagnostics/diagnostic.ts';
import { GraphBuilder } from '../../../shared/onnx/builder.ts';
import type { Graph, Tensor } from '../../../shared/onnx/ir.ts';
import { encodeModel } from '../onnx-io/model.ts';
import { translateError } from './errors.ts';
import { RuntimeSession, tensor, threadsFrom } from './session.ts';
import { fromRuntime, toRuntime } from './tensors.ts';

const vector = { element: 'float32', shape: [2] } as const;

function doubling(): Graph {
  const b = new GraphBuilder();
  b.output('y', b.mul(b.input('x', vector), b.scalar(2)));
  return b.build('doubling');
}

/** A node changed after it was checked, as a broken file has it. */
function broken(change: Partial<Graph['nodes'][number]>): Uint8Array {
  const graph = doubling();
  return encodeModel({ ...graph, nodes: graph.nodes.map((n, i) => (i === 0 ? { ...n, name: 'layer/Mul', ...change } : n)) });
}

const failure = async (promise: Promise<unknown>): Promise<NetloomError> => {
  const error: unknown = await promise.then(() => null, (e: unknown) => e);
  expect(error).toBeInstanceOf(NetloomError);
  return error as NetloomError;
};

describe('RuntimeSession', () => {
  it('writes into tensors it is given, again and again', async () => {
    const session = await RuntimeSession.open(encodeModel(doubling()), { device: 'cpu' });
    const y = tensor('float32', new Float32Array(2), [2]);
    const seen: number[][] = [];
    for (const x of [1, 5]) {
      await session.run({ x: tensor('float32', Float32Array.of(x, -x), [2]) }, { y });
      seen.push(Array.from(y.data as Float32Array));
    }
    expect(seen).toEqual([[2, -2], [10, -10]]);
    await session.dispose();
  });

  it('is disposed once, and runs no more', async () => {
    const session = await RuntimeSession.open(encodeModel(doubling()), { device: 'cpu' });
    await session.dispose();
    await session.dispose();
    await expect(session.run({ x: tensor('float32', new Float32Array(2), [2]) })).rejects.toThrow('a session runs before it is disposed');
  });

  it('names the node that cannot be loaded', async () => {
    const { diagnostic, message } = await failure(RuntimeSession.open(broken({ op: 'Frobnicate' }), { device: 'cpu' }));
    expect([diagnostic.code, diagnostic.place.label]).toEqual(['engine.load', 'Frobnicate layer/Mul']);
    expect(message).toMatch(/No Op registered for Frobnicate/);
    expect(message).not.toMatch(/\.cc:\d/);
  });

  it('names the node whose shapes do not fit', async () => {
    const b = new GraphBuilder();
    const y = b.scope('layer', () => b.matmul(b.input('x', { element: 'float32', shape: [2, 3] }), b.input('w', { element: 'float32', shape: [3, 2] })));
    b.output('y', y);
    const graph = b.build('product');
    const wrong = { ...graph, inputs: graph.inputs.map((v) => (v.name === 'w' ? { name: 'w', type: { element: 'float32', shape: [4, 2] } as const } : v)) };
    const { diagnostic } = await failure(RuntimeSession.open(encodeModel(wrong), { device: 'cpu' }));
    expect([diagnostic.code, diagnostic.place.label]).toEqual(['engine.load', 'MatMul layer/MatMul']);
  });

  it('says what is wrong with bytes that are no model', async () => {
    const { diagnostic, message } = await failure(RuntimeSession.open(new TextEncoder().encode('no model'), { device: 'cpu' }));
    expect([diagnostic.code, message]).toEqual(['engine.load', expect.stringMatching(/^cpu: expected the cpu to load the net, got .*protobuf parsing failed\. Choose another device/i)]);
  });

  it('says which input does not fit', async () => {
    const session = await RuntimeSession.open(encodeModel(doubling()), { device: 'cpu' });
    const { diagnostic, message } = await failure(session.run({ x: tensor('float32', new Float32Array(3), [3]) }));
    expect([diagnostic.code, message]).toEqual(['engine.run', expect.stringMatching(/invalid dimensions for input: x/)]);
    await session.dispose();
  });

  it('names the node that fails while running', async () => {
    const b = new GraphBuilder();
    const indices = b.input('i', { element: 'int64', shape: [1] });
    const g = b.scope('layer', () => b.op('Gather', [b.input('x', vector), indices]));
    b.output('y', g);
    const session = await RuntimeSession.open(encodeModel(b.build('gather')), { device: 'cpu' });
    const { diagnostic } = await failure(session.run({ x: tensor('float32', new Float32Array(2), [2]), i: toRuntime({ element: 'int64', shape: [1], data: BigInt64Array.of(9n) }) }));
    expect([diagnostic.code, diagnostic.place.label]).toEqual(['engine.run', 'Gather layer/Gather']);
    await session.dispose();
  });
});

describe('translateError', () => {
  it.each([
    ['engine.device-lost', 'Device was lost: the driver was reset'],
    ['engine.device-lost', 'WebGPU device is lost'],
    ['engine.out-of-memory', 'std::bad_alloc'],
    ['engine.out-of-memory', "Non-zero status code returned while running Conv node. Name:'c/Conv' Status Message: Failed to allocate memory for requested buffer of size 1024"],
    ['engine.run', 'something else'],
  ] as const)('%s: %s', (code, text) => {
    expect(translateError(new Error(text), 'run', 'webgpu').diagnostic.code).toBe(code);
  });

  it('places it at the node', () => {
    expect(translateError(new Error("Non-zero status code returned while running Conv node. Name:'c/Conv' Status Message: bad"), 'run', 'cpu').diagnostic.place.label).toBe('Conv c/Conv');
    expect(translateError('text, no Error', 'run', 'cpu').message).toBe('Step: expected the device to compute, got text, no Error. Make the batch smaller, or choose another device.');
  });
});

describe('threads', () => {
  it.each([['4', { intraOpNumThreads: 4 }], [undefined, {}], ['', {}], ['0', {}], ['-2', {}], ['many', {}], ['1.5', {}]])('%s', (setting, expected) => {
    expect(threadsFrom(setting)).toEqual(expected);
  });
});

describe('tensors', () => {
  const all: readonly Tensor[] = [
    { element: 'float32', shape: [1, 2], data: Float32Array.of(1.5, -2) }, { element: 'float64', shape: [1], data: Float64Array.of(Math.PI) }, { element: 'float16', shape: [2], data: Uint16Array.of(0x3c00, 0) },
    { element: 'int64', shape: [1], data: BigInt64Array.of(-(2n ** 63n)) }, { element: 'uint64', shape: [1], data: BigUint64Array.of(2n ** 64n - 1n) }, { element: 'int32', shape: [1], data: Int32Array.of(-5) },
    { element: 'uint32', shape: [1], data: Uint32Array.of(2 ** 32 - 1) }, { element: 'int16', shape: [1], data: Int16Array.of(-3) }, { element: 'uint16', shape: [1], data: Uint16Array.of(3) },
    { element: 'int8', shape: [1], data: Int8Array.of(-128) }, { element: 'uint8', shape: [2], data: Uint8Array.of(0, 255) }, { element: 'bool', shape: [2], data: Uint8Array.of(1, 0) }, { element: 'float32', shape: [], data: Float32Array.of(7) },
  ];
  it.each(all.map((t) => [t.element, t] as const))('of %s come out of an Identity as they went in', async (_element, t) => {
    const b = new GraphBuilder();
    b.output('y', b.input('x', { element: t.element, shape: t.shape }));
    const session = await RuntimeSession.open(encodeModel(b.build('copy')), { device: 'cpu' });
    const { y } = await session.run({ x: toRuntime(t) });
    const { element, shape, data } = fromRuntime(y as never);
    // Newer Node versions hand half floats out as Float16Array: the bits are what counts.
    expect([element, [...shape], new Uint8Array(data.buffer, data.byteOffset, data.byteLength)]).toEqual([t.element, [...t.shape], new Uint8Array(t.data.buffer)]);
    await session.dispose();
  });

  it('of types the runtime lacks are refused', () => {
    expect(() => toRuntime({ element: 'bfloat16', shape: [1], data: new Uint16Array(1) })).toThrow('the runtime takes no bfloat16 tensors');
  });
});
