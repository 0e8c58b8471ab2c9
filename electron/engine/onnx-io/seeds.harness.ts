/** Small whole files that between them have everything a file can have. */
import { GraphBuilder } from '../../../shared/onnx/builder.ts';
import { ints } from '../../../shared/onnx/ir.ts';
import { ModelMessage } from './messages.ts';
import { encodeModel } from './model.ts';
import { encodeMessage, type Decoded } from './wire.ts';

const value = (name: string, elemType: number, dim?: readonly Decoded[]): Decoded => ({ name, type: { tensorType: { elemType, ...(dim ? { shape: { dim } } : {}) } } });
const image = [{ dimParam: 'N' }, { dimValue: 3 }, { dimValue: 8 }, { dimValue: 8 }];
const file = (graph: Decoded, rest: Decoded = {}): Uint8Array => encodeMessage(ModelMessage, { irVersion: 8, producerName: 'seed', opsetImport: [{ version: 17 }], graph: { name: 'g', ...graph }, ...rest });

/** A convolution, a rectifier, pooling and a product, as this product writes them. */
function convolution(): Uint8Array {
  const b = new GraphBuilder();
  const x = b.input('x', { element: 'float32', shape: [1, 3, 8, 8] });
  const w = b.constant({ element: 'float32', shape: [4, 3, 3, 3], data: new Float32Array(108).fill(0.1) }, 'w');
  const h = b.op('Relu', [b.op('Conv', [x, w], { kernel_shape: ints([3, 3]), pads: ints([1, 1, 1, 1]) })]);
  b.output('y', b.op('Flatten', [b.op('GlobalAveragePool', [h])]));
  return encodeModel(b.build('convolution'), { dynamicBatch: ['x'], metadata: { classes: '["a","b"]' } });
}

/** What Shape, Gather, Concat and Reshape make of a flattening, in typed fields. */
const chain = (): Uint8Array => file({
  input: [value('x', 1, image)], output: [value('y', 1)],
  initializer: [{ name: 'zero', dataType: 7, int64Data: [0] }, { name: 'rest', dims: [1], dataType: 7, int64Data: [-1] }, { name: 'w', dims: [192, 2], dataType: 1, floatData: Array.from({ length: 384 }, (_, i) => i / 100) }],
  node: [
    { opType: 'Shape', input: ['x'], output: ['s'] }, { opType: 'Gather', input: ['s', 'zero'], output: ['n'], attribute: [{ name: 'axis', type: 2, i: 0 }] },
    { opType: 'Constant', output: ['axes'], attribute: [{ name: 'value', type: 4, t: { dims: [1], dataType: 7, rawData: new Uint8Array(8) } }] }, { opType: 'Unsqueeze', input: ['n', 'axes'], output: ['u'] },
    { opType: 'Concat', input: ['u', 'rest'], output: ['to'], attribute: [{ name: 'axis', type: 2, i: 0 }] }, { opType: 'Reshape', input: ['x', 'to'], output: ['flat'] }, { opType: 'MatMul', input: ['flat', 'w'], output: ['y'] },
  ],
});

/** Branches, loops, functions, sparse weights, weights beside the file, and types of every kind. */
function everything(): Uint8Array {
  const branch = (name: string, op: string): Decoded => ({ name, type: 5, g: { name, node: [{ opType: op, input: ['x'], output: [`${name}_y`] }], output: [value(`${name}_y`, 1)], initializer: [{ name: 'inner', dims: [2], dataType: 1, floatData: [1, 2] }] } });
  return file({
    input: [value('x', 1, [{ dimParam: 'N' }, {}]), value('c', 9, []), { name: 'seq', type: { sequenceType: { elemType: { mapType: { keyType: 8, valueType: { optionalType: { elemType: { tensorType: { elemType: 1 } } } } } } } } }, value('w', 1)],
    output: [value('y', 1), value('z', 1)], valueInfo: [value('h', 1, [{ dimValue: 2 }])],
    initializer: [
      { name: 'w', dims: [2], dataType: 10, int32Data: [0x3c00, 0] }, { name: 'words', dims: [1], dataType: 8 }, { name: 'beside', dims: [4], dataType: 1, dataLocation: 1, externalData: [{ key: 'location', value: 'w.bin' }, { key: 'offset', value: '16' }, { key: 'length', value: '16' }] },
      { name: 'whole', dims: [40], dataType: 13, uint64Data: Array.from({ length: 40 }, (_, i) => 2 ** i) },
    ],
    sparseInitializer: [{ dims: [4, 4], values: { name: 'sparse', dims: [2], dataType: 11, rawData: new Uint8Array(Float64Array.of(1, 2).buffer) }, indices: { dims: [2, 2], dataType: 7, rawData: new Uint8Array(BigInt64Array.of(0n, 1n, 3n, 3n).buffer) } }],
    node: [
      { name: 'if', opType: 'If', input: ['c'], output: ['h'], attribute: [branch('then_branch', 'Relu'), branch('else_branch', 'Neg')] }, { opType: 'F', domain: 'own', input: ['h'], output: ['y'], attribute: [{ name: 'alpha', type: 1, f: 0.5 }] },
      { opType: 'Add', input: ['h', 'beside'], output: ['z'] },
    ],
  }, {
    functions: [{ name: 'F', domain: 'own', input: ['a'], output: ['b'], attribute: ['alpha'], attributeProto: [{ name: 'beta', type: 6, floats: [1, 2] }], opsetImport: [{ version: 17 }], node: [{ opType: 'Elu', input: ['a'], output: ['b'], attribute: [{ name: 'alpha', refAttrName: 'alpha', type: 1 }] }] }],
    opsetImport: [{ version: 17 }, { domain: 'own', version: 1 }], metadataProps: [{ key: 'author', value: 'nobody' }],
  });
}

/** An old file: attributes without a type, weights among the inputs, shapes as attributes. */
const old = (): Uint8Array => file({
  input: [value('x', 1, image.map((d, i) => (i === 0 ? { dimValue: 1 } : d))), value('w', 1, [{ dimValue: 2 }, { dimValue: 3 }, { dimValue: 3 }, { dimValue: 3 }])], output: [value('y', 1)],
  initializer: [{ name: 'w', dims: [2, 3, 3, 3], dataType: 1, rawData: new Uint8Array(54 * 4).fill(60) }],
  node: [
    { opType: 'Conv', input: ['x', 'w'], output: ['a'], attribute: [{ name: 'auto_pad', s: 'SAME_UPPER' }, { name: 'kernel_shape', ints: [3, 3] }] }, { opType: 'Dropout', input: ['a'], output: ['b', 'mask'], attribute: [{ name: 'is_test', i: 1 }] },
    { opType: 'Reshape', input: ['b'], output: ['y'], attribute: [{ name: 'shape', ints: [1, -1] }] },
  ],
}, { irVersion: 2, opsetImport: [{ version: 1 }] });

/** Whole files to mutate. */
export const seedFiles = (): readonly Uint8Array[] => [convolution(), chain(), everything(), old()];
