/** The verifier: a table of what a graph must hold between stages. */
import type { ElementType, Graph, Tensor, TensorType } from './ir.ts';
import { constantValue } from './ops/create.ts';
import { inferTypes } from './ops/infer.ts';
import { elements } from './ops/signature.ts';

/** Reasons why a graph breaks one rule. */
type Check = (graph: Graph) => readonly string[];

const show = (t: TensorType): string => `${t.element}[${t.shape.join(', ')}]`;
const same = (a: TensorType, b: TensorType): boolean => a.element === b.element && a.shape.length === b.shape.length && a.shape.every((d, i) => d === b.shape[i]);

/** What there is before the first node runs. */
const given = (graph: Graph): string[] => [...graph.inputs.map((v) => v.name), ...graph.initializers.keys()];
const made = (graph: Graph): string[] => graph.nodes.flatMap((n) => n.outputs.filter((y) => y !== ''));

const arrays: Readonly<Record<ElementType, string | null>> = {
  float32: 'Float32Array', float64: 'Float64Array', float16: 'Uint16Array', bfloat16: 'Uint16Array', uint8: 'Uint8Array', int8: 'Int8Array', uint16: 'Uint16Array', int16: 'Int16Array',
  uint32: 'Uint32Array', int32: 'Int32Array', uint64: 'BigUint64Array', int64: 'BigInt64Array', bool: 'Uint8Array', string: null,
};

function repeated(names: readonly string[]): string[] {
  const seen = new Set<string>();
  return [...new Set(names.filter((n) => seen.has(n) || !seen.add(n)))];
}

const valuesAreMadeOnce: Check = (graph) => repeated([...given(graph), ...made(graph)]).map((name) => `value ${name} is made twice`);

const nodesHaveNames: Check = (graph) => [
  ...graph.nodes.filter((n) => n.name === '').map((n) => `a ${n.op} node has no name`),
  ...repeated(graph.nodes.map((n) => n.name).filter((n) => n !== '')).map((name) => `two nodes named ${name}`),
];

const inputsAreMadeBefore: Check = (graph) => {
  const later = new Set(made(graph));
  const known = new Set(given(graph));
  const reasons: string[] = [];
  for (const node of graph.nodes) {
    for (const x of node.inputs) {
      if (x !== '' && !known.has(x)) reasons.push(`${node.name}: ${x} is ${later.has(x) ? 'used before it is made' : 'never made'}`);
    }
    for (const y of node.outputs) known.add(y);
  }
  return reasons;
};

const outputsExist: Check = (graph) => {
  const known = new Set([...given(graph), ...made(graph)]);
  return [
    ...graph.outputs.filter((v) => !known.has(v.name)).map((v) => `output ${v.name} is never made`),
    ...repeated(graph.outputs.map((v) => v.name)).map((name) => `two outputs named ${name}`),
  ];
};

const valuesHaveTypes: Check = (graph) => {
  const values = new Set([...given(graph), ...made(graph)]);
  return [
    ...[...values].filter((name) => !graph.types.has(name)).map((name) => `value ${name} has no type`),
    ...[...graph.types.keys()].filter((name) => !values.has(name)).map((name) => `type of ${name}, which is no value`),
  ];
};

const declarationsAgree: Check = (graph) => {
  const declared: readonly (readonly [string, TensorType])[] = [
    ...graph.inputs.map((v) => [`input ${v.name}`, v.type] as const),
    ...graph.outputs.map((v) => [`output ${v.name}`, v.type] as const),
    ...[...graph.initializers].map(([name, t]) => [`initializer ${name}`, t] as const),
  ];
  return declared.flatMap(([what, type]) => {
    const known = graph.types.get(what.slice(what.indexOf(' ') + 1));
    return known && !same(known, type) ? [`${what}: declared ${show(type)}, typed ${show(known)}`] : [];
  });
};

const dataFitsTypes: Check = (graph) => [...graph.initializers].flatMap(([name, t]) => [
  ...(t.data.length === elements(t.shape) ? [] : [`initializer ${name}: ${t.data.length} numbers for ${show(t)}`]),
  ...(t.data.constructor.name === arrays[t.element] ? [] : [`initializer ${name}: a ${t.data.constructor.name} for ${show(t)}`]),
]);

const inferenceAgrees: Check = (graph) => {
  const constants = new Map<string, Tensor>(graph.initializers);
  return graph.nodes.flatMap((node) => {
    const held = node.op === 'Constant' ? constantValue(node) : undefined;
    if (held) constants.set(node.outputs[0] ?? '', held);
    // A value without a type is reported already, and nothing can be said of what follows from it.
    if (node.inputs.some((x) => x !== '' && !graph.types.has(x))) return [];
    try {
      const inferred = inferTypes(node, node.inputs.map((x) => graph.types.get(x) ?? null), (i) => constants.get(node.inputs[i] ?? ''), node.outputs.length);
      return node.outputs.flatMap((y, i) => {
        const declared = graph.types.get(y);
        const t = inferred[i] as TensorType;
        return declared && !same(declared, t) ? [`${node.name}: ${y} declared ${show(declared)}, inferred ${show(t)}`] : [];
      });
    } catch (cause) {
      return [(cause as Error).message];
    }
  });
};

const checks: readonly Check[] = [valuesAreMadeOnce, nodesHaveNames, inputsAreMadeBefore, outputsExist, valuesHaveTypes, declarationsAgree, dataFitsTypes, inferenceAgrees];

/** Plain reasons why a graph is not sound; none when it is. For tests and development, between stages. */
export function verify(graph: Graph): string[] {
  return checks.flatMap((check) => check(graph));
}
