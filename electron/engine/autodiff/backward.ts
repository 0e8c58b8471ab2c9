/** The driver: walks a forward graph once in reverse and asks each operator's rule for its part. */
import { diagnostic, NetloomError, type Diagnostic } from '../../../shared/diagnostics/diagnostic.ts';
import type { GraphBuilder, Value } from '../../../shared/onnx/builder.ts';
import { attribute, type Node } from '../../../shared/onnx/ir.ts';
import { constantsOf, type DeviceKind, type Rule, type RuleContext } from './rule.ts';
import { hasZeroGradient, manyOutputs, ruleOf, stoppedInputs } from './rules/table.ts';

/** Names of the values that depend on any of `sources`. */
function downstream(nodes: readonly Node[], sources: Iterable<string>): Set<string> {
  const live = new Set(sources);
  for (const n of nodes) {
    if (hasZeroGradient(n)) continue;
    const stopped = stoppedInputs[n.op] ?? [];
    if (n.inputs.some((x, i) => live.has(x) && !stopped.includes(i))) n.outputs.forEach((y) => live.add(y));
  }
  return live;
}

/** Names of the values the loss depends on. */
function upstream(nodes: readonly Node[], target: string): Set<string> {
  const live = new Set([target]);
  for (let i = nodes.length - 1; i >= 0; i--) {
    const n = nodes[i] as Node;
    if (n.outputs.some((y) => live.has(y))) n.inputs.forEach((x) => live.add(x));
  }
  return live;
}

/** Sums a gradient over the axes along which its value was broadcast. */
export function sumToShape(b: GraphBuilder, gradient: Value, shape: readonly number[]): Value {
  const from = gradient.type.shape;
  if (from.length === shape.length && from.every((d, i) => d === shape[i])) return gradient;
  const lead = from.length - shape.length;
  const axes = from.flatMap((d, i) => (i < lead || (shape[i - lead] === 1 && d !== 1) ? [i] : []));
  const summed = axes.length > 0 ? b.sum(gradient, axes, true) : gradient;
  return b.reshape(summed, shape);
}

function fits(from: readonly number[], to: readonly number[]): boolean {
  return from.length >= to.length && to.every((d, i) => d === 1 || d === from[from.length - to.length + i]);
}

/** Told where a rule is missing: what lies above that node gets no gradient through it. */
export type OnMissing = (missing: Diagnostic) => void;

/** A rule's answer, or why it has none. Throws where the rule itself is at fault. */
function answerOf(rule: Rule, c: RuleContext): readonly (Value | null)[] | Diagnostic {
  try {
    const answers = c.b.scope(`grad/${c.node.name}`, () => rule(c));
    if (answers.length > c.count) throw new Error(`${c.node.op} ${c.node.name}: expected at most ${c.count} gradients, got ${answers.length}`);
    for (let k = 0; k < c.count; k++) {
      if (c.wants(k) && answers[k] === undefined) throw new Error(`${c.node.op} ${c.node.name}: expected a gradient of input ${k}, got none`);
    }
    return answers;
  } catch (error) {
    if (error instanceof NetloomError && error.diagnostic.code === 'onnx.no-gradient-form') return error.diagnostic;
    throw error;
  }
}

/**
 * Gradients of a scalar `loss` by the values named in `wanted`, appended to the builder. `nodes` is the forward graph in order.
 * Values that do not lead to the loss are missing from the answer. Where a rule is missing `onMissing` is told the node, and
 * everything above it gets only what reaches it another way; without `onMissing` it throws onnx.no-gradient, or
 * onnx.no-gradient-form where there is a rule which does not follow this form of the operator.
 */
export function differentiate(b: GraphBuilder, nodes: readonly Node[], loss: Value, wanted: readonly string[], device: DeviceKind, onMissing?: OnMissing): Map<string, Value> {
  const below = downstream(nodes, wanted);
  const above = upstream(nodes, loss.name);
  const needed = (name: string) => name !== '' && below.has(name) && above.has(name);
  const parts = new Map<string, Value[]>([[loss.name, [b.scalar(1)]]]);
  const total = (name: string): Value | null => {
    const list = parts.get(name);
    if (!list || list.length === 0) return null;
    const sum = list.reduce((a, v) => b.add(a, v));
    parts.set(name, [sum]);
    return sum;
  };

  for (let i = nodes.length - 1; i >= 0; i--) {
    const node = nodes[i] as Node;
    const carried = node.outputs.map((y) => needed(y) && parts.has(y));
    if (!carried.includes(true)) continue;
    const rule = ruleOf(node);
    const stopped = stoppedInputs[node.op] ?? [];
    const wants = (k: number) => !stopped.includes(k) && needed(node.inputs[k] ?? '');
    const dyOf = (k: number): Value | null => (carried[k] ? total(node.outputs[k] as string) : null);
    // A rule that answers for output 0 alone would lose what another output carries.
    const answers = !rule || (carried.lastIndexOf(true) > 0 && !manyOutputs.has(node.op))
      ? diagnostic('onnx.no-gradient', { label: node.name }, { op: node.op, node: node.name })
      : answerOf(rule, contextOf(b, node, dyOf, device, wants));
    if ('code' in answers) {
      if (!onMissing) throw new NetloomError(answers);
      onMissing(answers);
      continue;
    }
    answers.forEach((dx, k) => {
      if (!dx || !wants(k)) return;
      const name = node.inputs[k] as string;
      const { element, shape } = b.value(name).type;
      if (dx.type.element !== element || !fits(dx.type.shape, shape)) {
        throw new Error(`${node.op} ${node.name}, gradient of input ${k}: expected ${element}[${shape.join(', ')}], got ${dx.type.element}[${dx.type.shape.join(', ')}]`);
      }
      const list = parts.get(name) ?? [];
      list.push(b.scope(`grad/${node.name}`, () => sumToShape(b, dx, shape)));
      parts.set(name, list);
    });
  }
  return new Map(wanted.flatMap((name) => {
    const gradient = needed(name) ? total(name) : null;
    return gradient ? [[name, gradient] as const] : [];
  }));
}

function contextOf(b: GraphBuilder, node: Node, dyOf: (i: number) => Value | null, device: DeviceKind, wants: (i: number) => boolean): RuleContext {
  const x = (i: number): Value => b.value(node.inputs[i] || `input ${i} of ${node.name}`);
  const y = (i: number): Value => b.value(node.outputs[i] as string);
  let first: Value | undefined;
  return {
    b, node, device, x, y, dyOf, wants,
    // Zeros are made only for a rule that reads them.
    get dy() {
      return (first ??= dyOf(0) ?? b.op('Expand', [b.scalar(0), b.int64(y(0).type.shape)]));
    },
    count: node.inputs.length,
    int: (name, fallback) => attribute(node, name, 'int', fallback),
    float: (name, fallback) => attribute(node, name, 'float', fallback),
    ints: (name, fallback) => attribute(node, name, 'ints', fallback),
    ...constantsOf(b, node, x),
  };
}
