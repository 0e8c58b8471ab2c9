/** Gradients kept whole: one node stands for a rule's answer until the lowering knows device and layout and writes it out. */
import type { GraphBuilder, Value } from '../../../shared/onnx/builder.ts';
import { attribute, ints, string, type Attribute, type Node } from '../../../shared/onnx/ir.ts';
import { constantsOf, type DeviceKind, type Rule, type RuleContext } from './rule.ts';

/** Domain of nodes that exist only between differentiation and lowering; no file and no runtime ever sees one. */
export const NETLOOM_DOMAIN = 'netloom';

export interface Deferred {
  /** Inputs that the gradient reads. */
  readonly inputs: readonly number[];
  /** Outputs that it reads. */
  readonly outputs: readonly number[];
  /** Writes the gradient out in operators that every device has. */
  readonly expand: Rule;
}

const OF = 'gradient_of';
const WANTED = 'wanted_inputs';
const ARITY = 'arity';
const isOwn = (name: string): boolean => name === OF || name === WANTED || name === ARITY;

/** Whether a node stands for a deferred gradient. */
export const isDeferred = (node: Node): boolean => node.domain === NETLOOM_DOMAIN && node.op === 'Gradient';

/**
 * A rule that answers with one node "Gradient": inputs are the forward node's inputs and outputs where `uses` reads them ('' where
 * not), then dy; outputs are the gradients of the wanted inputs, in order.
 */
export function defer(op: string, uses: Deferred): Rule {
  return (c) => {
    const wanted = Array.from({ length: c.count }, (_, i) => i).filter((i) => c.wants(i));
    if (wanted.length === 0) return [];
    const { node, b } = c;
    const read = (names: readonly string[], keep: readonly number[]) => names.map((n, i) => (keep.includes(i) ? n : ''));
    const name = b.unique(`${node.name}/gradient`);
    const outputs = wanted.map((i) => b.unique(`${name}:d${i}`));
    const attributes: Record<string, Attribute> = { ...node.attributes, [OF]: string(op), [WANTED]: ints(wanted), [ARITY]: ints([node.inputs.length, node.outputs.length]) };
    const types = wanted.map((i) => c.x(i).type);
    b.append({ name, op: 'Gradient', domain: NETLOOM_DOMAIN, inputs: [...read(node.inputs, uses.inputs), ...read(node.outputs, uses.outputs), c.dy.name], outputs, attributes }, types);
    return Array.from({ length: c.count }, (_, i) => {
      const at = wanted.indexOf(i);
      return at < 0 ? null : { name: outputs[at] as string, type: types[at] as Value['type'] };
    });
  };
}

/** A deferred gradient seen as the rule saw it. */
export interface DeferredGradient extends RuleContext {
  readonly of: string;
  /** Inputs whose gradients the node answers, in the order of its outputs. */
  readonly wanted: readonly number[];
}

/** Reads a deferred node; `value` finds the values of its names in the graph being built. */
export function readDeferred(b: GraphBuilder, node: Node, device: DeviceKind, value: (name: string) => Value): DeferredGradient {
  const [inputs = 0, outputs = 0] = attribute(node, ARITY, 'ints', []);
  const wanted = attribute(node, WANTED, 'ints', []);
  const forward: Node = {
    ...node,
    op: attribute(node, OF, 'string', ''),
    domain: '',
    inputs: node.inputs.slice(0, inputs),
    outputs: node.inputs.slice(inputs, inputs + outputs),
    attributes: Object.fromEntries(Object.entries(node.attributes).filter(([name]) => !isOwn(name))),
  };
  return {
    of: forward.op,
    wanted,
    b,
    node: forward,
    device,
    count: inputs,
    x: (i) => value(forward.inputs[i] ?? ''),
    y: (i) => value(forward.outputs[i] ?? ''),
    get dy() {
      return value(node.inputs[inputs + outputs] as string);
    },
    wants: (i) => wanted.includes(i),
    int: (name, fallback) => attribute(forward, name, 'int', fallback),
    float: (name, fallback) => attribute(forward, name, 'float', fallback),
    ints: (name, fallback) => attribute(forward, name, 'ints', fallback),
    dyOf: (i) => (i === 0 ? value(node.inputs[inputs + outputs] as string) : null),
    ...constantsOf(b, forward, (i) => value(forward.inputs[i] ?? '')),
  };
}

