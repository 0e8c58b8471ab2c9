/** One walk through a net in order: each node in its newest form, typed, folded where it can be, at one or two sizes of the batch. */
import { foldShape } from '../../../../shared/onnx/fold/fold.ts';
import { int64Tensor, sameTensor } from '../../../../shared/onnx/fold/numbers.ts';
import { OPSET, type Node, type Tensor } from '../../../../shared/onnx/ir.ts';
import type { SourceFunction } from '../../onnx-io/source.ts';
import { BatchSizes } from './batch-sizes.ts';
import { titleOf, type DraftNode } from './draft.ts';
import { computeFixed, trialTypes, type Trials } from './evaluate.ts';
import { expansions } from './expand.ts';
import type { Expander, Item } from './expander.ts';
import { foldLane, isRandom } from './folding.ts';
import { formOf } from './form.ts';
import { freeNode, openTarget, type Sizes } from './free-batch.ts';
import { laneTypes, unfit, type Types } from './lane-types.ts';
import { repeatedConstants } from './repeat.ts';
import { rewriting } from './rewriting.ts';
import { BatchHeld, batchRole, isSettled, laneOf, sameType, typeOf, type Known, type Lane } from './state.ts';
import { Values } from './values.ts';
import { firstView, throughViews } from './view-rules.ts';
import { knownOf, made, type Through, type View } from './views.ts';
import { versionRow } from './versions/table.ts';
import type { Widening } from './widen.ts';

/** Nodes that a file may come to once its functions and loops are written out. */
const MOST_NODES = 200_000;
const MOST_ELEMENTS = 2 ** 31;

export interface WalkOptions {
  readonly lanes: number;
  readonly opsets: Readonly<Record<string, number>>;
  readonly functions: readonly SourceFunction[];
  readonly widening: Widening;
  readonly refuse: Expander['refuse'];
  readonly told: Trials['told'];
}

/** The copy of a single term is that term. */
const copies = new Set(['Identity', 'Sum', 'Max', 'Min', 'Mean', 'Concat']);

export class Walk extends Values implements Expander {
  readonly functions: readonly SourceFunction[];
  nodes: Node[] = [];
  readonly opsets: Record<string, number>;
  /** Outputs by name of the node. */
  readonly outputsOf = new Map<string, readonly Known[]>();
  /** Nodes met, written out. */
  met = 0;
  readonly #nodeNames = new Set<string>();
  readonly #queue: Item[] = [];
  readonly #trials: Trials;
  readonly #batch = new BatchSizes(this, (node, outputs) => { this.#emit(node, outputs); });
  /** Values that are turned and not made, by name. */
  readonly #views = new Map<string, View>();
  /** Names in the new graph that no node makes: of views, and of their sizes. */
  readonly #unmade = new Set<string>();

  constructor(options: WalkOptions) {
    super(options.lanes, options.widening, options.refuse);
    this.functions = options.functions;
    this.opsets = { ...options.opsets, '': OPSET };
    this.#trials = { numbers: new Map(), told: options.told };
  }

  override link(name: string, to: string): void {
    const view = this.#views.get(to);
    if (view) this.#views.set(name, view);
    super.link(name, to);
  }

  /** Throws BatchHeld for a value that is seen through alone. */
  requireMade(name: string): void {
    if (this.has(name) && this.#unmade.has(this.known(name).name)) throw new BatchHeld(`${name} has the batch at another axis`);
  }

  async settle(name: string): Promise<Tensor | null> {
    if (this.known(name).fixed && laneOf(this.known(name), 0).constant === null) await this.compute([this.known(name)]);
    const value = this.known(name);
    if (!isSettled(value) && value.lanes.every((l) => l.constant)) throw new BatchHeld(`${name} goes with the batch`);
    return laneOf(value, 0).constant;
  }

  importOpsets(opsets: Readonly<Record<string, number>>): void {
    for (const [domain, version] of Object.entries(opsets)) if (domain !== '') this.opsets[domain] = Math.max(this.opsets[domain] ?? 0, version);
  }

  /** Puts nodes before all that wait. */
  push(items: readonly Item[]): void {
    for (const item of items) if (typeof item !== 'function') for (const x of item.inputs) this.read(x);
    for (const item of items.toReversed()) this.#queue.push(item);
  }

  /** Walks until nothing waits. */
  async run(): Promise<void> {
    for (let item = this.#queue.pop(); item !== undefined; item = this.#queue.pop()) {
      if (typeof item === 'function') await item();
      else await this.#step(item);
    }
  }

  /** Computes values that follow from constants with the runtime, in one session. */
  async compute(wanted: readonly Known[]): Promise<void> {
    this.nodes = [...(await computeFixed(wanted, this.nodes, this, this.opsets))];
  }

  async #step(draft: DraftNode): Promise<void> {
    if (++this.met > MOST_NODES) throw this.refuse(`at most ${MOST_NODES.toLocaleString('en')} nodes once functions and loops are written out`, 'more', 'Export the net without them.');
    const expand = expansions(draft, this);
    const row = expand ? undefined : versionRow(draft);
    if (expand) {
      this.met--;
      await expand(draft, this);
    } else if (row) {
      const made: DraftNode[] = [];
      row.rewrite(rewriting(draft, row.until ?? OPSET, this, made));
      this.met -= made.length;
      this.push(made);
    } else await this.#finish(formOf(draft, this, this.opsets));
  }

