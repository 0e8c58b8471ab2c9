/** The codec against ONNX Runtime, which reads what we write, and against bytes written by hand. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as ort from 'onnxruntime-node';
import { NetloomError } from '../../../shared/diagnostics/diagnostic.ts';
import { GraphBuilder } from '../../../shared/onnx/builder.ts';
import { float, floats, int, ints, string, type Attribute, type Graph, type Tensor } from '../../../shared/onnx/ir.ts';
import { verify } from '../../../shared/onnx/verify.ts';
import { fc } from '../../../shared/util/properties.harness.ts';
import { ModelMessage } from './messages.ts';
import { decodeModel, encodeModel } from './model.ts';
import { decodeMessage } from './wire-read.ts';
import { encodeMessage, type Decoded } from './wire.ts';

let folder = '';
beforeAll(async () => { folder = await mkdtemp(join(tmpdir(), 'netloom-onnx-')); });
afterAll(() => rm(folder, { recursive: true, force: true }));

/** By way of a file on disk, as the product does it: what comes back is a Buffer. */
async function throughFile(graph: Graph, options?: Parameters<typeof encodeModel>[1]) {
  const file = join(folder, 'net.onnx');
  await writeFile(file, encodeModel(graph, options));
  return decodeModel(await readFile(file), 'net.onnx');
}

function sample(): Graph {
  const b = new GraphBuilder();
  const x = b.input('x', { element: 'float32', shape: [2, 3] });
  const w = b.constant({ element: 'float32', shape: [3, 2], data: Float32Array.of(1, 2, 3, 4, 5, 6) }, 'w');
  const y = b.op('LeakyRelu', [b.op('Transpose', [b.matmul(x, w)], { perm: ints([1, 0]) })], { alpha: float(0.5) });
  b.output('y', b.op('Flatten', [y], { axis: int(-1) }));
  return b.build('sample');
}

/** A graph of one Identity whose attributes are the ones given: the codec carries what no operator reads. */
function carrying(attributes: Readonly<Record<string, Attribute>>): Graph {
  const vector = { element: 'float32', shape: [1] } as const;
  const n = { name: 'n', op: 'Custom', domain: 'test', inputs: ['x', '', 'x'], outputs: ['y', ''], attributes };
  return { name: 'g', inputs: [{ name: 'x', type: vector }], outputs: [{ name: 'y', type: vector }], initializers: new Map(), nodes: [n], types: new Map([['x', vector], ['y', vector]]) };
}

