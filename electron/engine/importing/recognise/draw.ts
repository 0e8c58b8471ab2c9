/** Layers and operators become nodes and wires; activations that only follow one layer move into it. */
import { nodeStem } from '../../../../shared/compile/repairs.ts';
import type { LayerNode, OperatorNode, Wire, WireEnd } from '../../../../shared/graph/document.ts';
import { wireId } from '../../../../shared/graph/operations.ts';
import { defaultParams, layerSpec, type LayerType } from '../../../../shared/layers/table.ts';
import type { Shape } from '../../../../shared/shapes/shape.ts';
import type { NormalModel } from '../normal.ts';
import type { Drawn } from './match.ts';
import { drawOperator } from './operators.ts';
import type { Piece } from './pattern.ts';
import type { Border } from './recognised.ts';
import type { Scene } from './scene.ts';
import type { WorkGraph, WorkNode } from './work.ts';

type Item = { readonly piece: Piece } | { readonly drawn: Drawn };

/** What an activation of its own is called as a layer's field; smooth ones of transformers stay, as people draw them. */
const inField: Readonly<Partial<Record<LayerType, (params: Readonly<Record<string, unknown>>) => boolean>>> = {
  relu: () => true, relu6: () => true, sigmoid: () => true, tanh: () => true, selu: () => true, silu: () => true, 'hard-sigmoid': () => true, 'hard-swish': () => true, mish: () => true, softplus: () => true,
  'leaky-relu': (p) => p.slope === 0.01, elu: (p) => p.alpha === 1, softmax: (p) => p.over === 'channels',
};

/** Pieces and operators in order, with values by their true names and activations in the layers before them. */
function items(drawn: readonly Drawn[], resolve: (value: string) => string, outputs: readonly string[]): readonly Item[] {
  const uses = new Map<string, number>();
  const count = (value: string) => uses.set(resolve(value), (uses.get(resolve(value)) ?? 0) + 1);
  for (const value of outputs) count(value);
  for (const d of drawn) for (const value of d.operator ? d.operator.inputs : d.pieces.flatMap((p) => p.inputs)) count(value);
  const list: Item[] = [];
  const at = new Map<string, number>();
  for (const d of drawn) {
    if (d.operator) list.push({ drawn: d });
    for (const piece of d.pieces) {
      const [value = ''] = piece.inputs.map(resolve);
      const before = list[at.get(value) ?? -1];
      const field = before && 'piece' in before && uses.get(value) === 1 && inField[piece.layer]?.(piece.params ?? {}) && before.piece.params?.activation === 'none';
      if (field) {
        list[at.get(value) as number] = { piece: { ...before.piece, params: { ...before.piece.params, activation: piece.layer }, output: piece.output } };
        at.set(piece.output, at.get(value) as number);
      } else {
        at.set(piece.output, list.length);
        list.push({ piece: { ...piece, inputs: piece.inputs.map(resolve) } });
      }
    }
  }
  return list;
}

const inputKinds: Readonly<Record<number, (s: Shape) => Readonly<Record<string, unknown>>>> = {
  1: ([channels]) => ({ kind: 'vector', channels }),
  2: ([channels, length]) => ({ kind: 'sequence', channels, length }),
  3: ([channels, height, width]) => ({ kind: 'image', channels, height, width }),
  4: ([channels, depth, height, width]) => ({ kind: 'volume', channels, depth, height, width }),
};

/** Letters of an id before its number. */
const LONGEST = 40;

class Drawing {
  readonly nodes: WorkNode[] = [];
  readonly wires: Wire[] = [];
  readonly #ends = new Map<string, WireEnd>();
  readonly #counts = new Map<string, number>();
  readonly #model: NormalModel;
  readonly #scene: Scene;
  readonly #resolve: (value: string) => string;
  constructor(model: NormalModel, scene: Scene, resolve: (value: string) => string) {
    this.#model = model;
    this.#scene = scene;
    this.#resolve = resolve;
  }

  #id(stem: string): string {
    const count = (this.#counts.get(stem) ?? 0) + 1;
    this.#counts.set(stem, count);
    return count === 1 && (stem === 'input' || stem === 'output') ? stem : `${stem}-${count}`;
  }

