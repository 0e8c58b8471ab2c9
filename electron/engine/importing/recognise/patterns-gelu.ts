/** x·Φ(x), which exporters write out by Erf or Tanh in several orders of the same products. */
import type { Node } from '../../../../shared/onnx/ir.ts';
import { one, pattern, type Found, type Pattern } from './pattern.ts';
import { eitherWay, near, type Scene } from './scene.ts';
import { scaled } from './patterns-activation.ts';

/** A product taken apart: values, the numbers among them as one factor, and the nodes that multiplied. */
interface Product { readonly values: readonly string[]; readonly factor: number; readonly nodes: readonly Node[] }

/** Every way to read a value as a product, down to so many multiplications. */
function products(value: string, scene: Scene, depth: number): readonly Product[] {
  const leaf: Product = { values: [value], factor: 1, nodes: [] };
  const node = depth > 0 ? scene.producer(value, 'Mul', 'Div') : undefined;
  if (!node) return [leaf];
  const part = scaled(node, scene);
  if (part) return [leaf, ...products(part.value, scene, depth - 1).map((p) => ({ values: p.values, factor: p.factor * part.factor, nodes: [...p.nodes, node] }))];
  if (node.op !== 'Mul') return [leaf];
  const [a = '', b = ''] = node.inputs;
  const right = products(b, scene, depth - 1);
  const both = products(a, scene, depth - 1).flatMap((p) => right.map((q) => ({ values: [...p.values, ...q.values], factor: p.factor * q.factor, nodes: [...p.nodes, ...q.nodes, node] })));
  return [leaf, ...both];
}

/** Nodes that make `value` out of x and a number alone, added to 1: 1 + f(g(x)). */
function oneMore(value: string, scene: Scene, op: string): { readonly inner: string; readonly nodes: readonly Node[] } | null {
  const add = scene.producer(value, 'Add');
  for (const [f, constant] of add ? eitherWay(add) : []) {
    const node = scene.scalar(constant) === 1 ? scene.producer(f, op) : undefined;
    if (node && add) return { inner: node.inputs[0] ?? '', nodes: [node, add] };
  }
  return null;
}

const isMultiple = (p: Product, of: readonly string[], factor: number): boolean =>
  near(p.factor, factor) && p.values.length === of.length && [...p.values].sort().every((v, i) => v === [...of].sort()[i]);

/** Nodes of x³, as a power or as products. */
function cube(value: string, x: string, factor: number, scene: Scene): readonly Node[] | null {
  for (const p of products(value, scene, 3)) {
    if (isMultiple(p, [x, x, x], factor)) return p.nodes;
    const pow = p.values.length === 1 && near(p.factor, factor) ? scene.producer(p.values[0], 'Pow') : undefined;
    if (pow?.inputs[0] === x && scene.scalar(pow.inputs[1]) === 3) return [pow, ...p.nodes];
  }
  return null;
}

/** √(2/π)·(x + 0.044715·x³), or with x taken out of the sum. */
function tanhInner(value: string, x: string, scene: Scene): readonly Node[] | null {
  for (const p of products(value, scene, 3)) {
    if (!near(p.factor, Math.sqrt(2 / Math.PI))) continue;
    const factored = p.values.length === 2 && p.values.includes(x);
    const sum = scene.producer(p.values.find((v) => v !== x) ?? '', 'Add');
    if (!sum || (!factored && p.values.length !== 1)) continue;
    for (const [a, b] of eitherWay(sum)) {
      if (!factored && a === x) {
        const nodes = cube(b, x, 0.044715, scene);
        if (nodes) return [...nodes, sum, ...p.nodes];
      }
      const square = factored && scene.scalar(b) === 1 ? products(a, scene, 2).find((q) => isMultiple(q, [x, x], 0.044715)) : undefined;
      if (square) return [...square.nodes, sum, ...p.nodes];
    }
  }
  return null;
}

function erfInner(value: string, x: string, scene: Scene): readonly Node[] | null {
  return products(value, scene, 1).find((p) => p.nodes.length > 0 && isMultiple(p, [x], Math.SQRT1_2))?.nodes ?? null;
}

const forms = [{ op: 'Erf', inner: erfInner, approximate: false }, { op: 'Tanh', inner: tanhInner, approximate: true }] as const;

function gelu(node: Node, scene: Scene): Found | null {
  for (const p of products(node.outputs[0] ?? '', scene, 3)) {
    if (p.values.length !== 2 || !near(p.factor, 0.5)) continue;
    for (const [x, gate] of [p.values, p.values.toReversed()] as [string, string][]) {
      for (const form of forms) {
        const outer = oneMore(gate, scene, form.op);
        const inner = outer && form.inner(outer.inner, x, scene);
        if (outer && inner) return one('gelu', x, [...inner, ...outer.nodes, ...p.nodes], { approximate: form.approximate });
      }
    }
  }
  return null;
}

export const geluPatterns: readonly Pattern[] = [pattern(['Mul', 'Div'], gelu)];
