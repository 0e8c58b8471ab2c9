/** The last step of a graph before the runtime: deferred gradients are written out, on the CPU in the blocked layout where that pays. */
import type { Value } from '../../../../shared/onnx/builder.ts';
import { attribute, int, type Graph, type Node } from '../../../../shared/onnx/ir.ts';
import { eliminateCommon } from '../../../../shared/onnx/passes/eliminate-common.ts';
import { eliminateDeadNodes } from '../../../../shared/onnx/passes/eliminate-dead-nodes.ts';
import { eliminateIdentity } from '../../../../shared/onnx/passes/eliminate-identity.ts';
import { isDeferred, readDeferred, type DeferredGradient } from '../deferred.ts';
import { sumToShape } from '../backward.ts';
import type { Rule } from '../rule.ts';
import { deferredRules } from '../rules/deferred-rules.ts';
import { expandTraining, isTraining, lowerBatchNormGradient, lowerTraining } from './batch-norm.ts';
import { lowerConv, lowerConvGradient } from './conv.ts';
import { Lowering, type Target } from './lowering.ts';
import { lowerAveragePoolGradient, lowerGlobalAverage, lowerGlobalAverageGradient, lowerMaxPoolGradient, lowerPool } from './pool.ts';

/** Number by number, one output, zero or a plain number at zero: padding channels stay harmless. */
const unaryInBlocks = new Set(['Identity', 'Clip', 'LeakyRelu', 'Sigmoid', 'Tanh', 'Elu', 'HardSigmoid', 'HardSwish', 'Neg', 'Abs', 'Exp', 'Erf', 'Softplus', 'Sign', 'Sin', 'Cos', 'Not', 'Cast']);
const binaryInBlocks = new Set(['Add', 'Sub', 'Mul', 'Greater', 'GreaterOrEqual', 'Less', 'LessOrEqual', 'Equal', 'And', 'Or', 'Min', 'Max', 'Where']);

const isImage = (l: Lowering, name: string): boolean => name !== '' && l.shape(name).length === 4;

/** Element-wise nodes on values that are in blocks: all images of one shape, beside them only single numbers. */
function lowerElementwise(l: Lowering, node: Node): boolean {
  if (node.domain !== '' || node.outputs.length !== 1 || !(unaryInBlocks.has(node.op) || binaryInBlocks.has(node.op))) return false;
  const y = node.outputs[0] as string;
  const shape = l.shape(y);
  if (shape.length !== 4) return false;
  const single = (x: string) => l.shape(x).every((d) => d === 1);
  const images = node.inputs.filter((x) => !single(x));
  if (images.length === 0 || !images.some((x) => l.hasBlocked(x))) return false;
  if (images.some((x) => l.graph.types.get(x)?.element !== 'float32' && !l.hasBlocked(x))) return false;
  if (images.some((x) => l.shape(x).length !== 4 || l.shape(x).some((d, i) => d !== shape[i]))) return false;
  const values = node.inputs.map((x) => (single(x) ? l.plain(x) : l.blocked(x)));
  const type = l.graph.types.get(y);
  const first = l.blocked(images[0] as string);
  // The original name stays free for the value in NCHW.
  const name = l.b.unique(`${y}:blocked`);
  l.b.append({ ...node, name: l.b.unique(`${node.name}_blocked`), inputs: values.map((v) => v.name), outputs: [name] }, [{ element: type?.element ?? 'float32', shape: first.type.shape }]);
  l.setBlocked(y, l.b.value(name));
  return true;
}

/** Add of two images in blocks: it joins the node that makes one of them, when nobody else reads that. */
function lowerAdd(l: Lowering, node: Node): boolean {
  const [a, b] = node.inputs as [string, string];
  const y = node.outputs[0] as string;
  if (![a, b].every((x) => isImage(l, x) && l.hasBlocked(x)) || a === b || l.shape(a).some((d, i) => d !== l.shape(b)[i])) return false;
  for (const [own, other] of [[a, b], [b, a]] as const) {
    const pending = l.takePending(own);
    if (pending) {
      const sum = l.blocked(other);
      l.setPending(y, (tail) => pending({ ...tail, sum }));
      return true;
    }
  }
  return false;
}

function lowerRelu(l: Lowering, node: Node): boolean {
  const [x, y] = [node.inputs[0] as string, node.outputs[0] as string];
  if (!isImage(l, x) || !l.hasBlocked(x)) return false;
  const pending = l.takePending(x);
  if (pending) l.setBlocked(y, pending({ relu: true }));
  else {
    const value = l.blocked(x);
    l.setBlocked(y, l.b.op('Relu', [value]));
  }
  return true;
}

/** Channels put behind one another: whole blocks only. */
function lowerConcat(l: Lowering, node: Node): boolean {
  const y = node.outputs[0] as string;
  if (!isImage(l, y) || attribute(node, 'axis', 'int', 0) !== 1) return false;
  if (!node.inputs.some((x) => l.hasBlocked(x)) || node.inputs.some((x) => (l.shape(x)[1] as number) % l.block !== 0)) return false;
  l.setBlocked(y, l.b.op('Concat', node.inputs.map((x) => l.blocked(x)), { axis: int(1) }));
  return true;
}

