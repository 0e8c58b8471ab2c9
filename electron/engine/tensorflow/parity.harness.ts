/** Test harness: templates at reduced width, and the same steps on both engines. */
import { compile } from '../../../shared/compile/compile.ts';
import type { Network } from '../../../shared/compile/network.ts';
import { initialWeights } from '../../../shared/compile/weights.ts';
import type { Document, DrawnGraph, DrawnNode } from '../../../shared/graph/document.ts';
import { elementCount } from '../../../shared/shapes/shape.ts';
import { findTemplate } from '../../../shared/templates/templates.ts';
import { required } from '../../../shared/util/assert.ts';
import { createRandom } from '../../../shared/util/random.ts';
import type { Batch, InputEncoding, Weights } from '../training/engine.ts';

export const CLASSES = 3;
export const PLAIN: InputEncoding = { element: 'float32', offset: 0, scale: 1 };

/** How much of a template is left: its widths divided by `by`, its groups repeated `repeat` times at most. */
export interface Reduction { readonly size: number; readonly channels?: number; readonly by: number; readonly repeat?: number }

/** Group variables that are widths; what is computed from them follows. */
const WIDTHS = new Set(['width', 'hidden', 'growth', 'input', 'expansion']);

const divided = (value: unknown, by: number): unknown => (typeof value === 'number' && value > CLASSES ? Math.max(2, Math.round(value / by)) : value);

function reducedNode(node: DrawnNode, r: Reduction): DrawnNode {
  if (node.kind === 'layer') return { ...node, params: Object.fromEntries(Object.entries(node.params).map(([key, v]) => [key, key === 'filters' || key === 'units' ? divided(v, r.by) : v])) };
  if (node.kind !== 'group') return node;
  const variables = node.variables?.map((v) => (WIDTHS.has(v.name) ? { ...v, value: divided(v.value, r.by) as number | string } : v));
  return { ...node, graph: reducedGraph(node.graph, r), repeat: Math.min(node.repeat, r.repeat ?? Infinity), ...(variables ? { variables } : {}) };
}
const reducedGraph = (graph: DrawnGraph, r: Reduction): DrawnGraph => ({ ...graph, nodes: graph.nodes.map((n) => reducedNode(n, r)) });

/** The template's net, narrow and shallow. Throws where something of it does not compile. */
export function reduced(template: string, r: Reduction): Network {
  const document: Document = required(findTemplate(template), template).build({ size: r.size, classes: CLASSES, ...(r.channels === undefined ? {} : { channels: r.channels }) });
  const { network, problems, ready } = compile({ ...document, graph: reducedGraph(document.graph, r) });
  if (!ready) throw new Error(`${template} does not compile: ${JSON.stringify(problems)}`);
  return network;
}

/**
 * Seeded weights whose batch norms begin with a shift of 1, so that most units are alive and none is at its kink by chance. A deep
 * narrow net of fresh weights normalises channels that are nearly constant: ONNX Runtime itself leaves its own losses behind within
 * ten steps when such weights begin 1e-7 apart, and no two engines can agree on it.
 */
export function lively(network: Network, seed: number): Weights {
  const weights = new Map(initialWeights(network, seed));
  for (const w of network.layers.flatMap((l) => (l.type === 'batch-norm' ? l.weights.filter((v) => v.name === 'bias') : []))) {
    weights.set(w.fullName, { shape: w.shape, data: new Float32Array(elementCount(w.shape)).fill(1) });
  }
  return weights;
}

/** `count` batches of noise that a net can tell apart: each class lies around another value. */
export function batchesFor(network: Network, size: number, count: number, seed = 3): Batch[] {
  const random = createRandom(seed);
  const sample = elementCount(required(network.layers[0], 'input').shape);
  const places = elementCount(required(network.layers.at(-1), 'output').shape.slice(1));
  return Array.from({ length: count }, () => {
    const targets = Int32Array.from({ length: size * places }, () => Math.floor(random.next() * CLASSES));
    const inputs = Float32Array.from({ length: size * sample }, (_, i) => random.next() * 2 - 1 + 0.3 * required(targets[Math.floor(i / sample) * places], 'class'));
    return { inputs, targets, size };
  });
}

/** Largest |a − b| over the largest |b|. */
export function relative(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) return Infinity;
  let [difference, largest] = [0, 0];
  for (let i = 0; i < b.length; i++) {
    const d = Math.abs((a[i] as number) - (b[i] as number));
    if (Number.isNaN(d)) return Infinity;
    difference = Math.max(difference, d);
    largest = Math.max(largest, Math.abs(b[i] as number));
  }
  return difference === 0 ? 0 : difference / largest;
}
