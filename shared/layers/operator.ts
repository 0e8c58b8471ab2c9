/** The row of operators that an imported net brings along and that are no layer here: each runs as its file has it. No palette shows it. */
import type { Attribute, Tensor } from '../onnx/ir.ts';
import { inferTypes } from '../onnx/ops/infer.ts';
import { SignatureError } from '../onnx/ops/signature.ts';
import { signatureOf } from '../onnx/ops/table.ts';
import { operandName } from '../onnx/operand-names.ts';
import { loadAttribute, loadConstant, type StoredAttribute, type StoredConstant } from '../onnx/stored.ts';
import { elementCount } from '../shapes/shape.ts';
import { fail, ok, type Result } from '../util/result.ts';
import { oneIn, oneOut } from './common.ts';
import { defineLayer, type LayerIssue, type WeightSpec } from './spec.ts';
import { betweenBatches, ofStored, sameValue, tensorTypeOf, type StoredType, type ValueType } from './value-type.ts';

/** A float32 weight of an operator; its full name is "id.name" like a layer's. Trained unless `role` says otherwise. */
export interface OperatorWeight { readonly weight: string; readonly shape: readonly number[]; readonly role?: 'statistic' }
export type Operand = { readonly port: string } | OperatorWeight | { readonly constant: StoredConstant } | null;

/** What an operator is, whatever the node that holds it. */
export interface OperatorParams {
  readonly op: string;
  readonly domain: string;
  /** Opset of its domain in which it is written: 18 of the standard one, newer where it has no older form. */
  readonly opset: number;
  readonly attributes: Readonly<Record<string, StoredAttribute>>;
  /** Every operand in order; null is an optional one left out. */
  readonly operands: readonly Operand[];
  /** Port ids; '' is an optional output left out. */
  readonly outputs: readonly string[];
  /** Types of the outputs as the import found them, for operators that have no row in our table. */
  readonly types?: readonly StoredType[];
}

/** Port ids of the outputs that are there. */
export const outputPorts = (outputs: readonly string[]): string[] => outputs.filter((o) => o !== '');
/** Its weights, each once: two operands may be one weight. */
export const operandWeights = (operands: readonly Operand[]): OperatorWeight[] => operands.flatMap((o) => (o && 'weight' in o ? [o] : [])).filter((w, i, all) => all.findIndex((v) => v.weight === w.weight) === i);

const issue = (p: OperatorParams, expected: string, got: string) => fail({ code: 'shape.operator', args: { op: p.op, expected, got } } as const satisfies LayerIssue);

/** Answers once for each object: a document is immutable, and compiled at every move of the pointer. */
function once<K extends object, V>(make: (key: K) => V): (key: K) => V {
  const known = new WeakMap<K, { readonly value: V }>();
  return (key) => {
    const found = known.get(key) ?? { value: make(key) };
    known.set(key, found);
    return found.value;
  };
}

/** Port ids of the operands that wires feed, each once, in order. */
export const operandPorts: (operands: readonly Operand[]) => readonly string[] = once((operands: readonly Operand[]) => [...new Set(operands.flatMap((o) => (o && 'port' in o ? [o.port] : [])))]);

/** What an operator holds, decoded; null where bytes and shape of a tensor do not agree. */
interface Held { readonly attributes: Readonly<Record<string, Attribute>>; readonly constants: readonly (Tensor | null)[] }
const attributesOf = once((stored: OperatorParams['attributes']): Held['attributes'] | null => {
  const loaded = Object.entries(stored).flatMap(([name, a]) => {
    const attribute = loadAttribute(a);
    return attribute ? [[name, attribute] as const] : [];
  });
  return loaded.length === Object.keys(stored).length ? Object.fromEntries(loaded) : null;
});
const constantsOf = once((operands: OperatorParams['operands']): Held['constants'] | null => {
  const loaded = operands.map((o) => (o && 'constant' in o ? loadConstant(o.constant) : null));
  return operands.every((o, i) => !o || !('constant' in o) || loaded[i]) ? loaded : null;
});
function held(p: OperatorParams): Held | null {
  const [attributes, constants] = [attributesOf(p.attributes), constantsOf(p.operands)];
  return attributes && constants && { attributes, constants };
}

