/** From a file as it stands to the one form that recognising takes. */
import { NetloomError } from '../../../../shared/diagnostics/diagnostic.ts';
import type { Graph, Node, Tensor, TensorType } from '../../../../shared/onnx/ir.ts';
import { eliminateDeadNodes } from '../../../../shared/onnx/passes/eliminate-dead-nodes.ts';
import { eliminateIdentity } from '../../../../shared/onnx/passes/eliminate-identity.ts';
import type { SourceModel } from '../../onnx-io/source.ts';
import type { NormalModel, NormaliseOptions } from '../normal.ts';
import { draftOf, refuser, titleOf, type Refuse } from './draft.ts';
import { bytesOf, isBlownUp, isKernel, isWeightInput, MOST_MADE } from './folding.ts';
import { liveNodes, orderNodes } from './order.ts';
import { batchInputs, inputType, openSizes } from './sizes.ts';
import { batchRole, BatchHeld, typeOf, type Known } from './state.ts';
import { trimmed } from './trim.ts';
import { Walk } from './walk.ts';
import { wideningOf } from './widen.ts';

export { openSizes } from './sizes.ts';

/**
 * Brings a file into the normal form. Throws onnx.unsupported for what cannot be: sequences and text at the borders, branches
 * and loops that depend on the data, sizes that nobody gave; engine.load and engine.run for operators that ONNX Runtime refuses.
 */
export async function normalise(model: SourceModel, options: NormaliseOptions = {}): Promise<NormalModel> {
  const batch = batchInputs(model);
  for (const freed of batch.length > 1 ? [batch, batch.slice(0, 1)] : batch.length > 0 ? [batch] : []) {
    try {
      return await attempt(model, options, new Set(freed), 2);
    } catch (cause) {
      // Held, or in error only because the batch is not the file's: the net is taken as it was saved.
      if (!(cause instanceof BatchHeld) && !(cause instanceof NetloomError)) throw cause;
    }
  }
  return attempt(model, options, new Set(), 1);
}

async function attempt(model: SourceModel, options: NormaliseOptions, freed: ReadonlySet<string>, lanes: number): Promise<NormalModel> {
  const refuse = refuser(model.file);
  const { graph } = model;
  const widening = wideningOf(model);
  const told = new Map([...graph.values, ...graph.outputs.flatMap((v) => (v.type ? [[v.name, v.type] as const] : []))]);
  const walk = new Walk({ lanes, opsets: model.opsets, functions: model.functions, widening, refuse, told });
  const open = openSizes(model);
  for (const name of [...graph.inputs.map((v) => v.name), ...graph.initializers.keys(), ...graph.nodes.flatMap((n) => n.outputs)]) walk.reserve(name);
  for (const v of graph.inputs) {
    if (walk.has(v.name)) throw refuse('inputs of different names', `two named ${v.name}`, 'Export the net anew.');
    const types = Array.from({ length: lanes }, (_, i) => inputType(model, v, i + 1, freed, options.sizes ?? {}, open));
    walk.input(v.name, types.map((t) => ({ ...t, element: widening.element(t.element) })));
  }
  for (const [name, tensor] of graph.initializers) if (name !== '') walk.weight(name, tensor);
  const given = new Set([...graph.inputs.map((v) => v.name), ...graph.initializers.keys()]);
  const wanted = graph.outputs.map((v) => v.name);
  for (const name of graph.opaque.keys()) given.add(name);
  const nodes = liveNodes(orderNodes(graph.nodes, (name) => given.has(name), refuse), wanted);
  for (const name of wanted) walk.read(name);
  walk.push(nodes.map((n) => draftOf(n, model.opsets[''] ?? 1, [])));
  await walk.run();
  for (const name of wanted) walk.requireMade(name);
  for (const name of wanted) if (walk.sequences.has(name)) throw refuse(`the output ${name} as a tensor`, 'a sequence', 'Export the net with tensors for outputs.');
  const outputs = wanted.map((name) => walk.known(name));
  await computeAllFixed(walk, outputs);
  refuseMixed(walk, refuse);
  const built = build(model, walk, wanted.map((name) => walk.known(name)));
  // Weights that a file makes out of a shape are weights all the same.
  const kernels = new Set(built.nodes.flatMap((n) => n.inputs.filter((x, i) => isKernel(n.op, i) && built.types.get(x)?.element === 'float32')));
  const values = new Map([...walk.outputsOf.values()].flat().map((k) => [k.name, k]));
  const known = (name: string): Known | undefined => values.get(name) ?? (built.types.has(name) && walk.has(name) ? walk.known(name) : undefined);
  return {
    graph: built, opsets: opsetsOf(walk, built),
    batched: new Set([...built.types.keys()].filter((name) => { const k = known(name); return k && batchRole(k) === 'batched'; })),
    constants: new Set([...built.initializers.keys()].filter((name) => !walk.isLearned(name) && !kernels.has(name))),
    varying: new Set([...built.types.keys()].filter((name) => known(name)?.varying)),
    widened: widening.from, nodes: walk.met, folded: Math.max(0, walk.met - built.nodes.length),
  };
}

