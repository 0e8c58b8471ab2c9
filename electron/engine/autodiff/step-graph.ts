/** The step graph: (batch, weights, state) -> (loss, metrics, new weights, new state), one ONNX graph. */
import type { ForwardGraph } from '../../../shared/compile/forward.ts';
import { GraphBuilder, type Value } from '../../../shared/onnx/builder.ts';
import { int, type Graph } from '../../../shared/onnx/ir.ts';
import { differentiate } from './backward.ts';
import { lossValues, type LossKind } from './losses/losses.ts';
import { biasCorrections, stateSlots, update, type OptimizerSpec } from './optimisers/optimisers.ts';
import { lowerGraph } from './lowering/lower.ts';
import type { DeviceKind } from './rule.ts';

export interface StepOptions {
  readonly loss: LossKind;
  readonly optimizer: OptimizerSpec;
  readonly weightDecay: number;
  readonly device: DeviceKind;
  /** Channels in a block of the CPU's blocked kernels; none when left out. */
  readonly block?: number | null;
  readonly input: InputScaling;
}

/** How stored samples become the network's input: (x − offset) · scale. */
export interface InputScaling { readonly element: 'uint8' | 'float32'; readonly offset: number; readonly scale: number }

export interface StateSlot { readonly name: string; readonly shape: readonly number[] }

export interface StepGraph {
  /** Inputs: data, labels (int32 [N]), learning_rate and step (float32 scalars), noise where used, weights and state by name. Outputs: loss, correct, gradient_norm, "new:" + name. */
  readonly graph: Graph;
  readonly state: readonly StateSlot[];
  /** Names of weights and state that the step answers anew; others stay. */
  readonly renewed: readonly string[];
}

/** A forward graph whose input is the stored data, scaled inside. */
function withScaledInput(forward: ForwardGraph, scaling: InputScaling): { b: GraphBuilder; forwardNodes: Graph['nodes'] } {
  const inputName = forward.dataInputs[0] as string;
  const b = new GraphBuilder();
  const type = forward.graph.types.get(inputName);
  if (!type) throw new Error('The forward graph has no data input');
  const data = b.input('data', { element: scaling.element, shape: type.shape });
  let x = b.cast(data, 'float32');
  if (scaling.offset !== 0) x = b.sub(x, b.scalar(scaling.offset));
  if (scaling.scale !== 1) x = b.mul(x, b.scalar(scaling.scale));
  b.append({ name: b.unique('input_scaled'), op: 'Identity', domain: '', inputs: [x.name], outputs: [inputName], attributes: {} }, [type]);
  for (const v of forward.graph.inputs) if (v.name !== inputName) b.input(v.name, v.type);
  for (const [name, tensor] of forward.graph.initializers) b.adopt(name, tensor);
  for (const node of forward.graph.nodes) b.append(node, node.outputs.map((o) => forward.graph.types.get(o) as { element: 'float32'; shape: number[] }));
  return { b, forwardNodes: forward.graph.nodes };
}

export const stateName = (slot: string, weight: string): string => `state:${slot}:${weight}`;

/** Adds loss, gradients and the optimiser to a forward graph lowered for training. */
export function buildStepGraph(forward: ForwardGraph, options: StepOptions): StepGraph {
  const { b, forwardNodes } = withScaledInput(forward, options.input);
  const labels = b.input('labels', { element: 'int32', shape: [forward.batch] });
  const learningRate = b.input('learning_rate', { element: 'float32', shape: [] });
  const step = b.input('step', { element: 'float32', shape: [] });
  const before = b.build('loss').nodes.length;
  const values = lossValues(b, options.loss, forwardNodes, b.value(forward.outputs[0] as string), labels);
  const loss = b.mean(values.perSample, [0], false);
  const correct = values.correct ? b.sum(values.correct, [0], false) : b.scalar(0);
  const lossNodes = b.build('loss').nodes.slice(before);

  const trainable = forward.weights.filter((w) => w.trainable);
  const gradients = differentiate(b, [...forwardNodes, ...lossNodes], loss, trainable.map((w) => w.name), options.device);
  const corrections = biasCorrections(b, options.optimizer, step);
  const state: StateSlot[] = [];
  const renewed: { name: string; value: Value }[] = [];
  const squares: Value[] = [];
  for (const w of trainable) {
    const gradient = gradients.get(w.name);
    if (!gradient) continue;
    squares.push(b.op('ReduceSumSquare', [gradient], { keepdims: int(0) }));
    const slots = stateSlots(options.optimizer).map((slot) => {
      const name = stateName(slot, w.name);
      state.push({ name, shape: w.shape });
      return [slot, b.input(name, { element: 'float32', shape: w.shape })] as const;
    });
    const parameter = b.value(w.name);
    // Decoupled weight decay (Loshchilov and Hutter 2019): p ← p·(1 − η·λ) before the step, weights only.
    const decayed = options.weightDecay > 0 && w.decays ? b.sub(parameter, b.mul(parameter, b.mul(learningRate, b.scalar(options.weightDecay)))) : parameter;
    const next = b.scope(`update/${w.name}`, () => update(b, options.optimizer, { parameter: decayed, gradient, state: Object.fromEntries(slots), learningRate, corrections }));
    renewed.push({ name: w.name, value: next.parameter });
    for (const [slot, value] of Object.entries(next.state)) renewed.push({ name: stateName(slot, w.name), value });
  }
  for (const [name, value] of forward.updates) renewed.push({ name, value: b.value(value) });
  b.output('loss', loss);
  b.output('correct', correct);
  b.output('gradient_norm', squares.length > 0 ? b.sqrt(squares.reduce((a, v) => b.add(a, v))) : b.scalar(0));
  for (const { name, value } of renewed) b.output(`new:${name}`, value);
  return { graph: lowerGraph(b.build(`${forward.graph.name} step`), { device: options.device, block: options.block ?? null }), state, renewed: renewed.map((r) => r.name) };
}

export interface EvaluationOptions {
  readonly loss: LossKind;
  readonly input: InputScaling;
  /** Values to answer besides, as "tap:" + layer. */
  readonly taps?: readonly string[];
}

/** Inference with per-sample loss [N] and correctness [N], so that a padded last batch is counted exactly. Outputs: loss, correct, outputs. */
export function buildEvaluationGraph(forward: ForwardGraph, options: EvaluationOptions): Graph {
  const { b, forwardNodes } = withScaledInput(forward, options.input);
  const labels = b.input('labels', { element: 'int32', shape: [forward.batch] });
  const predictions = b.value(forward.outputs[0] as string);
  const { perSample, correct } = lossValues(b, options.loss, forwardNodes, predictions, labels);
  b.output('loss', perSample);
  if (correct) b.output('correct', correct);
  b.output('outputs', predictions);
  return b.build(`${forward.graph.name} evaluation`);
}

/** Inference that answers the outputs of the given layers as "tap:" + id. */
export function buildTapGraph(forward: ForwardGraph, input: InputScaling, layers: readonly string[]): Graph {
  const { b } = withScaledInput(forward, input);
  for (const layer of layers) {
    const value = forward.taps.get(layer);
    if (value !== undefined) b.output(`tap:${layer}`, b.value(value));
  }
  return b.build(`${forward.graph.name} taps`);
}
