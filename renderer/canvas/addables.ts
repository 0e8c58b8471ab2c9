/** Everything that can be put onto the canvas: layers by their rows, built-in blocks, the person's own blocks; searched together. */
import { newLayer, nodeStem } from '../../shared/compile/repairs.ts';
import type { DrawnGraph, DrawnNode, GroupNode } from '../../shared/graph/document.ts';
import { freshId, freshName } from '../../shared/graph/operations.ts';
import type { Family } from '../../shared/layers/spec.ts';
import { families, layerSpec, layerTypes } from '../../shared/layers/table.ts';
import type { SavedBlock } from '../../shared/protocol/values.ts';
import { blocks } from '../../shared/templates/blocks.ts';
import { familyColor } from '../ui/theme.ts';
import { GROUP_GLYPH } from './describe.ts';

export type Section = Family | 'blocks' | 'mine';

export interface Addable {
  /** Unique among all; what a drag carries. */
  readonly key: string;
  readonly section: Section;
  readonly label: string;
  readonly help: string;
  readonly keywords: readonly string[];
  readonly glyph: string;
  readonly color: string;
  /** Behind the section's button. */
  readonly seldom: boolean;
  /** A new node with an id and a name that are free in the graph. */
  readonly node: (graph: DrawnGraph) => DrawnNode;
}

const layerRows: readonly Addable[] = layerTypes.map((type) => {
  const { family, label, keywords, seldom, teaching } = layerSpec(type);
  return { key: type, section: family, label, help: teaching.text, keywords: [type, ...keywords], glyph: families[family].glyph, color: familyColor[family], seldom: seldom === true, node: (graph) => newLayer(graph, type, nodeStem(type), { x: 0, y: 0 }) };
});

const groupOf = (group: GroupNode, name: string) => (graph: DrawnGraph): DrawnNode => ({ ...group, id: freshId(graph, 'group'), name: freshName(graph, name) });
const groupLook = { glyph: GROUP_GLYPH, color: familyColor.io };
/** Blocks shown before the rest is asked for. */
const FIRST_BLOCKS = 6;
/** What is a group of its own comes before its variants. */
const plain = (id: string): number => (/-projection$|^pre-/.test(id) ? 1 : 0);

const blockRows: readonly Addable[] = blocks.toSorted((a, b) => plain(a.id) - plain(b.id)).map(({ id, label, description, keywords, build }, i) => ({
  key: `block ${id}`, section: 'blocks', label, help: description, keywords: [id, 'block', ...keywords], ...groupLook, seldom: i >= FIRST_BLOCKS,
  node: (graph) => groupOf(build(), label.toLowerCase())(graph),
}));

const mineRow = ({ id, name, group }: SavedBlock): Addable => ({ key: `mine ${id}`, section: 'mine', label: name, help: `Your own block: ${name}`, keywords: ['mine', 'block'], ...groupLook, seldom: false, node: groupOf(group, name.replace(/ \d+$/, '')) });

/** All there is, the person's own blocks last. */
export const addables = (mine: readonly SavedBlock[]): readonly Addable[] => [...layerRows, ...blockRows, ...mine.map(mineRow)];

export const findAddable = (key: string, mine: readonly SavedBlock[]): Addable | undefined => addables(mine).find((a) => a.key === key);

/** Those whose label or keywords hold the words, best first; an empty search lists all. */
export function searchAddables(query: string, mine: readonly SavedBlock[]): Addable[] {
  const q = query.trim().toLowerCase();
  const score = ({ key, label, keywords }: Addable): number => {
    const l = label.toLowerCase();
    if (q === '' || l.startsWith(q)) return 0;
    if (l.includes(q) || key.includes(q)) return 1;
    return keywords.some((k) => k.includes(q)) ? 2 : 9;
  };
  return addables(mine).filter((a) => score(a) < 9).sort((a, b) => score(a) - score(b));
}
