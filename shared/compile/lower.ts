/** Network -> forward graph: each layer's row lowers itself. */
import { GraphBuilder, type Value } from '../onnx/builder.ts';
import { layerSpec } from '../layers/table.ts';
import { deriveSeed } from '../util/random.ts';
import type { ForwardGraph, GraphWeight } from './forward.ts';
import type { Network } from './network.ts';

export interface LowerOptions {
  readonly batch: number;
  readonly training: boolean;
  /** Training only: norms that hold statistics go by them, instead of by the batch, and leave them as they are. */
  readonly keepStatistics?: boolean;
}

/**
 * Lowers a network for a fixed batch. Inputs: "input" (float32, batch first), the weights by name, and "noise" where a
 * layer draws random numbers in training. Output: "output".
 */
export function lowerForward(network: Network, options: LowerOptions): ForwardGraph {
  const b = new GraphBuilder();
  const values = new Map<string, Value>();
  const taps = new Map<string, string>();
  const updates = new Map<string, string>();
  const weights: GraphWeight[] = [];
  const dataInputs: string[] = [];
  const outputs: string[] = [];
  const auxiliary: { value: string; share: number }[] = [];
  let noise: Value | null = null;
  const numbered = (stem: string, count: number) => (count === 0 ? stem : `${stem}_${count + 1}`);

  for (const layer of network.layers) {
    const spec = layerSpec(layer.type);
    const inputs = layer.inputs.map((id) => values.get(id) as Value);
    if (spec.inputs.length === 0) {
      const name = numbered('input', dataInputs.length);
      dataInputs.push(name);
      inputs.push(b.input(name, { element: 'float32', shape: [options.batch, ...layer.shape] }));
    }
    const own = new Map<string, Value>();
    for (const w of layer.weights) {
      own.set(w.name, b.input(w.fullName, { element: 'float32', shape: w.shape }));
      weights.push({ name: w.fullName, layer: layer.id, shape: w.shape, trainable: w.role === 'trained' && !layer.frozen, decays: w.decays });
    }
    const value = layer.bypassed ? (inputs[0] as Value) : b.scope(layer.id, () =>
      spec.lower({
        b,
        params: layer.params as never,
        inputs,
        inputShapes: layer.inputShapes,
        outputShape: layer.shape,
        weight: (name) => own.get(name) as Value,
        // A frozen BatchNorm keeps its statistics too.
        training: options.training && !layer.frozen && !(options.keepStatistics === true && layer.weights.some((w) => w.role === 'statistic')),
        updateStatistic: (name, v) => updates.set(`${layer.id}.${name}`, v.name),
        random: () => {
          noise ??= b.input('noise', { element: 'float32', shape: [4] });
          return { noise, layerSeed: deriveSeed(0, layer.id) };
        },
      }));
    values.set(layer.id, value);
    taps.set(layer.id, value.name);
    if (spec.auxiliary) auxiliary.push({ value: value.name, share: spec.auxiliary(layer.params as never) });
    else if (spec.outputs.length === 0) {
      const name = numbered('output', outputs.length);
      outputs.push(name);
      b.output(name, value);
    }
  }
  return { graph: b.build(network.name || 'network'), batch: options.batch, training: options.training, dataInputs, outputs, auxiliary, weights, taps, updates, usesRandom: noise !== null };
}