  async #finish(node: Node): Promise<void> {
    const inputs = node.inputs.map((x) => (x === '' ? null : this.known(x)));
    const other = this.lanes > 1 ? this.#otherwise(node, inputs) : null;
    if (other) return this.#instead(other);
    const [only] = inputs;
    if (only && this.#isCopy(node, inputs)) {
      this.set(node.outputs[0] as string, only);
      return;
    }
    const opened = this.lanes > 1 ? openTarget(node, inputs) : null;
    if (opened) inputs[1] = this.known(this.constant(this.fresh(`${node.name}/any batch`), int64Tensor(opened), false));
    const types = inputs.some((x) => x?.varying) ? null : await laneTypes(node, inputs, this);
    if (!types) return this.#vary(node, inputs);
    for (const t of types.flat()) if (t && !(t.shape.reduce((a, b) => a * b, 1) <= MOST_ELEMENTS)) throw this.refuse(`values of at most ${MOST_ELEMENTS.toLocaleString('en')} numbers`, `[${t.shape.join(', ')}] in ${titleOf(node)}`, 'Give smaller sizes.');
    this.#answer(node, inputs, types);
  }

  #instead(items: readonly Item[]): void {
    this.met -= items.filter((item) => typeof item !== 'function').length;
    this.push(items);
  }

  /** How a node is written so that the batch comes first; null where it stands as it is. */
  #otherwise(node: Node, inputs: readonly (Known | null)[]): readonly Item[] | null {
    const views = node.inputs.map((x) => this.#views.get(x) ?? null);
    if (views.every((v) => v === null)) return repeatedConstants(node, inputs, this);
    // Its shape is known, though it is not made.
    if (inputs[0] && foldShape(node, laneOf(inputs[0], 0).type.shape)) return null;
    const through = throughViews(node, views, inputs, this);
    if (!through) throw new BatchHeld(`${node.name} has the batch at another axis`);
    return this.#seen(through);
  }

  /** The nodes behind views, and then the views: made where the batch is first, else seen through again. */
  #seen({ drafts, views }: Through): readonly Item[] {
    return [...drafts, () => {
      for (const view of views) {
        const nodes = made(view, this);
        this.met -= nodes?.length ?? 0;
        if (nodes) this.push(nodes);
        else {
          this.#views.set(view.name, view);
          this.set(view.name, knownOf(view, this.unique(view.name), this));
          this.#unmade.add(this.known(view.name).name);
        }
      }
    }];
  }

  #isCopy(node: Node, inputs: readonly (Known | null)[]): boolean {
    if (node.domain !== '' || inputs.length !== 1 || node.outputs.length !== 1) return false;
    if (copies.has(node.op)) return true;
    const to = node.attributes.to;
    return node.op === 'Cast' && to?.kind === 'int' && this.widening.codeOf(typeOf(inputs[0] as Known).element) === to.value;
  }

  #answer(node: Node, inputs: readonly (Known | null)[], types: readonly Types[]): void {
    const fixed = !isRandom(node.op) && inputs.every((x) => !x || x.fixed);
    // A matrix in a Constant node is a weight that its exporter put there; single numbers and rows are settings.
    const learned = inputs.some((x) => x?.learned) || (node.op === 'Constant' && (types[0]?.[0]?.shape ?? []).filter((d) => d > 1).length > 1);
    const lanes = this.#lanes(node, inputs, types);
    const settled = (i: number): Lane | null => (lanes.every((l) => l[i] === lanes[0]?.[i]) ? (lanes[0]?.[i] ?? null) : null);
    if (node.outputs.every((y, i) => y === '' || settled(i)?.constant)) {
      node.outputs.forEach((y, i) => { if (y !== '') this.constant(y, settled(i)?.constant as Tensor, learned); });
      return;
    }
    const outputs = node.outputs.map((y, i): Known => ({ name: y, lanes: lanes.map((l) => l[i] as Lane), learned: learned && fixed, fixed: fixed && settled(i) !== null, varying: false }));
    if (inputs.some((x) => x && this.#unmade.has(x.name)) && outputs.every((y) => y.lanes.every((l) => l.constant))) {
      // Sizes of what is not made: good for reckoning with, but nothing computes them.
      for (const y of outputs) {
        const own = { ...y, name: this.unique(y.name) };
        this.#unmade.add(own.name);
        this.set(y.name, own);
      }
      return;
    }
    const turned = this.lanes > 1 && outputs[0] && batchRole(outputs[0]) === 'astray' ? firstView(node, inputs, this) : null;
    if (turned) return this.#instead(this.#seen(turned));
    const freed = this.lanes > 1 ? freeNode(node, inputs, outputs) : { node, sizes: new Map<number, Sizes>() };
    const names = inputs.map((x, i) => {
      const sizes = freed.sizes.get(i);
      return sizes ? this.#batch.sizes(`${node.name}/sizes`, sizes) : (x?.name ?? '');
    });
    this.#emit({ ...freed.node, inputs: names }, outputs);
  }

  #emit(node: Node, outputs: readonly Known[]): void {
    if (node.inputs.some((x) => this.#unmade.has(x))) throw new BatchHeld(`${node.name} reads what is not made`);
    const own = outputs.map((y) => (y.name === '' ? y : { ...y, name: this.unique(y.name) }));
    node.outputs.forEach((y, i) => { if (y !== '') this.set(y, own[i] as Known); });
    const name = this.unique(node.name, this.#nodeNames);
    this.nodes.push({ ...node, name, outputs: own.map((y) => y.name) });
    this.outputsOf.set(name, own);
  }

  /** Types and, where they follow from constants, numbers; equal lanes are one object. */
  #lanes(node: Node, inputs: readonly (Known | null)[], types: readonly Types[]): readonly (readonly Lane[])[] {
    const out: (readonly Lane[])[] = [];
    for (let lane = 0; lane < this.lanes; lane++) {
      const first = out[0];
      if (first && inputs.every((x) => !x || isSettled(x))) {
        out.push(first);
        continue;
      }
      const numbers = foldLane(node, inputs, lane, types[lane] as Types);
      out.push(node.outputs.map((_, i): Lane => {
        const type = types[lane]?.[i] ?? { element: 'float32', shape: [] };
        const constant = numbers?.[i] ?? null;
        const other = first?.[i];
        const same = other && sameType(other.type, type) && (constant ? other.constant !== null && sameTensor(other.constant, constant) : other.constant === null);
        return same ? other : { type, constant };
      }));
    }
    return out;
  }

  /** Types of one trial run, for what depends on the data. */
  async #vary(node: Node, inputs: readonly (Known | null)[]): Promise<void> {
    if (this.lanes > 1 && inputs.some((x) => x && !isSettled(x))) throw new BatchHeld(`${node.name} depends on the data`);
    const renamed = { ...node, inputs: inputs.map((x) => x?.name ?? '') };
    const { types, numbers } = await trialTypes(renamed, this.nodes, this, this.#trials, this.opsets).catch((cause: unknown) => unfit(node, cause, this.refuse));
    const outputs = node.outputs.map((y, i): Known => {
      const type = types[i];
      if (!type && y !== '') throw this.refuse(`a tensor of numbers from ${titleOf(node)}`, 'another kind of value', 'Export the net without sequences and text.');
      const lane: Lane = { type: type ?? { element: 'float32', shape: [] }, constant: null };
      return { name: y, lanes: Array.from({ length: this.lanes }, () => lane), learned: false, fixed: false, varying: true };
    });
    this.#emit(renamed, outputs);
    for (const [y, t] of numbers) if (node.outputs.includes(y)) this.#trials.numbers.set(this.known(y).name, t);
  }
}
