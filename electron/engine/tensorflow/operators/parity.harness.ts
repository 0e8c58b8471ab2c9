/** Test harness: a case of a gradient rule run by ONNX Runtime, and the same graph with TensorFlow's own gradient. */
import { elementCount } from '../../../../shared/shapes/shape.ts';
import type * as tfjs from '@tensorflow/tfjs';
import * as ort from 'onnxruntime-node';
import { GraphBuilder } from '../../../../shared/onnx/builder.ts';
import type { Graph } from '../../../../shared/onnx/ir.ts';
import { createRandom } from '../../../../shared/util/random.ts';
import { gradientGraph, type GradientCase } from '../../autodiff/gradient.harness.ts';
import { encodeModel } from '../../onnx-io/model.ts';
import { releaseConstants } from '../constants.ts';
import { channelsFirst, channelsLast, laidLast, type Laid } from '../laid.ts';
import { runGraph } from '../run-graph.ts';
import { tidied, type Tensor, type Tf } from '../tf.ts';

export interface Answers { readonly y: Float32Array; readonly gradients: readonly Float32Array[] }
export interface Posed {
  readonly data: readonly Float32Array[];
  readonly direction: Float32Array;
  readonly answers: Answers;
}

/** What ONNX Runtime answers, with our gradient of Σ y · direction, at random numbers of the case. */
export async function byRuntime(test: GradientCase): Promise<Posed> {
  const random = createRandom(29);
  let direction = new Float32Array();
  const graph = gradientGraph(test, (shape) => (direction = Float32Array.from({ length: elementCount(shape) }, () => random.normal())));
  const data = test.shapes.map((s) => Float32Array.from({ length: elementCount(s) }, (_, i) => (test.sample ?? ((n: number) => n))(random.normal(), i)));
  const session = await ort.InferenceSession.create(encodeModel(graph), { logSeverityLevel: 3 });
  const out = await session.run(Object.fromEntries(data.map((d, i) => [`x${i}`, new ort.Tensor('float32', d, [...(test.shapes[i] as number[])])])));
  await session.release();
  return { data, direction, answers: { y: out.y_out?.data as Float32Array, gradients: data.map((_, i) => out[`g${i}`]?.data as Float32Array) } };
}

/** The case's graph alone. */
export function forwardGraph(test: GradientCase): Graph {
  const b = new GraphBuilder();
  b.output('y', test.build(b, test.shapes.map((shape, i) => b.input(`x${i}`, { element: 'float32', shape }))));
  return b.build(test.name);
}

/** What TensorFlow answers, its operands lying with channels first or last. */
export function byTensorflow(tf: Tf, test: GradientCase, { data, direction }: Pick<Posed, 'data' | 'direction'>, last: boolean): Answers {
  const graph = forwardGraph(test);
  const shape = graph.outputs[0]?.type.shape ?? [];
  const feeds = (tensors: readonly Tensor[]) => new Map(tensors.map((tensor, i): [string, Laid] => [`x${i}`, last ? laidLast(tensor) : { tensor, last: false }]));
  const run = (from: readonly Tensor[], taped: boolean) => channelsFirst(tf, runGraph(tf, graph, feeds(from), { layers: new Map(), taped }).get('y') as Laid);
  try {
    return tidied(tf, () => {
      const inputs = data.map((d, i) => tf.tensor(d, [...(test.shapes[i] as number[])]));
      const laid = inputs.map((tensor) => (last ? channelsLast(tf, { tensor, last: false }) : tensor));
      const y = run(laid, false).dataSync() as Float32Array;
      const gradients = tf.grads((...from) => tf.sum(tf.mul(run(from, true), tf.tensor(direction, [...shape]))) as tfjs.Scalar)(laid);
      return { y, gradients: gradients.map((g) => channelsFirst(tf, last ? laidLast(g) : { tensor: g, last: false }).dataSync() as Float32Array) };
    });
  } finally {
    releaseConstants(graph);
  }
}

/** The largest difference, relative to the largest number, or to `least` where all are smaller. */
export function distance(a: Float32Array, b: Float32Array, least: number): number {
  if (a.length !== b.length) return Infinity;
  const scale = Math.max(least, ...b.map(Math.abs));
  return Math.max(0, ...a.map((v, i) => Math.abs(v - (b[i] as number)))) / scale;
}
