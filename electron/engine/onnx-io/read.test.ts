/** Reading files as they stand: weights against ONNX Runtime, which reads the same bytes; the rest against the fields written. */
import * as ort from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { NetloomError } from '../../../shared/diagnostics/diagnostic.ts';
import type { ElementType, Tensor } from '../../../shared/onnx/ir.ts';
import { ModelMessage } from './messages.ts';
import { decodeSource } from './read.ts';
import { encodeMessage, type Decoded } from './wire.ts';

const model = (graph: Decoded, rest: Decoded = {}): Uint8Array => encodeMessage(ModelMessage, { irVersion: 8, opsetImport: [{ version: 17 }], graph: { name: 'g', ...graph }, ...rest });
const tensorType = (code: number, dim?: readonly Decoded[]): Decoded => ({ tensorType: { elemType: code, ...(dim ? { shape: { dim } } : {}) } });

/** The bytes of a weight as ONNX Runtime holds it, by way of an Identity. */
async function runtimeBytes(code: number, dims: readonly number[], weight: Decoded): Promise<Uint8Array> {
  const session = await ort.InferenceSession.create(model({
    ...weight, node: [{ opType: 'Identity', input: ['w'], output: ['y'] }], output: [{ name: 'y', type: tensorType(code, dims.map((dimValue) => ({ dimValue }))) }],
  }));
  const { y } = await session.run({});
  await session.release();
  const data = y?.data as Float32Array;
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

const bytesOf = (t: Tensor | undefined): Uint8Array => new Uint8Array(t?.data.buffer ?? new ArrayBuffer(0), t?.data.byteOffset, t?.data.byteLength);

describe('weights', () => {
  const long = Array.from({ length: 200 }, (_, i) => (i % 2 ? -1 : 1) * 3 ** (i % 19));
  const rows: readonly (readonly [what: string, element: ElementType, dims: readonly number[], fields: Decoded])[] = [
    ['floats', 'float32', [2, 1], { dataType: 1, floatData: [1.5, -2] }],
    ['many floats', 'float32', [200], { dataType: 1, floatData: long }],
    ['many doubles', 'float64', [200], { dataType: 11, doubleData: long }],
    ['many int64', 'int64', [200], { dataType: 7, int64Data: long.map((v) => BigInt(v) * 2n ** 33n) }],
    ['the ends of int64', 'int64', [40], { dataType: 7, int64Data: Array.from({ length: 40 }, (_, i) => (i % 2 ? 2n ** 63n - 1n - BigInt(i) : -(2n ** 63n) + BigInt(i))) }],
    ['many uint64', 'uint64', [200], { dataType: 13, uint64Data: long.map((v) => 2n ** 64n - BigInt(Math.abs(v))) }],
    ['uint32 in uint64', 'uint32', [2], { dataType: 12, uint64Data: [2n ** 32n - 1n, 5n] }],
    ['many negative int32', 'int32', [200], { dataType: 6, int32Data: long }],
    ['int8 in int32', 'int8', [3], { dataType: 3, int32Data: [-128, 127, -1] }],
    ['uint8 in int32', 'uint8', [2], { dataType: 2, int32Data: [255, 0] }],
    ['int16 in int32', 'int16', [2], { dataType: 5, int32Data: [-32768, 32767] }],
    ['bool in int32', 'bool', [2], { dataType: 9, int32Data: [1, 0] }],
    ['float16 in int32, as bits', 'float16', [2], { dataType: 10, int32Data: [0x3c00, 0xc000] }],
    ['raw floats', 'float32', [2], { dataType: 1, rawData: new Uint8Array(Float32Array.of(0.1, -0).buffer) }],
    ['one number', 'float32', [], { dataType: 1, floatData: [7] }],
    ['no number', 'float32', [0, 3], { dataType: 1 }],
  ];
  it.each(rows)('%s', async (_what, element, dims, fields) => {
    const weight = { initializer: [{ name: 'w', dims, ...fields }] };
    const read = decodeSource(model(weight)).graph.initializers.get('w');
    expect([read?.element, read?.shape]).toEqual([element, dims]);
    expect(bytesOf(read)).toEqual(await runtimeBytes(Number(fields.dataType), dims, weight));
  });

  it.each([
    ['counted through', { dims: [3], dataType: 7, int64Data: [1, 2, 5] }],
    ['by axes', { dims: [3, 2], dataType: 7, int64Data: [0, 1, 0, 2, 1, 2] }],
  ])('sparse ones, places %s', async (_what, indices) => {
    const weight = { sparseInitializer: [{ dims: [2, 3], values: { name: 'w', dims: [3], dataType: 1, floatData: [1, 2, 3] }, indices }] };
    const read = decodeSource(model(weight)).graph.initializers.get('w');
    expect([read?.shape, read?.data]).toEqual([[2, 3], Float32Array.of(0, 1, 2, 0, 0, 3)]);
    expect(bytesOf(read)).toEqual(await runtimeBytes(1, [2, 3], weight));
  });

  it('has memory of its own', () => {
    const bytes = model({ initializer: [{ name: 'w', dims: [2], dataType: 1, rawData: new Uint8Array(Float32Array.of(1, 2).buffer) }] });
    const read = decodeSource(Buffer.concat([Buffer.from('before'), bytes]).subarray(6)).graph.initializers.get('w');
    expect(read?.data.buffer.byteLength).toBe(8);
  });

  it('lists by type what no array holds', () => {
    const { graph } = decodeSource(model({ initializer: [{ name: 'a', dims: [1], dataType: 8 }, { name: 'b', dims: [3], dataType: 22, rawData: new Uint8Array(2) }], input: [{ name: 'a', type: tensorType(8) }] }));
    expect([graph.opaque, graph.initializers.size, graph.inputs]).toEqual([new Map([['a', 'text'], ['b', 'int4']]), 0, []]);
  });
});

describe('the rest of a file', () => {
  it('keeps sizes as the file names them, and tells what is no tensor', () => {
    const dim = [{ dimParam: 'batch' }, { dimValue: 3 }, {}, { dimValue: -1 }, { dimValue: 0 }];
    const { graph } = decodeSource(model({
      input: [{ name: 'x', type: tensorType(1, dim) }, { name: 'unknown rank', type: tensorType(7) }, { name: 'scalar', type: tensorType(10, []) }, { name: 'sequence', type: { sequenceType: { elemType: tensorType(1) } } }, { name: 'nothing' }, { name: 'w', type: tensorType(1, []) }],
      output: [{ name: 'y' }], initializer: [{ name: 'w', dataType: 1, floatData: [1] }], valueInfo: [{ name: 'h', type: tensorType(1, [{ dimParam: 'batch' }]) }, { name: 'untold' }],
    }));
    expect([graph.inputs, graph.outputs, [...graph.values]]).toEqual([
      [
        { name: 'x', type: { element: 'float32', shape: ['batch', 3, null, null, 0] } }, { name: 'unknown rank', type: { element: 'int64', shape: null } }, { name: 'scalar', type: { element: 'float16', shape: [] } },
        { name: 'sequence', type: null }, { name: 'nothing', type: null },
      ],
      [{ name: 'y', type: null }],
      [['h', { element: 'float32', shape: ['batch'] }]],
    ]);
  });

  it('keeps attributes of every kind, graphs within nodes and references in functions', () => {
    const branch = { name: 'then', node: [{ opType: 'Relu', input: ['outer'], output: ['r'], domain: 'ai.onnx' }], output: [{ name: 'r' }], initializer: [{ name: 'c', dataType: 1, floatData: [2] }] };
    const attribute = [
      { name: 'then_branch', type: 5, g: branch }, { name: 'large', type: 2, i: 2n ** 63n - 1n }, { name: 'zero', type: 2 }, { name: 'sparse', type: 11, sparseTensor: { dims: [2], values: { dims: [1], dataType: 1, floatData: [4] }, indices: { dims: [1], dataType: 7, int64Data: [1] } } },
      { name: 'words', type: 4, t: { dims: [1], dataType: 8 } }, { name: 'tp', type: 13, tp: tensorType(1) },
    ];
    const f = { name: 'F', domain: 'd', input: ['a'], output: ['b'], attribute: ['alpha'], attributeProto: [{ name: 'beta', type: 1, f: 0.5 }], opsetImport: [{ version: 18 }], node: [{ opType: 'Elu', input: ['a'], output: ['b'], attribute: [{ name: 'alpha', refAttrName: 'alpha', type: 1 }] }] };
    const source = decodeSource(model({ node: [{ name: 'n', opType: 'If', input: ['c', ''], output: ['y'], attribute }] }, { functions: [f] }));
    expect([source.graph.nodes, source.functions]).toEqual([
      [{
        name: 'n', op: 'If', domain: '', overload: '', inputs: ['c', ''], outputs: ['y'],
        attributes: {
          then_branch: { kind: 'graph', value: { name: 'then', inputs: [], outputs: [{ name: 'r', type: null }], initializers: new Map([['c', { element: 'float32', shape: [], data: Float32Array.of(2) }]]), opaque: new Map(), values: new Map(), nodes: [{ name: 'Relu_0', op: 'Relu', domain: '', overload: '', inputs: ['outer'], outputs: ['r'], attributes: {} }] } },
          large: { kind: 'int', value: 2 ** 63 }, zero: { kind: 'int', value: 0 }, sparse: { kind: 'tensor', value: { element: 'float32', shape: [2], data: Float32Array.of(0, 4) } },
          words: { kind: 'other', value: 4 }, tp: { kind: 'other', value: 13 },
        },
      }],
      [{ domain: 'd', name: 'F', overload: '', inputs: ['a'], outputs: ['b'], attributes: ['alpha'], defaults: { beta: { kind: 'float', value: 0.5 } }, opsets: { '': 18 }, nodes: [{ name: 'Elu_0', op: 'Elu', domain: '', overload: '', inputs: ['a'], outputs: ['b'], attributes: { alpha: { kind: 'reference', value: 'alpha' } } }] }],
    ]);
  });

  it('tells the kind of an attribute by what is filled where IR 1 left it out', () => {
    const attribute = [{ name: 'f', f: 0.5 }, { name: 'i', i: 3 }, { name: 's', s: 'SAME' }, { name: 't', t: { dataType: 1, floatData: [1] } }, { name: 'floats', floats: [1] }, { name: 'ints', ints: [2] }, { name: 'strings', strings: ['a'] }];
    const { nodes } = decodeSource(model({ node: [{ opType: 'X', output: ['y'], attribute }] }, { irVersion: 1 })).graph;
    expect(Object.values(nodes[0]?.attributes ?? {}).map((a) => a.kind)).toEqual(['float', 'int', 'string', 'tensor', 'floats', 'ints', 'strings']);
  });

  it('names every node, each once', () => {
    const node = ['same', 'same', '', 'Relu_2', 'same_1'].map((name) => ({ name, opType: 'Relu', input: ['x'], output: ['y'] }));
    const names = decodeSource(model({ node })).graph.nodes.map((n) => n.name);
    expect([names, new Set(names).size]).toEqual([['same', 'same_1_2', 'Relu_2_2', 'Relu_2', 'same_1'], 5]);
  });

  it('reads who wrote it, opsets by domain and metadata; opset 1 where none is named', () => {
    const bytes = encodeMessage(ModelMessage, { irVersion: 7, producerName: 'tool', producerVersion: '1.2', docString: 'doc', graph: { name: 'g' }, opsetImport: [{ domain: 'ai.onnx', version: 13 }, { domain: 'com.microsoft', version: 1 }], metadataProps: [{ key: 'a', value: 'b' }] });
    expect(decodeSource(bytes, 'a.onnx')).toEqual({
      file: 'a.onnx', size: bytes.length, irVersion: 7, opsets: { '': 13, 'com.microsoft': 1 }, producer: 'tool', producerVersion: '1.2', docString: 'doc', metadata: { a: 'b' }, functions: [],
      graph: { name: 'g', inputs: [], outputs: [], initializers: new Map(), opaque: new Map(), nodes: [], values: new Map() },
    });
    expect(decodeSource(encodeMessage(ModelMessage, { irVersion: 1, graph: { name: 'g' } })).opsets).toEqual({ '': 1 });
  });
});

describe('what is refused', () => {
  const weight = (t: Decoded): Uint8Array => model({ initializer: [{ name: 'w', dims: [2], dataType: 1, ...t }] });
  const sparse = (s: Decoded): Uint8Array => model({ sparseInitializer: [{ dims: [4], values: { name: 'w', dims: [1], dataType: 1, floatData: [1] }, indices: { dims: [1], dataType: 7, int64Data: [0] }, ...s }] });
  const nested = (depth: number): Decoded => ({ name: 'g', node: [{ opType: 'If', attribute: depth > 0 ? [{ name: 'then_branch', type: 5, g: nested(depth - 1) }] : [] }] });
  const rows: readonly (readonly [what: string, bytes: Uint8Array, sentence: RegExp])[] = [
    ['far more numbers than there are', weight({ dims: [2 ** 20, 2 ** 20] }), /expected 1099511627776 numbers in w, got 0/],
    ['more numbers than can be counted', weight({ dims: [2 ** 40, 2 ** 40] }), /expected sizes of w from 0 up, got \[1099511627776, 1099511627776\]/],
    ['no numbers, but a size beyond counting', weight({ dims: [0, 2n ** 63n - 1n] }), /expected sizes of w from 0 up/],
    ['too many axes', weight({ dims: Array.from({ length: 1000 }, () => 1) }), /expected w of 64 axes at most, got 1000/],
    ['an element type that ONNX does not have', weight({ dataType: 99 }), /expected an element type of w that ONNX has, got type 99/],
    ['a segment', weight({ segment: { begin: 0, end: 1 } }), /expected whole tensors, got a segment of w/],
    ['a node without operator', model({ node: [{ name: 'n', input: ['x'] }] }), /expected an operator in node n, got none/],
    ['an attribute without the tensor it promises', model({ node: [{ opType: 'Constant', attribute: [{ name: 'value', type: 4 }] }] }), /expected a value of the attribute value, got none/],
    ['an operator that every object has', model({ node: [{ opType: 'constructor', output: ['y'] }] }), /expected operators and domains that exist, got constructor/],
    ['a version that is none', model({}, { opsetImport: [{ domain: 'own', version: 2n ** 63n - 1n }] }), /expected a version of the operators own, got 9223372036854775807/],
    ['an input without a name', model({ input: [{ name: 'x' }, {}] }), /expected a name of input 2, got none/],
    ['sparse weights that would burst', sparse({ dims: [2 ** 20, 2 ** 20] }), /expected w to take 16 times its file at most, got 4398046511104 bytes/],
    ['a place outside', sparse({ indices: { dims: [1], dataType: 7, int64Data: [4] } }), /expected places of w below 4, got 4/],
    ['fewer places than values', sparse({ indices: { dims: [0], dataType: 7 } }), /expected a place of each of the 1 values of w/],
    ['sparse weights without values', model({ sparseInitializer: [{ dims: [4] }] }), /expected the values of a sparse tensor, got none/],
    ['graphs in graphs without end', model(nested(60)), /more than 100 messages within one another/],
    ['weights beside the bytes', weight({ dataLocation: 1, externalData: [{ key: 'location', value: 'w.bin' }] }), /expected weights inside the file, got external data for w/],
    ['names without end', model({ initializer: [{ name: 'long '.repeat(1e5), dims: [2], dataType: 1 }] }), /^.{0,300}$/s],
  ];
  it.each(rows)('%s', (_what, bytes, sentence) => {
    expect(() => decodeSource(bytes, 'a.onnx')).toThrow(sentence);
    expect(() => decodeSource(bytes, 'a.onnx')).toThrow(NetloomError);
  });
});
