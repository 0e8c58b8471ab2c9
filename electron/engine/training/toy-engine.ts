/** A softmax regression in plain arithmetic: the training loop's tests run on it, without any graph or runtime. */
import { elementCount } from '../../../shared/shapes/shape.ts';
import type { Batch, InputEncoding, TrainingEngine, TrainingSession, Weights } from './engine.ts';

export interface ToyOptions {
  /** Runs before each step; may wait, pull a lever or throw. `step` counts from 1. */
  readonly beforeStep?: (step: number) => void | Promise<void>;
  readonly beforeEvaluate?: () => void | Promise<void>;
}

/** SGD with momentum 0.5 on W (classes × features), whose weight is named "dense.kernel". Layers: "input", "dense". */
export function toyEngine(toy: ToyOptions = {}): TrainingEngine & { steps: number; evaluated: number[] } {
  const engine = { steps: 0, evaluated: [] as number[], open };
  return engine;

  function open(_network: unknown, _config: unknown, weights: Weights, encoding: InputEncoding): Promise<TrainingSession> {
    const start = weights.get('dense.kernel');
    if (!start) throw new Error('No weight dense.kernel');
    const [classes = 0, features = 0] = start.shape;
    let w: Float32Array = start.data.slice();
    let v: Float32Array = new Float32Array(elementCount(start.shape));
    let step = 0;

    const outputs = (batch: Batch): Float32Array => {
      const z = new Float32Array(batch.size * classes);
      for (let n = 0; n < batch.size; n++)
        for (let c = 0; c < classes; c++) for (let f = 0; f < features; f++) z[n * classes + c]! += w[c * features + f]! * batch.inputs[n * features + f]! * encoding.scale;
      return z;
    };
    const losses = (z: Float32Array, batch: Batch) => {
      const p = new Float32Array(z.length);
      let lossSum = 0;
      let correct = 0;
      for (let n = 0; n < batch.size; n++) {
        const row = z.subarray(n * classes, (n + 1) * classes);
        const top = row.reduce((a, x) => (x > a || Number.isNaN(x) ? x : a), -Infinity);
        const sum = row.reduce((a, x) => a + Math.exp(x - top), 0);
        const label = batch.targets[n] as number;
        lossSum += Math.log(sum) + top - (row[label] as number);
        if (row.indexOf(top) === label) correct++;
        row.forEach((x, c) => (p[n * classes + c] = Math.exp(x - top) / sum));
      }
      return { p, lossSum, correct };
    };

    return Promise.resolve<TrainingSession>({
      async step(batch, rate) {
        await toy.beforeStep?.(step + 1);
        engine.steps++;
        const { p, lossSum, correct } = losses(outputs(batch), batch);
        const next = w.slice();
        const velocity = v.slice();
        let square = 0;
        for (let c = 0; c < classes; c++)
          for (let f = 0; f < features; f++) {
            let g = 0;
            for (let n = 0; n < batch.size; n++) g += (p[n * classes + c]! - (batch.targets[n] === c ? 1 : 0)) * batch.inputs[n * features + f]! * encoding.scale;
            g /= batch.size;
            square += g * g;
            const i = c * features + f;
            velocity[i] = velocity[i]! * 0.5 + g;
            next[i] = next[i]! - rate * velocity[i]!;
          }
        const result = { loss: lossSum / batch.size, correct, gradientNorm: Math.sqrt(square) };
        if (!Number.isFinite(result.loss) || !Number.isFinite(result.gradientNorm)) return result;
        w = next;
        v = velocity;
        step++;
        return result;
      },
      async evaluate(batch) {
        await toy.beforeEvaluate?.();
        engine.evaluated.push(batch.size);
        const z = outputs(batch);
        const { lossSum, correct } = losses(z, batch);
        return { lossSum, correct, outputs: z };
      },
      forward(batch, layers) {
        const all = { input: { shape: [batch.size, features], data: Float32Array.from(batch.inputs, (x) => x * encoding.scale) }, dense: { shape: [batch.size, classes], data: outputs(batch) } };
        return Promise.resolve(new Map(layers.map((l) => [l, all[l as 'input' | 'dense']])));
      },
      snapshot: () => Promise.resolve({ weights: new Map([['dense.kernel', { shape: start.shape, data: w.slice() }]]), state: new Map([['velocity', { shape: start.shape, data: v.slice() }]]), step }),
      restore(s) {
        w = (s.weights.get('dense.kernel')?.data ?? w).slice();
        v = (s.state.get('velocity')?.data ?? v).slice();
        step = s.step;
        return Promise.resolve();
      },
      dispose: () => Promise.resolve(),
    });
  }
}