  #wire(value: string, to: WireEnd): void {
    const from = this.end(value);
    if (from) this.wires.push({ id: wireId(from, to), from, to });
  }

  /** Where a value comes from; a constant that is an answer itself gets a node of its own. */
  end(value: string): WireEnd | undefined {
    const name = this.#resolve(value);
    const known = this.#ends.get(name);
    if (known || !this.#scene.constant(name)) return known;
    this.operator({ name: '', op: 'Identity', domain: '', inputs: [name], outputs: [name], attributes: {} });
    return this.#ends.get(name);
  }

  layer(layer: LayerType, params: Readonly<Record<string, unknown>>, weights: Piece['weights'] = {}, hint?: string): LayerNode {
    const id = this.#id(nodeStem(layer).replaceAll(' ', '-'));
    const node: LayerNode = { kind: 'layer', id, name: id, layer, params: { ...defaultParams(layer), ...params }, position: { x: 0, y: 0 } };
    this.nodes.push({ node, weights: new Map(Object.entries(weights).map(([name, w]) => [`.${name}`, w])), ...(hint === undefined ? {} : { hint }) });
    return node;
  }

  piece({ layer, params = {}, weights = {}, inputs, output, hint }: Piece): void {
    const { id } = this.layer(layer, params, weights, hint);
    const ports = layerSpec(layer).inputs;
    const seen = new Set<string>();
    inputs.forEach((value, i) => {
      const to = { node: id, port: (ports[i] ?? ports[0])?.id ?? 'in' };
      // One wire from one place: a value that is taken twice comes a second way.
      const source = seen.has(`${to.port} ${value}`) ? this.operator({ name: '', op: 'Identity', domain: '', inputs: [value], outputs: [`${value}/again ${id} ${i}`], attributes: {} }) : value;
      seen.add(`${to.port} ${value}`);
      this.#wire(source, to);
    });
    this.#ends.set(output, { node: id, port: 'out' });
  }

  /** Draws an operator and returns the name of its first output. */
  operator(node: Parameters<typeof drawOperator>[0]): string {
    const id = this.#id(node.op.replace(/\W+/g, '-').toLowerCase().slice(0, LONGEST) || 'operator');
    const { node: drawn, weights, ports } = drawOperator(node, id, this.#model, this.#scene);
    for (const { port, value } of ports) this.#wire(value, { node: id, port });
    this.nodes.push({ node: drawn, weights: new Map([...weights].map(([name, w]) => [`.${name}`, w])), ...(node.name === '' ? {} : { hint: node.name }) });
    node.outputs.forEach((value, i) => { if (value !== '') this.#ends.set(value, { node: id, port: (drawn.outputs[i]) as string }); });
    return node.outputs[0] ?? '';
  }

  /** The fields of a plain Input, which takes samples of a data set; undefined for any other tensor. */
  samples(name: string): Readonly<Record<string, unknown>> | undefined {
    const sample = this.#scene.sample(name);
    return sample?.every((d) => d >= 1 && d <= 65536) === true ? inputKinds[sample.length]?.(sample) : undefined;
  }

  input(name: string, plain: boolean): Border {
    const fields = plain ? this.samples(name) : undefined;
    const type = this.#scene.type(name) ?? { element: 'float32', shape: [] };
    const shape = this.#scene.isBatched(name) ? [-1, ...type.shape.slice(1)] : type.shape;
    const node = fields ? this.layer('input', fields) : this.layer('tensor-input', { element: type.element, shape });
    this.#ends.set(name, { node: node.id, port: 'out' });
    return { name, node: node.id, perm: null };
  }

  output(name: string, alone: boolean, vector: boolean): Border {
    const from = this.end(name);
    const [channels, ...places] = this.#scene.sample(name) ?? [];
    // What was drawn as a vector is one, though the file writes places of one pixel behind it.
    const sample = channels === undefined ? undefined : vector ? [channels] : [channels, ...places];
    const node = alone && sample ? this.layer('output', { task: this.#task(from?.node, sample) }) : this.layer('tensor-output', {});
    if (from) this.wires.push({ id: wireId(from, { node: node.id, port: 'in' }), from, to: { node: node.id, port: 'in' } });
    return { name, node: node.id, perm: null };
  }

  /** Classes where a vector of several numbers comes as probabilities or straight from a sum; numbers where it is bent otherwise. */
  #task(source: string | undefined, sample: Shape): 'classification' | 'regression' {
    if (sample.length !== 1) return 'regression';
    const node = this.nodes.find((n) => n.node.id === source)?.node as LayerNode | OperatorNode | undefined;
    const spec = node?.kind === 'layer' ? layerSpec(node.layer as LayerType) : undefined;
    const bend = node?.kind === 'layer' ? (spec?.activation ?? node.params.activation ?? 'none') : 'none';
    if (bend === 'softmax' || (bend === 'sigmoid' && sample[0] === 1)) return 'classification';
    return bend === 'none' && (sample[0] as number) > 1 ? 'classification' : 'regression';
  }
}

export interface Sketch extends WorkGraph { readonly inputs: readonly Border[]; readonly outputs: readonly Border[] }

/** Draws what was matched, without groups, names and places. */
export function draw(model: NormalModel, scene: Scene, drawn: readonly Drawn[]): Sketch {
  const same = new Map(drawn.flatMap((d) => d.same));
  const resolve = (value: string): string => {
    let at = value;
    for (let next = same.get(at); next !== undefined; next = same.get(at)) at = next;
    return at;
  };
  const { graph } = model;
  const work = new Drawing(model, scene, resolve);
  // A data set feeds one input; a net that takes several is given tensors.
  const plain = graph.inputs.filter((v) => work.samples(v.name)).length === 1;
  const inputs = graph.inputs.map((v) => work.input(v.name, plain));
  for (const item of items(drawn, resolve, graph.outputs.map((v) => v.name))) {
    if ('piece' in item) work.piece(item.piece);
    else if (item.drawn.operator) work.operator(item.drawn.operator);
  }
  const vector = drawn.some((d) => d.answer === true);
  const outputs = graph.outputs.map((v) => work.output(v.name, graph.outputs.length === 1, vector));
  return { nodes: work.nodes, wires: work.wires, inputs, outputs };
}

