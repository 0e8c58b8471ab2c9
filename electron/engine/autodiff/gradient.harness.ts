/** Test harness: a rule's gradients against central finite differences, run by ONNX Runtime. Not part of the product. */
import * as ort from 'onnxruntime-node';
import { GraphBuilder, type Value } from '../../../shared/onnx/builder.ts';
import { createRandom } from '../../../shared/util/random.ts';
import { encodeModel } from '../onnx-io/model.ts';
import { differentiate } from './backward.ts';
import { lowerGraph } from './lowering/lower.ts';
import type { DeviceKind } from './rule.ts';

export interface GradientCase {
  readonly name: string;
  /** Shapes of the inputs whose gradients are checked. */
  readonly shapes: readonly (readonly number[])[];
  readonly build: (b: GraphBuilder, inputs: Value[]) => Value;
  /** Maps a standard normal number to an input value; keeps away from kinks. */
  readonly sample?: (normal: number, index: number) => number;
  readonly device?: DeviceKind;
  /** Lowers to the CPU's blocked kernels with so many channels a block. */
  readonly block?: number;
}

const product = (s: readonly number[]): number => s.reduce((a, d) => a * d, 1);

/**
 * The largest difference between analytic and numeric gradient, relative to the largest gradient. The output is projected on a
 * random direction, so that one scalar function is differentiated; float32 with a step of 1e-2 leaves about 1e-3 of error
 * in a smooth function, so 1e-2 is a sound bound.
 */
export async function gradientError(test: GradientCase, provider: 'cpu' | 'webgpu' = 'cpu'): Promise<number> {
  const random = createRandom(17);
  const b = new GraphBuilder();
  const inputs = test.shapes.map((shape, i) => b.input(`x${i}`, { element: 'float32', shape }));
  const y = test.build(b, inputs);
  const weights = Float32Array.from({ length: product(y.type.shape) }, () => random.normal());
  const direction = b.constant({ element: 'float32', shape: y.type.shape, data: weights }, 'direction');
  const loss = b.sum(b.mul(y, direction), undefined, false);
  const nodes = [...b.build('forward').nodes];
  const gradients = differentiate(b, nodes, loss, inputs.map((v) => v.name), test.device ?? 'cpu');
  b.output('y_out', y);
  inputs.forEach((v, i) => b.output(`g${i}`, gradients.get(v.name) ?? b.constant({ element: 'float32', shape: v.type.shape, data: new Float32Array(product(v.type.shape)) })));
  const session = await ort.InferenceSession.create(encodeModel(lowerGraph(b.build(test.name), { device: test.device ?? 'cpu', block: test.block ?? null })), { executionProviders: [provider], logSeverityLevel: 3 });
  const data = test.shapes.map((s) => Float32Array.from({ length: product(s) }, (_, i) => (test.sample ?? ((n: number) => n))(random.normal(), i)));
  const run = async () => session.run(Object.fromEntries(data.map((d, i) => [`x${i}`, new ort.Tensor('float32', d, [...(test.shapes[i] as number[])])])));
  // The projection in float64: the sum's own rounding would drown the differences.
  const project = async () => (Array.from((await run()).y_out?.data as Float32Array)).reduce((s, v, i) => s + v * (weights[i] as number), 0);
  const analytic = await run();
  let worst = 0;
  let scale = 1e-3;
  const step = 1e-2;
  for (let i = 0; i < data.length; i++) {
    const g = analytic[`g${i}`]?.data as Float32Array;
    const d = data[i] as Float32Array;
    for (let k = 0; k < d.length; k++) {
      const middle = d[k] as number;
      d[k] = middle + step;
      const high = await project();
      const width = (d[k] as number) - (middle - step);
      d[k] = middle - step;
      const low = await project();
      d[k] = middle;
      const numeric = (high - low) / width;
      worst = Math.max(worst, Math.abs(numeric - (g[k] as number)));
      scale = Math.max(scale, Math.abs(numeric));
    }
  }
  await session.release();
  return worst / scale;
}