describe('ONNX codec', () => {
  it('writes a model that ONNX Runtime runs to the product worked out by hand', async () => {
    const session = await ort.InferenceSession.create(encodeModel(sample()));
    const { y } = await session.run({ x: new ort.Tensor('float32', Float32Array.of(1, 0, 0, 0, -1, 0), [2, 3]) });
    expect([y?.dims, Array.from(y?.data as Float32Array)]).toEqual([[2, 2], [1, -1.5, 2, -2]]);
    await session.release();
  });

  it('reads back what it wrote, a sound graph with all its types', async () => {
    const graph = sample();
    const { graph: again, inferred, ...rest } = await throughFile(graph, { metadata: { classes: 'a,b', 'Größe': '3 × 3 µm' }, docString: 'ein Netz', producer: 'somebody' });
    expect([again, [...inferred].sort()]).toEqual([graph, [...graph.types.keys()].sort()]);
    expect(verify(again)).toEqual([]);
    expect(rest).toEqual({ metadata: { classes: 'a,b', 'Größe': '3 × 3 µm' }, docString: 'ein Netz', producer: 'somebody', opset: 18, opsets: { '': 18 } });
  });

  it('keeps tensors of every type to the bit', async () => {
    const tensors: Tensor[] = [
      { element: 'float32', shape: [5], data: Float32Array.of(-0, Infinity, NaN, 1e-45, 3.4028234663852886e38) },
      { element: 'float64', shape: [1, 2], data: Float64Array.of(Math.PI, -5e-324) },
      { element: 'float16', shape: [1], data: Uint16Array.of(0x3c00) },
      { element: 'bfloat16', shape: [1], data: Uint16Array.of(0x3f80) },
      { element: 'int64', shape: [3], data: BigInt64Array.of(-1n, 9007199254740993n, -(2n ** 63n)) },
      { element: 'uint64', shape: [1], data: BigUint64Array.of(2n ** 64n - 1n) },
      { element: 'int32', shape: [2], data: Int32Array.of(-5, 2 ** 31 - 1) },
      { element: 'uint32', shape: [1], data: Uint32Array.of(2 ** 32 - 1) },
      { element: 'int16', shape: [1], data: Int16Array.of(-(2 ** 15)) },
      { element: 'uint16', shape: [1], data: Uint16Array.of(65535) },
      { element: 'int8', shape: [1], data: Int8Array.of(-128) },
      { element: 'uint8', shape: [2], data: Uint8Array.of(0, 255) },
      { element: 'bool', shape: [2], data: Uint8Array.of(1, 0) },
      { element: 'float32', shape: [], data: Float32Array.of(7) },
      { element: 'float32', shape: [0, 3], data: new Float32Array() },
      // A view into the middle of a buffer must not take its neighbours along.
      { element: 'int32', shape: [1], data: Int32Array.of(1, 2, 3).subarray(1, 2) },
    ];
    const b = new GraphBuilder();
    tensors.forEach((t, i) => b.output(`y${i}`, b.constant(t, `t${i}`)));
    expect([...(await throughFile(b.build('types'))).graph.initializers.values()]).toEqual(tensors);
  });

  it('keeps attributes of every kind, empty and negative ones too', async () => {
    const attributes = {
      i: int(-3), large: int(-(2 ** 40)), none: int(0), f: float(-0.25), s: string('große µ 漢字'), empty: string(''), ints: ints([-1, 0, 2 ** 40]), noInts: ints([]), floats: floats([0.5, -2]),
      strings: { kind: 'strings', value: ['a', '', 'ü'] }, t: { kind: 'tensor', value: { element: 'int64', shape: [2], data: BigInt64Array.of(-1n, 5n) } },
    } as const satisfies Record<string, Attribute>;
    expect((await throughFile(carrying(attributes))).graph.nodes).toEqual(carrying(attributes).nodes);
  });

  it('keeps "to the end", the largest int64, which no double holds', () => {
    const held = decodeModel(encodeModel(carrying({ ends: ints([2 ** 63, -(2 ** 63)]) }))).graph;
    const node = ((decodeMessage(ModelMessage, encodeModel(held)).graph as Decoded).node as Decoded[])[0] as Decoded;
    expect((node.attribute as Decoded[])[0]?.ints).toEqual([2n ** 63n - 1n, -(2n ** 63n)]);
  });

  it('keeps any numbers', () => {
    fc.assert(fc.property(fc.array(fc.float()), fc.array(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })), fc.string({ unit: 'grapheme' }), (f, i, name) => {
      const tensors = [{ element: 'float32', shape: [f.length], data: Float32Array.from(f) }, { element: 'int64', shape: [i.length], data: BigInt64Array.from(i) }] as const;
      const graph = { ...carrying({ s: string(name) }), name, initializers: new Map(tensors.map((t, k) => [`t${k}`, t] as const)) };
      const again = decodeModel(encodeModel(graph)).graph;
      expect([[...again.initializers.values()], again.name, again.nodes[0]?.attributes.s]).toEqual([[...tensors], name, string(name)]);
    }));
  });

  it('refuses more weights than Protocol Buffers take, unless they lie beside', () => {
    // Never written to, so that no memory is taken.
    const weight: Tensor = { element: 'uint8', shape: [2 ** 31], data: new Uint8Array(2 ** 31) };
    const graph = { ...carrying({}), initializers: new Map([['w', weight]]) };
    expect(() => encodeModel(graph)).toThrow(/expected at most 2 GiB of weights in one file, got 2\.0 GiB\. Write the weights into a file beside the net\./);
    expect(encodeModel(graph, { external: () => ({ location: 'w.bin', offset: 0, length: 2 ** 31 }) }).length).toBeLessThan(1000);
  });

  it('gives ONNX Runtime a net of any batch, and of another opset', async () => {
    const session = await ort.InferenceSession.create(encodeModel(sample(), { opsets: { '': 13 }, dynamicBatch: ['x'] }));
    const { y } = await session.run({ x: new ort.Tensor('float32', new Float32Array(15), [5, 3]) });
    expect(y?.dims).toEqual([2, 5]);
    await session.release();
  });
});

