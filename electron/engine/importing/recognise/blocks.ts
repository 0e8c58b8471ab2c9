/** Which parts of a net are blocks, and which lie in which. */
import type { WireEnd } from '../../../../shared/graph/document.ts';
import { blockRules, chainRules, type BlockRule, type Facts } from './block-rules.ts';
import { letterOf } from './letters.ts';
import { regionsOf, spineOf, Wiring, type Region } from './regions.ts';
import type { WorkGraph } from './work.ts';

export interface Block {
  readonly name: string;
  readonly letter: string;
  readonly entry: WireEnd;
  /** The node whose output leaves it. */
  readonly exit: string;
  /** Ids of nodes, inner blocks' too. */
  readonly nodes: ReadonlySet<string>;
  readonly parts: boolean;
}

/** The chain behind a node, as far as each alone feeds the next. */
function chainFrom(g: Wiring, id: string, most: number): readonly string[] {
  const chain: string[] = [];
  for (let next = g.next(id); next !== null && chain.length < most; next = g.next(next)) chain.push(next);
  return chain;
}

class Search {
  readonly #g: Wiring;
  readonly #letters: ReadonlyMap<string, string>;
  /** The outermost block so far that a node lies in. */
  readonly #owner = new Map<string, Block>();
  readonly blocks: Block[] = [];
  constructor(graph: WorkGraph) {
    this.#g = new Wiring(graph);
    this.#letters = new Map(graph.nodes.map(({ node }) => [node.id, node.kind === 'group' ? '?' : letterOf(node)]));
  }

  #letter(id: string): string {
    return this.#letters.get(id) ?? '?';
  }

  /** Letters of nodes in order, those of one block as its own. */
  #word(ids: readonly string[]): string {
    return ids.map((id, i) => {
      const owner = this.#owner.get(id);
      return !owner ? this.#letter(id) : ids.slice(0, i).some((other) => this.#owner.get(other) === owner) ? '' : owner.letter;
    }).join('');
  }

  #add(block: Block): void {
    this.blocks.push(block);
    for (const id of block.nodes) this.#owner.set(id, block);
  }

  #facts(region: Region, behind: readonly string[]): Facts {
    const g = this.#g;
    const into = g.into(region.merge);
    const before = region.entry.node;
    const alone = g.from(before).every((w) => region.nodes.has(w.to.node)) && g.into(before).length === 1 && !this.#owner.has(before);
    return {
      spine: this.#word(spineOf(g, region)), letters: this.#word(g.inOrder(region.nodes)), branches: into.length,
      direct: into.some((w) => w.from.node === before), before: alone ? this.#letter(before) : '', behind: this.#word(behind),
    };
  }

  regions(): void {
    const g = this.#g;
    for (const region of regionsOf(g)) {
      const behind = chainFrom(g, region.merge, 6);
      const facts = this.#facts(region, behind);
      const rule = blockRules.find((r) => r.spine.test(facts.spine) && (r.holds?.(facts) ?? true));
      if (!rule) continue;
      const taken = rule.takes?.exec(facts.behind)?.[0] ?? '';
      const ends = behind.findIndex((_, i) => this.#word(behind.slice(0, i + 1)).length >= taken.length);
      this.#add(this.#block(rule, region, taken === '' ? [] : behind.slice(0, ends + 1)));
    }
  }

  #block(rule: BlockRule, region: Region, taken: readonly string[]): Block {
    const { name, letter } = rule;
    const [first] = rule.leads ? this.#g.into(region.entry.node) : [];
    const nodes = new Set([...(first ? [region.entry.node] : []), ...region.nodes, ...taken]);
    return { name, letter, entry: first?.from ?? region.entry, exit: taken.at(-1) ?? region.merge, nodes, parts: rule.parts === true };
  }

  /** Chains that lie directly in a block, or in none. */
  chains(within: Block | null): void {
    const g = this.#g;
    const own = g.order.filter((id) => (within ? within.nodes.has(id) && this.#owner.get(id) === within : true));
    const done = new Set<string>();
    for (const start of own) {
      if (done.has(start)) continue;
      const steps = this.#steps(start, within);
      for (const s of steps) for (const id of s.nodes) done.add(id);
      this.#match(steps, within);
    }
  }

  /** The chain of nodes and whole blocks from here on. */
  #steps(start: string, within: Block | null): readonly Step[] {
    const steps: Step[] = [];
    for (let id: string | null = start; id !== null;) {
      const owner = this.#owner.get(id);
      const block = owner === within ? null : (owner ?? null);
      const [wire] = this.#g.into(id);
      const step: Step = block ? { letter: block.letter, entry: block.entry, exit: block.exit, nodes: [...block.nodes] } : { letter: this.#letter(id), entry: wire?.from ?? null, exit: id, nodes: [id] };
      steps.push(step);
      const out = this.#g.from(step.exit);
      const to: string | undefined = out[0]?.to.node;
      if (to === undefined || (within && !within.nodes.has(to))) break;
      const following = this.#owner.get(to);
      const inside = following && following !== within ? following : null;
      // A block may be fed in several places, all from here.
      const alone = inside ? out.every((w) => inside.nodes.has(w.to.node)) && inside.entry.node === step.exit : out.length === 1 && this.#g.into(to).length === 1;
      id = alone ? to : null;
    }
    return steps;
  }

  #match(steps: readonly Step[], within: Block | null): void {
    const taken = new Set<number>();
    const word = steps.map((s) => s.letter).join('');
    // Where each step begins in the word, and where the last one ends.
    const begins = steps.reduce<number[]>((all, s) => [...all, (all.at(-1) ?? 0) + s.letter.length], [0]);
    for (const rule of chainRules) {
      if ((rule.within !== undefined && rule.within !== within?.name) || (rule.beside && !this.blocks.some((b) => b.name === rule.name))) continue;
      for (const found of word.matchAll(rule.word)) {
        const [first, last] = [begins.indexOf(found.index), begins.indexOf(found.index + found[0].length)];
        if (first < 0 || last < 0) continue;
        const part = steps.slice(first, last);
        const places = part.map((_, i) => first + i);
        const [entry, exit] = [part[0]?.entry, part.at(-1)?.exit];
        if (places.some((i) => taken.has(i)) || !entry || exit === undefined) continue;
        for (const i of places) taken.add(i);
        this.#add({ name: rule.name, letter: rule.letter, entry, exit, nodes: new Set(part.flatMap((s) => s.nodes)), parts: false });
      }
    }
  }
}
interface Step { readonly letter: string; readonly entry: WireEnd | null; readonly exit: string; readonly nodes: readonly string[] }

/** The blocks of a net of which there are at least two, inner ones before those around them. */
export function blocksOf(graph: WorkGraph): readonly Block[] {
  const search = new Search(graph);
  search.regions();
  for (const block of search.blocks.filter((b) => b.parts)) search.chains(block);
  search.chains(null);
  const counts = new Map<string, number>();
  for (const { name } of search.blocks) counts.set(name, (counts.get(name) ?? 0) + 1);
  return search.blocks.filter((b) => (counts.get(b.name) ?? 0) > 1).sort((a, b) => a.nodes.size - b.nodes.size);
}
