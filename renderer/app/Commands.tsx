/** The command palette: every command with its key, and every layer of the network, those inside groups too. */
import { Spotlight } from '@mantine/spotlight';
import { useMemo, useState } from 'react';
import type { DrawnGraph, DrawnNode, GraphPath } from '../../shared/graph/document.ts';
import { actions, keyLabel } from '../actions/actions.ts';
import { goToNode } from '../actions/go.ts';
import { describe } from '../canvas/describe.ts';
import { useDocument } from '../state/document.ts';
import { layerAtPlace } from '../state/lookup.ts';

interface Found { readonly node: DrawnNode; readonly path: GraphPath; /** Names of the groups it lies in. */ readonly within: readonly string[] }

const allNodes = (graph: DrawnGraph, path: GraphPath = [], within: readonly string[] = []): Found[] =>
  graph.nodes.flatMap((node) => [{ node, path, within }, ...(node.kind === 'group' ? allNodes(node.graph, [...path, node.id], [...within, node.name]) : [])]);

export function Commands() {
  const graph = useDocument((s) => s.history.document.graph);
  const compiled = useDocument((s) => s.compiled);
  // Which commands there are to give now is asked when the palette opens.
  const [, setOpenings] = useState(0);
  const layers = useMemo(() => allNodes(graph).map(({ node, path, within }) => {
    const place = [...path, node.id].join('/');
    const { glyph, color, label, caption } = describe(node, layerAtPlace(compiled, place)?.params);
    return {
      id: `layer ${place}`, label: node.name, description: [within.join(' / '), label, caption].filter((t) => t !== '').join(' · '), group: 'Layers',
      leftSection: <span className="glyph" style={{ background: color }} aria-hidden>{glyph}</span>, onClick: () => goToNode(path, node.id),
    };
  }), [graph, compiled]);
  return (
    <Spotlight onSpotlightOpen={() => setOpenings((n) => n + 1)} tagsToIgnore={[]} shortcut={['mod + K', 'mod + shift + P']} nothingFound="No such command or layer" highlightQuery limit={14} scrollable maxHeight={420} searchProps={{ placeholder: 'Find a command or a layer', 'aria-label': 'Find a command or a layer' }}
      actions={[
        ...actions.map((a) => ({ id: a.id, label: a.label, group: a.group, rightSection: a.keys[0] ? <kbd className="dim">{keyLabel(a.keys[0])}</kbd> : null, ...(a.enabled() ? {} : { className: 'not-now', 'aria-disabled': true }), onClick: () => { if (a.enabled()) a.run(); } })),
        ...layers,
      ]} />
  );
}