/** Two sizes of the batch that no net has for anything else: what differs between them is the batch. */
const BATCHES = [9973, 9967] as const;

type Types = Result<readonly ValueType[], LayerIssue>;
/** The last answer for each operator: most of a net is as it was when it is compiled again. */
const answered = new WeakMap<OperatorParams['operands'], { readonly p: OperatorParams; readonly inputs: readonly ValueType[]; readonly types: Types }>();
function inferred(p: OperatorParams, own: Held, inputs: readonly ValueType[]): Types {
  const before = answered.get(p.operands);
  const same = before?.p.op === p.op && before.p.attributes === p.attributes && before.p.outputs === p.outputs && before.inputs.length === inputs.length && before.inputs.every((t, i) => sameValue(t, inputs[i] as ValueType));
  if (same) return before.types;
  const types = infer(p, own, inputs);
  answered.set(p.operands, { p, inputs, types });
  return types;
}

/** Whether the import wrote a type for every output. */
const wholeTypes = (p: OperatorParams): boolean => p.types !== undefined && p.types.length >= p.outputs.length;
const storedTypes = (p: OperatorParams): ValueType[] => (p.types ?? []).slice(0, p.outputs.length).map(ofStored);

function infer(p: OperatorParams, own: Held, inputs: readonly ValueType[]): Types {
  const ports = operandPorts(p.operands);
  const at = (batch: number) => inferTypes(
    { name: '', op: p.op, domain: p.domain, inputs: p.operands.map((o, i) => (o ? String(i) : '')), attributes: own.attributes },
    p.operands.map((o) => (o === null ? null : 'port' in o ? tensorTypeOf(inputs[ports.indexOf(o.port)] as ValueType, batch) : 'weight' in o ? { element: 'float32', shape: o.shape } : { element: o.constant.element, shape: o.constant.shape })),
    (i) => own.constants[i] ?? undefined,
    p.outputs.length,
  );
  try {
    const [first, second] = [at(BATCHES[0]), at(BATCHES[1])];
    const types = first.map((type, i) => betweenBatches({ type, batch: BATCHES[0] }, { type: second[i] as typeof type, batch: BATCHES[1] }));
    const lost = types.indexOf(null);
    return lost < 0 ? ok(types as ValueType[]) : issue(p, 'sizes that follow the batch', `[${first[lost]?.shape.join(', ') ?? ''}] for a batch of ${BATCHES[0]}`);
  } catch (error) {
    // A shape that other operators compute, or a form that our table cannot follow: what the import saw is all there is.
    if (wholeTypes(p)) return ok(storedTypes(p));
    // A rule that reads an attribute of another kind, or an operand that is not there, says so in words of its own.
    const said = error instanceof SignatureError ? error : { expected: 'attributes and operands of the kinds that it takes', got: (error as Error).message };
    return issue(p, ...[said.expected, said.got].map((t) => t.replaceAll(String(BATCHES[0]), 'N')) as [string, string]);
  }
}

const perFilter = (p: OperatorParams): number => {
  const [kernel] = operandWeights(p.operands);
  return kernel ? elementCount(kernel.shape.slice(1)) : 0;
};

/** Multiplications of one output number, by operator: a convolution's filter, a product's inner size. */
const products: Readonly<Record<string, (p: OperatorParams, inputs: readonly (readonly number[])[]) => number>> = {
  Conv: perFilter,
  MatMul: (p, inputs) => operandWeights(p.operands)[0]?.shape.at(-2) ?? inputs[0]?.at(-1) ?? 0,
  Gemm: (_p, inputs) => inputs[0]?.at(-1) ?? 0,
};
function weightSpec({ weight, shape, role }: OperatorWeight): WeightSpec {
  const matrix = shape.length > 1;
  const fanOut = shape[0] ?? 1;
  return {
    name: weight, shape, role: role ?? 'trained', decays: matrix && role === undefined,
    // Only where somebody starts anew: an import brings its own numbers.
    initializer: role ? { kind: 'constant', value: 1 } : matrix ? { kind: 'glorot-uniform', fanIn: elementCount(shape) / Math.max(fanOut, 1), fanOut } : { kind: 'truncated-normal', deviation: 0.02 },
  };
}

