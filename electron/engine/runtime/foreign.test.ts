/** Tensors of every type through a net that hands them on. */
import { describe, expect, it } from 'vitest';
import type { Tensor } from '../../../shared/onnx/ir.ts';
import { GraphBuilder } from '../../../shared/onnx/builder.ts';
import { encodeModel } from '../onnx-io/model.ts';
import { ForeignSession } from './foreign.ts';

const tensors: readonly Tensor[] = [
  { element: 'float32', shape: [2], data: Float32Array.of(1.5, -2) }, { element: 'float64', shape: [1, 2], data: Float64Array.of(1e300, -2) }, { element: 'float16', shape: [2], data: Uint16Array.of(0x3c00, 0xc000) },
  { element: 'int64', shape: [], data: BigInt64Array.of(-5n) }, { element: 'int32', shape: [0], data: new Int32Array(0) }, { element: 'uint8', shape: [3], data: Uint8Array.of(0, 7, 255) },
  { element: 'int8', shape: [2], data: Int8Array.of(-128, 127) }, { element: 'bool', shape: [2], data: Uint8Array.of(1, 0) }, { element: 'uint64', shape: [1], data: BigUint64Array.of(2n ** 63n) },
];

describe('ForeignSession', () => {
  it.each(tensors.map((t) => [t.element, t] as const))('hands on %s', async (_name, t) => {
    const b = new GraphBuilder();
    b.output('y', b.op('Identity', [b.input('x', { element: t.element, shape: t.shape })]));
    const session = await ForeignSession.open(encodeModel(b.build('identity')), { plain: true });
    expect(session.inputs).toEqual([{ name: 'x', element: t.element, shape: t.shape }]);
    expect(await session.run(new Map([['x', t]]))).toEqual(new Map([['y', t]]));
    await session.dispose();
  });

  it('says what it could not load', async () => {
    await expect(ForeignSession.open(new Uint8Array([1, 2, 3]))).rejects.toMatchObject({ diagnostic: { code: 'engine.load' } });
  });
});
