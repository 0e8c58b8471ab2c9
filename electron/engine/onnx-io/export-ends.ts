/** The two ends of an exported graph: what comes in as pictures hold it, what goes out as probabilities. */
import { attribute, int, type Graph, type Node } from '../../../shared/onnx/ir.ts';

/** Class axis of every answer: [N, C] or [N, C, H, W]. */
const CLASS_AXIS = 1;

/** Operators that leave the numbers as they are. */
const views = new Set(['Identity', 'Reshape', 'Flatten', 'Squeeze', 'Unsqueeze']);
/** Operators whose answers are no scores any more. */
const closing = new Set(['Softmax', 'LogSoftmax', 'Sigmoid', 'Hardmax', 'HardSigmoid']);

/** Whether an output is scores, as opposed to probabilities. */
export function endsInScores(graph: Graph, output: string): boolean {
  const makers = new Map(graph.nodes.flatMap((n) => n.outputs.map((y) => [y, n] as const)));
  let node = makers.get(output);
  while (node && node.domain === '' && views.has(node.op)) node = makers.get(node.inputs[0] ?? '');
  return node === undefined || node.domain !== '' || !closing.has(node.op);
}

/** Every reader and maker of one value goes by another name. */
const renamed = (nodes: readonly Node[], from: string, to: string): Node[] => {
  const name = (n: string): string => (n === from ? to : n);
  return nodes.map((n) => (n.inputs.includes(from) || n.outputs.includes(from) ? { ...n, inputs: n.inputs.map(name), outputs: n.outputs.map(name) } : n));
};

/** The output, made of scores, answers probabilities: softmax over the classes, or for one score the probability of the second of two. */
export function withProbabilities(graph: Graph, output: string): Graph {
  const type = graph.types.get(output);
  if (!type) throw new Error(`No value named ${output} in the graph`);
  const scores = `${output}/scores`;
  const single = type.shape[CLASS_AXIS] === 1;
  const last: Node = { name: `${output}/probabilities`, op: single ? 'Sigmoid' : 'Softmax', domain: '', inputs: [scores], outputs: [output], attributes: single ? {} : { axis: int(CLASS_AXIS) } };
  return { ...graph, nodes: [...renamed(graph.nodes, output, scores), last], types: new Map([...graph.types, [scores, type]]) };
}

/** The input takes values from 0 to `maximum` and is scaled to 0…1 first. */
export function withStoredInput(graph: Graph, input: string, maximum: number): Graph {
  const type = graph.types.get(input);
  if (!type) throw new Error(`No value named ${input} in the graph`);
  if (maximum === 1) return graph;
  const [unit, factor] = [`${input}/unit`, `${input}/scale`];
  const first: Node = { name: `${input}/to unit`, op: 'Mul', domain: '', inputs: [input, factor], outputs: [unit], attributes: {} };
  return {
    ...graph,
    nodes: [first, ...renamed(graph.nodes, input, unit)],
    initializers: new Map([...graph.initializers, [factor, { element: 'float32', shape: [], data: Float32Array.of(1 / maximum) }]]),
    types: new Map([...graph.types, [unit, type], [factor, { element: 'float32', shape: [] }]]),
  };
}

/** Batch normalisations of a graph that stand for themselves. */
export const batchNorms = (graph: Graph): number => graph.nodes.filter((n) => n.op === 'BatchNormalization' && n.domain === '' && attribute(n, 'training_mode', 'int', 0) === 0).length;
