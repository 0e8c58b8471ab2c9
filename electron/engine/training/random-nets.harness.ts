/** Test harness: random nets drawn from the layer table, whatever rows it has. Not part of the product. */
import { compile } from '../../../shared/compile/compile.ts';
import type { Network } from '../../../shared/compile/network.ts';
import { initialWeights } from '../../../shared/compile/weights.ts';
import type { Document } from '../../../shared/graph/document.ts';
import type { Field } from '../../../shared/layers/fields.ts';
import { checkParams, layerSpec, layerTypes, type LayerType } from '../../../shared/layers/table.ts';
import { elementCount, type Shape } from '../../../shared/shapes/shape.ts';
import { Sketch } from '../../../shared/templates/build.ts';
import { createRandom, deriveSeed, type Random } from '../../../shared/util/random.ts';
import type { Weights } from './engine.ts';

export const CLASSES = 3;
/** Numbers in one sample of a map: a net of a few layers stays quick to run hundreds of times. */
const ROOM = 400;

type Params = Readonly<Record<string, unknown>>;
/** A layer and the places in the plan that feed it; place 0 is the Input. */
export interface Planned { readonly type: LayerType; readonly params: Params; readonly from: readonly number[]; readonly shape: Shape }
export type Plan = readonly Planned[];

/** Layers that something goes into and comes out of. */
export const inner: readonly LayerType[] = layerTypes.filter((t) => layerSpec(t).inputs.length > 0 && layerSpec(t).outputs.length > 0);

const pick = <T>(random: Random, from: readonly T[]): T => from[random.below(from.length)] as T;

/** A value that the field takes, small; whole numbers sometimes divide `count`, as Reshape and groups need. */
function drawField(random: Random, field: Field, count: number): unknown {
  const small = (min: number, max: number) => Math.min(max, min + random.below(4));
  switch (field.kind) {
    case 'int': {
      const divisors = Array.from({ length: count }, (_, i) => i + 1).filter((d) => count % d === 0 && d >= field.min && d <= field.max);
      return random.next() < 0.4 && divisors.length > 0 ? pick(random, divisors) : small(field.min, field.max);
    }
    case 'number': return random.next() < 0.5 ? field.default : Math.max(field.min, 0.05) + random.next() * (Math.min(field.max, 1) - Math.max(field.min, 0.05));
    case 'pair': return [Math.min(field.max, field.min + random.below(3)), Math.min(field.max, field.min + random.below(3))];
    case 'numbers': return field.default;
    case 'edges': return Array.from({ length: 4 }, () => Math.min(field.max, field.min + random.below(2)));
    case 'bool': return random.next() < 0.5;
    case 'choice': return pick(random, field.options).value;
  }
}

/** The layer behind random places of the plan with random parameters, or null when no draw fits. */
function drawLayer(random: Random, plan: Plan, type: LayerType): Planned | null {
  const spec = layerSpec(type);
  for (let attempt = 0; attempt < 60; attempt++) {
    // Late places more often than early ones: nets, not bushes. All but the first layer stand behind it, not beside.
    const place = () => plan.length - 1 - Math.floor(random.next() ** 2 * Math.max(1, plan.length - 1));
    const from = Array.from({ length: spec.inputs[0]?.many ? 2 + random.below(2) : spec.inputs.length }, place);
    if (new Set(from).size < from.length) continue;
    const shapes = from.map((i) => (plan[i] as Planned).shape);
    const drawn = Object.fromEntries(Object.entries(spec.fields).map(([name, field]) => [name, drawField(random, field, elementCount(shapes[0] as Shape))]));
    const params = checkParams(type, drawn);
    if (!params.ok) continue;
    const answer = spec.shape(params.value, shapes);
    if (answer.ok && answer.value.shape.every((d) => d > 0) && elementCount(answer.value.shape) <= ROOM) return { type, params: drawn, from, shape: answer.value.shape };
  }
  return null;
}

