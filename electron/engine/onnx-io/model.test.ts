/** The codec against ONNX Runtime, which reads what we write. */
import { describe, expect, it } from 'vitest';
import * as ort from 'onnxruntime-node';
import { GraphBuilder } from '../../../shared/onnx/builder.ts';
import { float, int, ints, type Tensor } from '../../../shared/onnx/ir.ts';
import { decodeModel, encodeModel } from './model.ts';

function sample() {
  const b = new GraphBuilder();
  const x = b.input('x', { element: 'float32', shape: [2, 3] });
  const w = b.constant({ element: 'float32', shape: [3, 2], data: Float32Array.of(1, 2, 3, 4, 5, 6) }, 'w');
  const y = b.op('LeakyRelu', [b.op('Transpose', [b.matmul(x, w)], { perm: ints([1, 0]) })], { alpha: float(0.5) });
  b.output('y', b.op('Flatten', [y], { axis: int(-1) }));
  return b.build('sample');
}

describe('ONNX codec', () => {
  it('writes a model that ONNX Runtime runs to the product worked out by hand', async () => {
    const session = await ort.InferenceSession.create(encodeModel(sample()));
    const { y } = await session.run({ x: new ort.Tensor('float32', Float32Array.of(1, 0, 0, 0, -1, 0), [2, 3]) });
    expect([y?.dims, Array.from(y?.data as Float32Array)]).toEqual([[2, 2], [1, -1.5, 2, -2]]);
    await session.release();
  });

  it('reads back what it wrote', () => {
    const graph = sample();
    const { graph: again, metadata, opset } = decodeModel(encodeModel(graph, { metadata: { classes: 'a,b' } }));
    expect({ nodes: again.nodes, inputs: again.inputs, outputs: again.outputs, metadata, opset }).toEqual({ nodes: graph.nodes, inputs: graph.inputs, outputs: graph.outputs, metadata: { classes: 'a,b' }, opset: 18 });
    expect([...again.initializers]).toEqual([...graph.initializers]);
  });

  it('keeps tensors of every type, with negative and large numbers', () => {
    const tensors: Tensor[] = [
      { element: 'int64', shape: [3], data: BigInt64Array.of(-1n, 9007199254740993n, -(2n ** 63n)) },
      { element: 'uint8', shape: [2], data: Uint8Array.of(0, 255) },
      { element: 'int32', shape: [2], data: Int32Array.of(-5, 2 ** 31 - 1) },
      { element: 'float64', shape: [1], data: Float64Array.of(Math.PI) },
      { element: 'bool', shape: [2], data: Uint8Array.of(1, 0) },
      { element: 'float16', shape: [1], data: Uint16Array.of(0x3c00) },
    ];
    const b = new GraphBuilder();
    tensors.forEach((t, i) => b.output(`y${i}`, b.constant(t, `t${i}`)));
    expect([...decodeModel(encodeModel(b.build('types'))).graph.initializers.values()]).toEqual(tensors);
  });

  it('refuses what is no ONNX file with a sentence', () => {
    expect(() => decodeModel(new TextEncoder().encode('this is no model'), 'a.onnx')).toThrow(/^a\.onnx: expected an ONNX model/);
    expect(() => decodeModel(new Uint8Array())).toThrow(/expected an ONNX model with a graph, got none/);
  });
});