describe('numbers in typed fields', () => {
  const typed: readonly (readonly [what: string, fields: Decoded, data: Tensor['data']])[] = [
    ['floats', { dataType: 1, floatData: [1.5, -2] }, Float32Array.of(1.5, -2)],
    ['doubles', { dataType: 11, doubleData: [1.5, -2] }, Float64Array.of(1.5, -2)],
    ['negative int32', { dataType: 6, int32Data: [-1, 7] }, Int32Array.of(-1, 7)],
    ['negative int8', { dataType: 3, int32Data: [-128, 7] }, Int8Array.of(-128, 7)],
    ['bools', { dataType: 9, int32Data: [1, 0] }, Uint8Array.of(1, 0)],
    ['half floats as bits', { dataType: 10, int32Data: [0x3c00, 0xc000] }, Uint16Array.of(0x3c00, 0xc000)],
    ['int64', { dataType: 7, int64Data: [-(2n ** 63n), 2n ** 62n] }, BigInt64Array.of(-(2n ** 63n), 2n ** 62n)],
    ['uint64', { dataType: 13, uint64Data: [2n ** 64n - 1n, 0n] }, BigUint64Array.of(2n ** 64n - 1n, 0n)],
  ];
  const model = (tensor: Decoded): Uint8Array => encodeMessage(ModelMessage, { irVersion: 8, opsetImport: [{ version: 18 }], graph: { name: 'g', initializer: [tensor] } });

  it.each(typed)('%s', (_what, fields, data) => {
    expect(decodeModel(model({ dims: [2], name: 't', ...fields })).graph.initializers.get('t')?.data).toEqual(data);
  });

  it('reads packed and single numbers alike, mixed and in several runs', () => {
    const w = new BinaryWriter();
    const tensor = new BinaryWriter().tag(1, WireType.Varint).int64(2).tag(1, WireType.Varint).int64(2).tag(2, WireType.Varint).int32(1).tag(8, WireType.LengthDelimited).string('t')
      .tag(4, WireType.Bit32).float(1).tag(4, WireType.LengthDelimited).fork().float(2).float(3).join().tag(4, WireType.Bit32).float(4).finish();
    const graph = new BinaryWriter().tag(5, WireType.LengthDelimited).bytes(tensor).finish();
    expect(Array.from(decodeModel(w.tag(7, WireType.LengthDelimited).bytes(graph).finish()).graph.initializers.get('t')?.data as Float32Array)).toEqual([1, 2, 3, 4]);
  });

  it('passes over fields it does not know, of every wire type and in nested messages', () => {
    const unknown = (w: BinaryWriter) => w.tag(999, WireType.Varint).int64(-7).tag(998, WireType.Bit32).float(1.5).tag(997, WireType.Bit64).double(2.5).tag(996, WireType.LengthDelimited).string('gone')
      .tag(995, WireType.StartGroup).tag(1, WireType.Varint).int64(1).tag(995, WireType.EndGroup);
    const graph = unknown(new BinaryWriter()).tag(2, WireType.LengthDelimited).string('g').finish();
    const bytes = unknown(new BinaryWriter()).tag(7, WireType.LengthDelimited).bytes(graph).finish();
    expect(decodeMessage(ModelMessage, bytes)).toEqual({ graph: { name: 'g' } });
  });

  it('keeps functions, external data and kinds of types it does not use', () => {
    const type = { sequenceType: { elemType: { mapType: { keyType: 8n, valueType: { optionalType: { elemType: { tensorType: { elemType: 1n } } } } } } } };
    const external = { name: 't', dataType: 1n, dataLocation: 1n, externalData: [{ key: 'location', value: 'w.bin' }] };
    const bytes = encodeMessage(ModelMessage, { graph: { name: 'g', initializer: [external], input: [{ name: 'x', type }] }, functions: [{ name: 'f', domain: 'd', input: ['a'], node: [{ opType: 'Relu', input: ['a'] }] }] });
    const m = decodeMessage(ModelMessage, bytes);
    const g = m.graph as Decoded;
    expect([(g.input as Decoded[])[0], (g.initializer as Decoded[])[0], (m.functions as Decoded[])[0]]).toMatchObject([{ type }, external, { name: 'f', domain: 'd', input: ['a'] }]);
    expect(encodeMessage(ModelMessage, m)).toEqual(bytes);
  });
});

describe('files that are none', () => {
  const graph = (g: Decoded): Uint8Array => encodeMessage(ModelMessage, { opsetImport: [{ version: 18 }], graph: { name: 'g', ...g } });
  const tensor = (t: Decoded): Uint8Array => graph({ initializer: [{ name: 'w', dims: [2], dataType: 1, ...t }] });
  const broken: readonly (readonly [what: string, bytes: Uint8Array, sentence: RegExp])[] = [
    ['text', new TextEncoder().encode('this is no model'), /^a\.onnx: expected an ONNX model, got bytes that are none/],
    ['nothing', new Uint8Array(), /expected an ONNX model with a graph, got none/],
    ['half a file', encodeModel(sample()).slice(0, 100), /expected an ONNX model, got bytes that are none/],
    ['a group that never ends', Uint8Array.of(0xf3, 0x3f, 0x01), /expected an ONNX model/],
    ['a number where a message belongs', Uint8Array.of(0x38, 0x01), /ModelProto\.graph written as type 0/],
    ['too few bytes of a weight', tensor({ rawData: new Uint8Array(7) }), /expected 8 bytes in w, got 7/],
    ['too few numbers of a weight', tensor({ floatData: [1] }), /expected 2 numbers in w, got 1/],
    ['negative sizes', tensor({ dims: [-2] }), /expected sizes of w from 0 up, got \[-2\]/],
    ['text as weights', tensor({ dataType: 8 }), /expected a tensor of numbers, got text in w/],
    ['weights in another file', tensor({ dataLocation: 1, externalData: [{ key: 'location', value: 'w.bin' }] }), /expected weights inside the file, got external data for w/],
    ['a nested graph', graph({ node: [{ opType: 'If', name: 'if', attribute: [{ name: 'then_branch', type: 5, g: { name: 'inner' } }] }] }), /got attribute then_branch \(graph\)/],
    ['an input that is a sequence', graph({ input: [{ name: 'x', type: { sequenceType: {} } }] }), /expected the input x as a tensor of known rank/],
  ];
  it.each(broken)('%s', (_what, bytes, sentence) => {
    expect(() => decodeModel(bytes, 'a.onnx')).toThrow(sentence);
    expect(() => decodeModel(bytes, 'a.onnx')).toThrow(NetloomError);
  });
});