const learns = (layer: Planned, input: Planned): boolean => layerSpec(layer.type).weights(layer.params as never, [input.shape]).some((w) => w.role === 'trained');

/**
 * An Input of 4 to 8 places a side, a layer with weights, and up to `size` layers behind it, of which one is `wished` where it can
 * be fitted in. The weights come first: a layer that has none before it needs no gradient, and its rule would go untried.
 */
export function drawPlan(seed: number, size: number, wished: LayerType): Plan {
  const random = createRandom(deriveSeed(seed, 'random net'));
  // A sequence has no place for a layer of pictures: another draw may.
  const drawn = Array.from({ length: 20 }, () => drawOnce(random, size, wished));
  return drawn.find((plan) => plan.some((p) => p.type === wished)) ?? (drawn[0] as Plan);
}

function drawOnce(random: Random, size: number, wished: LayerType): Plan {
  const side = () => 4 + random.below(5);
  const kind = pick(random, ['image', 'image', 'image', 'sequence', 'volume', 'vector']);
  const params = { kind, channels: kind === 'vector' ? side() : 1 + random.below(4), length: side(), depth: 2 + random.below(2), height: side(), width: side() };
  const checked = checkParams('input', params);
  const answer = checked.ok ? layerSpec('input').shape(checked.value, []) : null;
  if (!answer?.ok) throw new Error('The Input refuses its own parameters');
  const plan: Planned[] = [{ type: 'input', params, from: [], shape: answer.value.shape }];
  while (plan.length < 2) {
    const first = drawLayer(random, plan, pick(random, inner));
    if (first && learns(first, plan[0] as Planned)) plan.push(first);
  }
  const wish = random.below(size);
  let missing = true;
  for (let i = 0; i < size; i++) {
    const layer = (missing && i >= wish ? drawLayer(random, plan, wished) : null) ?? drawLayer(random, plan, pick(random, inner));
    if (!layer) continue;
    plan.push(layer);
    if (layer.type === wished) missing = false;
  }
  return plan;
}

/** Joins every loose end of the plan in one dense layer of classes. `frozen` names layers whose weights keep their values. */
export function documentOf(plan: Plan, frozen: ReadonlySet<string> = new Set()): Document {
  const s = new Sketch();
  const ids: string[] = [];
  for (const { type, params, from } of plan) ids.push(s.add(type, params, from.map((i) => ids[i] as string)));
  const loose = plan.flatMap((p, i) => (plan.some((q) => q.from.includes(i)) ? [] : [p.shape.length === 1 ? (ids[i] as string) : s.add('flatten', {}, [ids[i] as string])]));
  const joined = loose.length === 1 ? (loose[0] as string) : s.add('concat', {}, loose);
  s.add('output', {}, [s.add('dense', { units: CLASSES, activation: 'none' }, [joined])]);
  const document = s.document('random', 'test');
  return { ...document, graph: { ...document.graph, nodes: document.graph.nodes.map((n) => (frozen.has(n.id) ? { ...n, frozen: true } : n)) } };
}

/** Throws what is wrong with the net. */
export function networkOf(plan: Plan, frozen?: ReadonlySet<string>): Network {
  const { network, problems } = compile(documentOf(plan, frozen));
  if (problems.length > 0) throw new Error(JSON.stringify(problems.map((p) => p.diagnostic)));
  return network;
}

/** Initial weights moved a little, so that no bias is 0 and no scale 1. */
export function movedWeights(network: Network, seed: number): Weights {
  const trained = new Set(network.layers.flatMap((l) => l.weights.flatMap((w) => (w.role === 'trained' ? [w.fullName] : []))));
  const random = createRandom(deriveSeed(seed, 'moved'));
  return new Map([...initialWeights(network, seed)].map(([name, w]) => [name, trained.has(name) ? { ...w, data: w.data.map((v) => v + 0.1 * random.normal()) } : w]));
}
