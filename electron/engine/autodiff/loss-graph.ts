/** A forward graph with its loss: what a step differentiates, and what an evaluation counts. */
import type { ForwardGraph } from '../../../shared/compile/forward.ts';
import { GraphBuilder, type Value } from '../../../shared/onnx/builder.ts';
import type { Graph } from '../../../shared/onnx/ir.ts';
import { lossValues, meanLoss, type LossChoice, type LossValues } from './losses/losses.ts';
import { labelShape } from './losses/targets.ts';

export interface LossOptions {
  readonly loss: LossChoice;
  readonly input: InputScaling;
  /** int32 class labels [N, …], or float32 values in the outputs' shape. */
  readonly targets?: 'labels' | 'values';
}

/** How stored samples become the network's input: (x − offset) · scale. */
export interface InputScaling { readonly element: 'uint8' | 'float32'; readonly offset: number; readonly scale: number }

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

/** Labels or values to compare with, and the loss over them. */
function lossInput(b: GraphBuilder, forward: ForwardGraph, options: Pick<LossOptions, 'loss' | 'targets'>, nodes: Graph['nodes']): LossValues {
  const predictions = b.value(forward.outputs[0] as string);
  const { shape } = predictions.type;
  const labels = b.input('labels', options.targets === 'values' ? { element: 'float32', shape } : { element: 'int32', shape: labelShape(shape) });
  return lossValues(b, options.loss, nodes, predictions, labels);
}

export interface WithLoss {
  readonly b: GraphBuilder;
  /** The forward pass, and behind it what a gradient goes through of the loss. */
  readonly forwardNodes: Graph['nodes'];
  readonly lossNodes: Graph['nodes'];
  /** Scalars: the loss that is told, what is to be made small (with the shares of auxiliary answers), and right answers. */
  readonly loss: Value;
  readonly total: Value;
  readonly correct: Value;
}

/** Adds the loss over a batch to a forward graph lowered for training. */
export function withLoss(forward: ForwardGraph, options: LossOptions): WithLoss {
  const { b, forwardNodes } = withScaledInput(forward, options.input);
  const before = b.build('loss').nodes.length;
  const values = lossInput(b, forward, options, forwardNodes);
  const loss = meanLoss(b, values);
  const aside = (forward.auxiliary ?? []).map(({ value, share }) => ({ ...lossValues(b, options.loss, forwardNodes, b.value(value), b.value('labels')), share }));
  const total = aside.reduce((sum, a) => b.add(sum, b.mul(meanLoss(b, a), b.scalar(a.share))), loss);
  const correct = values.correct ? b.sum(values.correct, [0], false) : b.scalar(0);
  const detached = new Set([values, ...aside].flatMap((v) => v.detached ?? []).map((v) => v.name));
  const lossNodes = b.build('loss').nodes.slice(before).filter((n) => !detached.has(n.outputs[0] as string));
  return { b, forwardNodes, lossNodes, loss, total, correct };
}

/**
 * The forward pass and its loss alone, for an engine that differentiates itself. Outputs: loss, total (what is to be made small),
 * correct, and "new:" + name of each statistic. Inputs as of the step graph, without the optimiser's.
 */
export function buildLossGraph(forward: ForwardGraph, options: LossOptions): Graph {
  const { b, loss, total, correct } = withLoss(forward, options);
  b.output('loss', loss);
  b.output('total', total);
  b.output('correct', correct);
  for (const [name, value] of forward.updates) b.output(`new:${name}`, b.value(value));
  return b.build(`${forward.graph.name} loss`);
}

/** Inference with per-sample loss, weight and correctness, each [N], so that a padded last batch is counted exactly. Outputs: loss, weight and correct where there are any, outputs. */
export function buildEvaluationGraph(forward: ForwardGraph, options: LossOptions): Graph {
  const { b, forwardNodes } = withScaledInput(forward, options.input);
  const { perSample, weight, correct } = lossInput(b, forward, options, forwardNodes);
  b.output('loss', perSample);
  if (weight) b.output('weight', weight);
  if (correct) b.output('correct', correct);
  b.output('outputs', b.value(forward.outputs[0] as string));
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
