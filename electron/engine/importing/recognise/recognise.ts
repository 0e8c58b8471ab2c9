/** A net in normal form becomes a drawn one: layers where a pattern fits, operators where none does, groups where parts repeat. */
import type { NamedWeight } from '../../../../shared/compile/weights.ts';
import { DOCUMENT_VERSION, type DrawnGraph } from '../../../../shared/graph/document.ts';
import { arrange } from '../../../../shared/graph/layout.ts';
import type { NormalModel } from '../normal.ts';
import { blocksOf } from './blocks.ts';
import { channelsFirst } from './channels-first.ts';
import { draw } from './draw.ts';
import { group } from './groups.ts';
import { match } from './match.ts';
import { named } from './names.ts';
import type { Recognised } from './recognised.ts';
import { Scene } from './scene.ts';
import { withNorms } from './spelled-norm.ts';
import type { WorkGraph } from './work.ts';

const counted = (names: readonly string[]): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
};

/** The graph of the document, named and arranged. */
function finished({ nodes, wires }: WorkGraph): DrawnGraph {
  const names = named(nodes);
  const graph: DrawnGraph = { nodes: nodes.map(({ node }) => ({ ...node, name: names.get(node.id) ?? node.id })), wires };
  const positions = arrange(graph);
  return { ...graph, nodes: graph.nodes.map((n) => ({ ...n, position: positions[n.id] ?? n.position })) };
}

/** Draws a net. Every node of the file is part of one layer or kept as an operator; weights come in the layouts of the rows. */
export function recognise(file: NormalModel, name: string): Recognised {
  const { model, ...perms } = channelsFirst(withNorms(file));
  const scene = new Scene(model);
  const sketch = draw(model, scene, match(scene));
  const { graph, counts } = group(sketch, blocksOf(sketch));
  const weights = new Map<string, NamedWeight>(graph.nodes.flatMap((n) => [...n.weights].map(([key, w]) => [`${n.node.id}${key}`, w] as const)));
  return {
    document: { version: DOCUMENT_VERSION, name, graph: finished(graph), weights: null, origin: null },
    weights,
    inputs: sketch.inputs.map((border, i) => ({ ...border, name: file.graph.inputs[i]?.name ?? border.name, perm: perms.inputs[i] ?? null })),
    outputs: sketch.outputs.map((border, i) => ({ ...border, name: file.graph.outputs[i]?.name ?? border.name, perm: perms.outputs[i] ?? null })),
    layers: counted(sketch.nodes.flatMap(({ node }) => (node.kind === 'layer' ? [node.layer] : []))),
    operators: counted(sketch.nodes.flatMap(({ node }) => (node.kind === 'operator' ? [node.op] : []))),
    groups: counts,
  };
}
