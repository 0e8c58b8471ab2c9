/** Test harness: a rule's gradients against central finite differences, run by ONNX Runtime. Not part of the product. */
import * as ort from 'onnxruntime-node';
import { GraphBuilder, type Value } from '../../../shared/onnx/builder.ts';
import { MICROSOFT_DOMAIN, type Graph } from '../../../shared/onnx/ir.ts';
import { createRandom } from '../../../shared/util/random.ts';
import { encodeModel } from '../onnx-io/model.ts';
import { differentiate } from './backward.ts';
import { legalise } from './legalise.ts';
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
  /** Runs as this opset; 18 unless told. */
  readonly opset?: number;
}

const product = (s: readonly number[]): number => s.reduce((a, d) => a * d, 1);

/** What a right rule stays below in every case here, while one that is wrong by a hundredth does not. */
export const TOLERANCE = 4e-3;

/** The case's graph with its gradients: inputs x0, x1, …; outputs y_out and g0, g1, … */
export function gradientGraph(test: GradientCase, direction: (shape: readonly number[]) => Float32Array): Graph {
  const device = test.device ?? 'cpu';
  const draft = new GraphBuilder();
  const inputs = test.shapes.map((shape, i) => draft.input(`x${i}`, { element: 'float32', shape }));
  draft.output('y_out', test.build(draft, inputs));
  // As training does it: what the device lacks is rewritten first.
  const b = GraphBuilder.from(legalise(draft.build(test.name), device));
  const y = b.value('y_out');
  const { shape } = y.type;
  const loss = b.sum(b.mul(y, b.constant({ element: 'float32', shape, data: direction(shape) }, 'direction')), undefined, false);
  const gradients = differentiate(b, [...b.build('forward').nodes], loss, inputs.map((v) => v.name), device);
  inputs.forEach((v, i) => b.output(`g${i}`, gradients.get(v.name) ?? b.op('Expand', [b.scalar(0), b.int64(v.type.shape)])));
  return lowerGraph(b.build(test.name), { device, block: test.block ?? null });
}

/**
 * The largest difference between analytic and numeric gradient of an input, relative to the largest number of that gradient
 * (or to a twentieth of all inputs' largest, where it is small). The output is projected on a random direction, so that one
 * scalar function is differentiated; float32 with a step of 1e-2 leaves about 1e-3 of error in a smooth function.
 */
export async function gradientError(test: GradientCase, provider: 'cpu' | 'webgpu' = 'cpu'): Promise<number> {
  const random = createRandom(17);
  let weights = new Float32Array();
  const graph = gradientGraph(test, (shape) => (weights = Float32Array.from({ length: product(shape) }, () => random.normal())));
  const model = encodeModel(graph, test.opset ? { opsets: { '': test.opset, [MICROSOFT_DOMAIN]: 1 } } : {});
  const session = await ort.InferenceSession.create(model, { executionProviders: [provider], logSeverityLevel: 3 });
  const data = test.shapes.map((s) => Float32Array.from({ length: product(s) }, (_, i) => (test.sample ?? ((n: number) => n))(random.normal(), i)));
  const run = async () => session.run(Object.fromEntries(data.map((d, i) => [`x${i}`, new ort.Tensor('float32', d, [...(test.shapes[i] as number[])])])));
  // The projection in float64: the sum's own rounding would drown the differences.
  const project = async () => (Array.from((await run()).y_out?.data as Float32Array)).reduce((s, v, i) => s + v * (weights[i] as number), 0);
  const analytic = await run();
  const inputs: { worst: number; scale: number }[] = [];
  const step = 1e-2;
  for (let i = 0; i < data.length; i++) {
    const g = analytic[`g${i}`]?.data as Float32Array;
    const d = data[i] as Float32Array;
    let [worst, scale] = [0, 1e-3];
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
    inputs.push({ worst, scale });
  }
  await session.release();
  const least = 0.05 * Math.max(...inputs.map((v) => v.scale));
  return Math.max(...inputs.map((v) => v.worst / Math.max(v.scale, least)));
}
