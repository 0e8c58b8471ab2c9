/** Every node of a net goes to one recognised thing: the first pattern that fits, checked by the row it claims; else it stays. */
import type { Node } from '../../../../shared/onnx/ir.ts';
import { checkParams, layerSpec } from '../../../../shared/layers/table.ts';
import type { NamedWeight } from '../../../../shared/compile/weights.ts';
import { elementCount, sameShape, type Shape } from '../../../../shared/shapes/shape.ts';
import type { Found, Pattern, Piece } from './pattern.ts';
import { activationPatterns } from './patterns-activation.ts';
import { convPatterns } from './patterns-conv.ts';
import { densePatterns } from './patterns-dense.ts';
import { geluPatterns } from './patterns-gelu.ts';
import { mergePatterns } from './patterns-merge.ts';
import { normalisePatterns } from './patterns-normalise.ts';
import { narrow, poolPatterns } from './patterns-pool.ts';
import { rescalePatterns } from './patterns-rescale.ts';
import { shapePatterns } from './patterns-shape.ts';
import type { Scene } from './scene.ts';
import { spelledNorm } from './spelled-norm.ts';

/** For one root the first that fits wins: what takes in more nodes stands before what takes in fewer. */
const patterns: readonly Pattern[] = [
  ...rescalePatterns, ...geluPatterns, ...convPatterns, ...densePatterns, ...normalisePatterns, spelledNorm, ...poolPatterns, ...activationPatterns, ...shapePatterns, ...mergePatterns,
];

const byRoot = new Map<string, Pattern[]>();
for (const p of patterns) for (const root of p.root) byRoot.set(root, [...(byRoot.get(root) ?? []), p]);

/** What is drawn for some nodes: layers, or the one operator as it is. */
export interface Drawn {
  readonly pieces: readonly Piece[];
  readonly operator: Node | null;
  readonly nodes: readonly Node[];
  readonly same: readonly (readonly [output: string, input: string])[];
  /** The net's answer as a vector, where the file has maps of one place. */
  readonly answer?: true;
}

/** Weights in the shapes that the row asks for; null where it asks for others. */
function fitted(piece: Piece, shapes: readonly Shape[], params: Parameters<ReturnType<typeof layerSpec>['caption']>[0]): Record<string, NamedWeight> | null {
  const wanted = layerSpec(piece.layer).weights(params, shapes);
  const given = piece.weights ?? {};
  if (wanted.length !== Object.keys(given).length) return null;
  const out: Record<string, NamedWeight> = {};
  for (const { name, shape } of wanted) {
    const w = given[name];
    if (w?.data.length !== elementCount(shape)) return null;
    out[name] = { shape, data: w.data };
  }
  return out;
}

/** A piece with all its row's parameters and weights, and the shape it answers; null where the row does not take it. */
function checked(piece: Piece, shapes: readonly Shape[]): { readonly piece: Piece; readonly shape: Shape } | null {
  const params = checkParams(piece.layer, piece.params ?? {});
  const answer = params.ok ? layerSpec(piece.layer).shape(params.value, shapes) : null;
  const weights = params.ok && answer?.ok ? fitted(piece, shapes, params.value) : null;
  return params.ok && answer?.ok && weights ? { piece: { ...piece, params: params.value, weights }, shape: answer.value.shape } : null;
}

/** The same with every piece checked by its row; null where one does not say what the file says, or something inside is used elsewhere. */
function admitted(found: Found, scene: Scene, taken: ReadonlySet<Node>, vectors = false): Found | null {
  const own = new Set(found.nodes);
  if (found.nodes.some((n) => taken.has(n)) || own.size !== found.nodes.length) return null;
  const local = new Map<string, Shape>();
  const pieces: Piece[] = [];
  for (const piece of found.pieces) {
    const shapes = piece.inputs.map((v) => local.get(v) ?? scene.sample(v));
    const done = shapes.every((s) => s !== undefined) ? checked(piece, shapes) : null;
    if (!done) return null;
    local.set(piece.output, done.shape);
    pieces.push(done.piece);
  }
  const out = new Set([...found.pieces.map((p) => p.output), ...(found.same ?? []).map(([output]) => output)]);
  for (const node of found.nodes) {
    for (const value of node.outputs) {
      const outside = scene.isOutput(value) || scene.users(value).some((n) => !own.has(n));
      if (value === '' || !outside) continue;
      const shape = local.get(value);
      const sample = scene.sample(value);
      const answers = vectors && scene.users(value).length === 0 && shape?.length === 1 && shape[0] === sample?.[0];
      if (!out.has(value) || (shape && !answers && (!sample || !sameShape(shape, sample)))) return null;
    }
  }
  return { ...found, pieces };
}

/**
 * The answer of a net that ends in maps of one place, as SqueezeNet's: drawn as the vector that it is, so that classes can be
 * told apart by it. Null where it ends otherwise.
 */
function vectorAnswer(scene: Scene, taken: ReadonlySet<Node>): Found | null {
  const [output] = scene.graph.outputs;
  const chain = output && scene.graph.outputs.length === 1 ? narrow(output.name, scene) : null;
  return chain && admitted(chain, scene, taken, true);
}

/** What becomes of every node, in the net's order. */
export function match(scene: Scene): readonly Drawn[] {
  const taken = new Set<Node>();
  const drawn: Drawn[] = [];
  const answer = vectorAnswer(scene, taken);
  for (const n of answer?.nodes ?? []) taken.add(n);
  if (answer) drawn.push({ pieces: answer.pieces, operator: null, nodes: answer.nodes, same: [], answer: true });
  // From the last node backwards, so that a pattern sees all that leads to its root still free.
  for (const node of scene.graph.nodes.toReversed()) {
    if (taken.has(node)) continue;
    let best: Found | null = null;
    for (const p of node.domain === '' ? (byRoot.get(node.op) ?? []) : []) {
      const found = p.match(node, scene);
      best = found && admitted(found, scene, taken);
      if (best) break;
    }
    for (const n of best?.nodes ?? [node]) taken.add(n);
    drawn.push(best ? { pieces: best.pieces, operator: null, nodes: best.nodes, same: best.same ?? [] } : { pieces: [], operator: node, nodes: [node], same: [] });
  }
  return drawn.reverse();
}