const shown = (a: StoredAttribute): string => {
  switch (a.kind) {
    case 'tensor': return `${a.value.element} [${a.value.shape.join(', ')}]`;
    case 'ints': case 'floats': case 'strings': return (new Set<unknown>(a.value).size === 1 ? a.value.slice(0, 1) : a.value).map((v) => (typeof v === 'number' ? Number(v.toPrecision(4)) : v)).join('×');
    case 'float': return String(Number(Number(a.value).toPrecision(4)));
    default: return String(a.value);
  }
};

/** Parts of a caption, and numbers of a constant that fits into one. */
const CAPTION_PARTS = 3;
const CAPTION_NUMBERS = 4;
/** What changes nothing is not said. */
const told = (attributes: OperatorParams['attributes']): string[] => Object.entries(attributes).filter(([name, a]) => name !== 'auto_pad' || a.value !== 'NOTSET').map(([name, a]) => `${name.replaceAll('_', ' ')} ${shown(a)}`);
/** Exporters write the largest whole number for “to the end”. */
const brief = (v: number | bigint): string => (Math.abs(Number(v)) >= 2 ** 31 ? (v < 0 ? '−∞' : '∞') : String(Number(Number(v).toPrecision(4))));
function constantsTold(p: OperatorParams): string[] {
  return (constantsOf(p.operands) ?? []).flatMap((t, i) => (t && t.data.length > 0 && t.data.length <= CAPTION_NUMBERS ? [`${operandName(p, i)} ${Array.from(t.data as ArrayLike<number | bigint>, brief).join('×')}`] : []));
}

const of = (params: unknown): OperatorParams => params as OperatorParams;

export const operator = defineLayer({
  type: 'operator', seldom: true, label: 'Operator', family: 'io', keywords: [],
  fields: {}, inputs: oneIn, outputs: oneOut,
  title: (params) => of(params).op,
  caption: (params) => [...told(of(params).attributes), ...constantsTold(of(params))].slice(0, CAPTION_PARTS).join(' · '),
  shape: (_p, [input]) => ok({ shape: input ?? [], arithmetic: [] }),
  weights: (params) => operandWeights(of(params).operands).map(weightSpec),
  parameterArithmetic: (params) => operandWeights(of(params).operands).filter((w) => !w.role).map((w) => w.shape.join('·') || '1').join(' + '),
  macs: (params, inputs, output) => (products[of(params).op]?.(of(params), inputs) ?? 0) * elementCount(output),
  reach: () => ({ kind: 'unknown' }),
  lower: ({ inputs }) => inputs[0] as (typeof inputs)[number],
  tensors: {
    types: (params, inputs) => {
      const p = of(params);
      const own = held(p);
      if (!own) return issue(p, 'constants whose bytes fit their shape', 'others');
      if (signatureOf(p)) return inferred(p, own, inputs);
      return wholeTypes(p) ? ok(storedTypes(p)) : issue(p, 'an operator of the table, or types that its import wrote down', p.domain ? `${p.op} of ${p.domain}` : p.op);
    },
    lower: ({ b, params, inputs, weight, outputs: types }) => {
      const p = of(params);
      const own = held(p) as Held;
      const ports = operandPorts(p.operands);
      const name = b.unique(b.prefix + p.op);
      const operands = p.operands.map((o, i) => (o === null ? '' : 'port' in o ? inputs[ports.indexOf(o.port)]?.name ?? '' : 'weight' in o ? weight(o.weight).name : b.constant(own.constants[i] as Tensor, `${name}:constant`).name));
      const outputs = p.outputs.map((o, i) => (o === '' ? '' : b.unique(i === 0 ? `${name}:y` : `${name}:y${i}`)));
      b.append({ name, op: p.op, domain: p.domain, inputs: operands, outputs, attributes: own.attributes }, types);
      return outputs.map((o) => (o === '' ? null : b.value(o)));
    },
    opset: (params) => ({ domain: of(params).domain, version: of(params).opset }),
  },
  keras: () => null,
  pytorch: () => 'nn.Identity()',
  teaching: { text: 'An operator of the imported file that is no layer here. It runs as the file has it and is exported unchanged; where its gradient is known its weights train and what lies before it learns through it.', formula: '' },
});
