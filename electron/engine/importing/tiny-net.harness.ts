/** A small net as another tool would have written it: named sizes, bias as an Add, x·sigmoid(x), an operator without a layer, names as Python prints them. */
import { createRandom, deriveSeed } from '../../../shared/util/random.ts';
import { ModelMessage } from '../onnx-io/messages.ts';
import { encodeMessage, type Decoded } from '../onnx-io/wire.ts';

const FLOAT = 1;
const tensor = (name: string, dims: readonly number[], deviation: number): Decoded => {
  const random = createRandom(deriveSeed(7, name));
  const data = Float32Array.from({ length: dims.reduce((a, d) => a * d, 1) }, () => random.normal() * deviation);
  return { name, dims, dataType: FLOAT, rawData: new Uint8Array(data.buffer) };
};
const value = (name: string, dims: readonly (string | number)[]): Decoded => ({
  name, type: { tensorType: { elemType: FLOAT, shape: { dim: dims.map((d) => (typeof d === 'string' ? { dimParam: d } : { dimValue: d })) } } },
});
const node = (opType: string, input: readonly string[], output: string, attribute: readonly Decoded[] = []): Decoded => ({ opType, name: `/${output}/${opType}`, input, output: [output], attribute });

/** "zero" to "nine". */
export const tinyNames = ['zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine'] as const;

/** Grey pictures of any size to ten classes: 8 filters of 3×3, 80 + 90 parameters. */
export function tinyNet(): Uint8Array {
  return encodeMessage(ModelMessage, {
    irVersion: 7, producerName: 'pytorch', producerVersion: '1.13.1', opsetImport: [{ domain: '', version: 13 }],
    metadataProps: [{ key: 'names', value: `{${tinyNames.map((n, i) => `${i}: '${n}'`).join(', ')}}` }],
    graph: {
      name: 'torch_jit',
      input: [value('pixels', ['batch', 1, 'height', 'width'])], output: [value('scores', ['batch', 10])],
      initializer: [tensor('conv.weight', [8, 1, 3, 3], 0.4), tensor('conv.bias', [8, 1, 1], 0.1), tensor('fc.weight', [10, 8], 0.5), tensor('fc.bias', [10], 0.1)],
      node: [
        node('Conv', ['pixels', 'conv.weight'], 'c', [{ name: 'pads', ints: [1n, 1n, 1n, 1n], type: 7 }, { name: 'kernel_shape', ints: [3n, 3n], type: 7 }]),
        node('Add', ['c', 'conv.bias'], 'b'), node('Sigmoid', ['b'], 's'), node('Mul', ['b', 's'], 'silu'), node('Cos', ['silu'], 'wave'),
        node('GlobalAveragePool', ['wave'], 'mean'), node('Flatten', ['mean'], 'flat'), node('Gemm', ['flat', 'fc.weight', 'fc.bias'], 'scores', [{ name: 'transB', i: 1n, type: 2 }]),
      ],
    },
  });
}