/** A stretch of channels between blocks. */
function lowerSlice(l: Lowering, node: Node): boolean {
  const [x, y] = [node.inputs[0] as string, node.outputs[0] as string];
  if (!isImage(l, x) || !l.hasBlocked(x) || (l.shape(x)[1] as number) % l.block !== 0) return false;
  const numbers = (i: number): number[] | null => {
    const t = node.inputs[i] ? l.graph.initializers.get(node.inputs[i]) : undefined;
    return t ? Array.from(t.data as ArrayLike<number | bigint>, Number) : null;
  };
  const [starts, axes] = [numbers(1), numbers(3)];
  if (!starts || axes?.length !== 1 || axes[0] !== 1 || node.inputs.length > 4) return false;
  const start = starts[0] as number;
  const size = l.shape(y)[1] as number;
  if (start < 0 || start % l.block !== 0 || size % l.block !== 0) return false;
  l.setBlocked(y, l.b.op('Slice', [l.blocked(x), l.b.int64([start]), l.b.int64([start + size]), l.b.int64([1])]));
  return true;
}

type Handler = (l: Lowering, node: Node) => boolean;
const handlers: Readonly<Record<string, Handler>> = {
  Conv: lowerConv, MaxPool: lowerPool, AveragePool: lowerPool, GlobalAveragePool: lowerGlobalAverage, Relu: lowerRelu, Concat: lowerConcat, Slice: lowerSlice,
  Add: (l, node) => lowerAdd(l, node) || lowerElementwise(l, node),
};

/** The rule that writes a deferred gradient out. */
function expandOf(op: string): Rule {
  const row = deferredRules[op];
  if (!row) throw new Error(`No deferred rule for ${op}`);
  return row.expand;
}

/** What the blocked kernels answer of a deferred gradient, by input. */
function blockedGradient(l: Lowering, node: Node, g: DeferredGradient): Map<number, { value: Value; blocked: boolean }> {
  const x = g.node.inputs[0] ?? '';
  const y = g.node.outputs[0] ?? '';
  const dy = node.inputs.at(-1) as string;
  const one = (value: Value | null) => new Map(value ? [[0, { value, blocked: true }]] : []);
  if (l.shape(dy).length !== 4) return new Map();
  switch (g.of) {
    case 'Conv': return lowerConvGradient(l, g, { x, w: g.node.inputs[1] as string, dy });
    case 'Relu':
    case 'Clip':
      return l.hasBlocked(y) ? one(expandOf(g.of)({ ...g, y: () => l.blocked(y), dy: l.blocked(dy) })[0] ?? null) : new Map();
    case 'MaxPool': return one(lowerMaxPoolGradient(l, g, { x, y, dy }));
    case 'AveragePool': return one(lowerAveragePoolGradient(l, g, { x, dy }));
    case 'GlobalAveragePool': return one(lowerGlobalAverageGradient(l, x, dy));
    case 'BatchNormalization': {
      const found = lowerBatchNormGradient(l, g, { x, dy });
      if (!found) return new Map();
      return new Map([[1, { value: found.dScale, blocked: false }], [2, { value: found.dBias, blocked: false }], ...(found.dx ? [[0, { value: found.dx, blocked: found.blocked }] as const] : [])]);
    }
    default: return new Map();
  }
}

function lowerGradient(l: Lowering, node: Node): void {
  const read = (name: string): Value => l.plain(name);
  const g = readDeferred(l.b, node, l.target.device, read);
  const done = l.target.block === null ? new Map<number, { value: Value; blocked: boolean }>() : blockedGradient(l, node, g);
  const left = g.wanted.filter((i) => !done.has(i));
  if (left.length > 0) {
    const answers = expandOf(g.of)({ ...g, dy: g.dy, wants: (i) => left.includes(i) });
    for (const i of left) {
      const value = answers[i];
      if (!value) throw new Error(`${g.of} ${g.node.name}: no gradient of input ${i}`);
      done.set(i, { value: sumToShape(l.b, value, l.shape(node.outputs[g.wanted.indexOf(i)] as string)), blocked: false });
    }
  }
  g.wanted.forEach((i, k) => {
    const { value, blocked } = done.get(i) as { value: Value; blocked: boolean };
    const name = node.outputs[k] as string;
    if (blocked) l.setBlocked(name, value);
    else l.setPlain(name, value);
  });
}

function lowerNode(l: Lowering, node: Node): void {
  const { block } = l.target;
  if (isDeferred(node)) lowerGradient(l, node);
  else if (isTraining(node)) {
    if (block === null || !lowerTraining(l, node)) expandTraining(l, node);
  } else if (block === null || node.domain !== '' || !(handlers[node.op] ?? lowerElementwise)(l, node)) l.keep(node);
}

/**
 * Writes a graph out for a target: no deferred gradient and no BatchNormalization in training mode is left. Values keep their
 * names where a node of the original made them. Same inputs and outputs.
 */
export function lowerGraph(graph: Graph, target: Target): Graph {
  const l = new Lowering(graph, target);
  // What a node becomes is named after it, so that a profile leads back to the layer.
  for (const node of graph.nodes) l.b.scope(node.name, () => lowerNode(l, node));
  for (const v of graph.outputs) {
    const value = l.plain(v.name);
    l.b.output(v.name, value);
  }
  return [eliminateCommon, eliminateIdentity, eliminateDeadNodes].reduce((g, pass) => pass(g).graph, l.b.build(graph.name));
}