/** Operators whose form of opset 18 is no longer the form of a newer one that something else in the net needs. */
const reworded: Readonly<Record<string, number>> = { GridSample: 20, DFT: 20, GroupNormalization: 21 };
function refuseMixed(walk: Walk, refuse: Refuse): void {
  const opset = walk.opsets[''] ?? 18;
  const node = walk.nodes.find((n) => n.domain === '' && opset >= (reworded[n.op] ?? Infinity));
  if (node) throw refuse('operators of one opset', `${titleOf(node)} beside one of opset ${opset}`, 'Export the net for opset 18, or without one of them.');
}

/** Computes what follows from constants alone, but does not blow small ones up, unless they are weights. */
async function computeAllFixed(walk: Walk, outputs: readonly Known[]): Promise<void> {
  const fixed = new Map([...walk.outputsOf.values()].flat().filter((k) => k.fixed).map((k) => [k.name, k]));
  if (fixed.size === 0) return;
  const asked = new Map<string, Known>();
  const ready = new Set<string>();
  let made = 0;
  const weights = new Set(walk.nodes.flatMap((n) => n.inputs.filter((_, i) => isWeightInput(n.op, i))));
  for (const node of walk.nodes) {
    const own = node.outputs.filter((y) => fixed.has(y));
    if (own.length === 0) {
      for (const x of node.inputs) if (ready.has(x)) asked.set(x, fixed.get(x) as Known);
      continue;
    }
    const types = own.map((y) => typeOf(fixed.get(y) as Known));
    const from = node.inputs.flatMap((x) => { const t = walk.constants.get(x); return t ? [t] : fixed.has(x) ? [typeOf(fixed.get(x) as Known)] : []; });
    const size = types.reduce((sum, t) => sum + bytesOf(t), 0);
    const fits = !isBlownUp(from, types) || (own.some((y) => weights.has(y)) && made + size <= MOST_MADE);
    if (fits && node.inputs.every((x) => x === '' || walk.constants.has(x) || ready.has(x))) {
      made += size;
      for (const y of own) ready.add(y);
    } else for (const x of node.inputs) if (ready.has(x)) asked.set(x, fixed.get(x) as Known);
  }
  for (const y of outputs) if (ready.has(y.name)) asked.set(y.name, y);
  if (asked.size === 0) return;
  try {
    await walk.compute([...asked.values()]);
  } catch (cause) {
    // They stay nodes: the net computes them at each run, as the file does.
    if (!(cause instanceof NetloomError)) throw cause;
  }
}

function build(model: SourceModel, walk: Walk, outputs: readonly Known[]): Graph {
  const wanted = model.graph.outputs.map((v) => v.name);
  const types = new Map<string, TensorType>();
  const inputs = model.graph.inputs.map(({ name }) => ({ name, type: typeOf(walk.known(name)) }));
  for (const v of inputs) types.set(v.name, v.type);
  const initializers = new Map<string, Tensor>(walk.constants);
  for (const [name, t] of initializers) types.set(name, { element: t.element, shape: t.shape });
  const nodes: Node[] = [...walk.nodes];
  for (const node of nodes) walk.outputsOf.get(node.name)?.forEach((k) => { if (k.name !== '') types.set(k.name, typeOf(k)); });
  const answers = [...new Set(wanted)].map((name) => {
    const value = outputs[wanted.indexOf(name)] as Known;
    // Every output is made by a node, so that it can be drawn, but for an input that is one.
    if (value.name !== name || initializers.has(name)) nodes.push({ name: walk.fresh(`output ${name}`), op: 'Identity', domain: '', inputs: [value.name === name ? moveAside(name, initializers, types, nodes) : value.name], outputs: [name], attributes: {} });
    types.set(name, typeOf(value));
    return { name, type: typeOf(value) };
  });
  const whole: Graph = { name: model.graph.name || 'net', inputs, outputs: answers, initializers, nodes, types };
  const live = eliminateDeadNodes(eliminateIdentity(trimmed(whole)).graph).graph;
  return eliminateDeadNodes(trimmed(live)).graph;
}

/** An initializer that is an output under its own name gets another, so that a node can make the output. */
function moveAside(name: string, initializers: Map<string, Tensor>, types: Map<string, TensorType>, nodes: Node[]): string {
  const tensor = initializers.get(name);
  if (!tensor) return name;
  let own = `${name} held`;
  while (types.has(own)) own += '_';
  initializers.delete(name);
  initializers.set(own, tensor);
  types.set(own, { element: tensor.element, shape: tensor.shape });
  nodes.forEach((n, i) => { if (n.inputs.includes(name)) nodes[i] = { ...n, inputs: n.inputs.map((x) => (x === name ? own : x)) }; });
  return own;
}

function opsetsOf(walk: Walk, graph: Graph): Readonly<Record<string, number>> {
  const domains = new Set(['', ...graph.nodes.map((n) => n.domain)]);
  return Object.fromEntries([...domains].map((d) => [d, walk.opsets[d] ?? 1]));
}
