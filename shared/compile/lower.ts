/** Network -> forward graph: each layer's row lowers itself. */
import { string, type TensorType } from '../onnx/ir.ts';
import { GraphBuilder, type Value } from '../onnx/builder.ts';
import { layerSpec } from '../layers/table.ts';
import { isSamples, tensorTypeOf } from '../layers/value-type.ts';
import { opsetsOf } from './opsets.ts';
import { deriveSeed } from '../util/random.ts';
import { activations, type Activation } from '../layers/common.ts';
import type { ForwardGraph, GraphWeight } from './forward.ts';
import type { Network, NetworkLayer } from './network.ts';

export interface LowerOptions {
  readonly batch: number;
  readonly training: boolean;
  /** Training only: norms that hold statistics go by them, instead of by the batch, and leave them as they are. */
  readonly keepStatistics?: boolean;
  /** Layers that are left whole: one node of `WHOLE`, whose operands are the layer's inputs and whose weights are no inputs of the graph. */
  readonly whole?: (layer: NetworkLayer) => boolean;
}

/** The node that stands for a whole layer; its attribute "layer" names it. */
export const WHOLE = { domain: 'netloom', op: 'Layer' } as const;

/** The layer as one node. Its activation stays a node behind it: it means the same to every engine, and a loss finds it at the net's end. */
function leaveWhole(b: GraphBuilder, layer: NetworkLayer, inputs: readonly Value[], type: TensorType): Value {
  const name = b.unique(b.prefix + WHOLE.op);
  b.append({ ...WHOLE, name, inputs: inputs.map((v) => v.name), outputs: [`${name}:y`], attributes: { layer: string(layer.id) } }, [type]);
  const { activation } = layer.params;
  const y = b.value(`${name}:y`);
  return activation === undefined ? y : activations[activation as Activation].lower(b, y);
}

/**
 * Lowers a network for a fixed batch. Inputs: "input" (float32, batch first), the weights by name, and "noise" where a
 * layer draws random numbers in training. Output: "output".
 */
export function lowerForward(network: Network, options: LowerOptions): ForwardGraph {
  const b = new GraphBuilder();
  const values = new Map<string, readonly (Value | null)[]>();
  const taps = new Map<string, string>();
  const updates = new Map<string, string>();
  const weights: GraphWeight[] = [];
  const dataInputs: string[] = [];
  const outputs: string[] = [];
  const batched = new Set<string>();
  const borders = new Map<string, string>();
  const auxiliary: { value: string; share: number }[] = [];
  let noise: Value | null = null;
  const numbered = (stem: string, count: number) => (count === 0 ? stem : `${stem}_${count + 1}`);

  for (const layer of network.layers) {
    const spec = layerSpec(layer.type);
    const inputs = layer.inputs.map((id, i) => values.get(id)?.[layer.inputPorts?.[i] ?? 0] as Value);
    const types = layer.types.map((t) => tensorTypeOf(t, options.batch));
    const border = (name: string): void => {
      borders.set(name, layer.id);
      if (layer.types[0]?.batched) batched.add(name);
    };
    if (spec.inputs.length === 0) {
      const name = numbered('input', dataInputs.length);
      dataInputs.push(name);
      border(name);
      inputs.push(b.input(name, types[0] as TensorType));
    }
    const own = new Map<string, Value>();
    const whole = !layer.bypassed && options.whole?.(layer) === true;
    for (const w of layer.weights) {
      if (!whole) own.set(w.name, b.input(w.fullName, { element: 'float32', shape: w.shape }));
      weights.push({ name: w.fullName, layer: layer.id, shape: w.shape, trainable: w.role === 'trained' && !layer.frozen, decays: w.decays, ...(layer.trainsFrom === undefined ? {} : { joined: layer.trainsFrom }) });
    }
    const weight = (name: string): Value => own.get(name) as Value;
    const params = layer.params as never;
    const made = layer.bypassed ? inputs.slice(0, 1) : b.scope(layer.id, () => (whole ? [leaveWhole(b, layer, inputs, types[0] as TensorType)] : spec.tensors?.lower({ b, params, inputs, weight, outputs: types }) ?? [spec.lower({
      b,
      params,
      inputs,
      inputShapes: layer.inputShapes,
      outputShape: layer.shape,
      weight,
      // A frozen BatchNorm keeps its statistics too.
      training: options.training && !layer.frozen && !(options.keepStatistics === true && layer.weights.some((w) => w.role === 'statistic')),
      updateStatistic: (name, v) => updates.set(`${layer.id}.${name}`, v.name),
      random: () => {
        noise ??= b.input('noise', { element: 'float32', shape: [4] });
        return { noise, layerSeed: deriveSeed(0, layer.id) };
      },
    })]));
    values.set(layer.id, made);
    const [value, type] = [made[0], layer.types[0]];
    if (!value || !type) continue;
    if (isSamples(type)) taps.set(layer.id, value.name);
    if (spec.auxiliary) auxiliary.push({ value: value.name, share: spec.auxiliary(params) });
    else if (spec.outputs.length === 0) {
      const name = numbered('output', outputs.length);
      outputs.push(name);
      border(name);
      b.output(name, value);
    }
  }
  return { graph: b.build(network.name || 'network'), batch: options.batch, training: options.training, dataInputs, outputs, batched, borders, opsets: opsetsOf(network), auxiliary, weights, taps, updates, usesRandom: noise !== null };
}
