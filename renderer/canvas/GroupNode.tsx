/** A group on the canvas: one node with a stacked edge, how often it is repeated, its sum, and the worst that is wrong inside. */
import { Tooltip } from '@mantine/core';
import { useStore, type NodeProps } from '@xyflow/react';
import { memo } from 'react';
import { render, severityOf } from '../../shared/diagnostics/diagnostic.ts';
import type { GroupNode as DrawnGroup } from '../../shared/graph/document.ts';
import { formatShape } from '../../shared/shapes/shape.ts';
import { useDocument } from '../state/document.ts';
import { groupAtPlace } from '../state/lookup.ts';
import { useSession } from '../state/session.ts';
import { useTold } from '../state/told.ts';
import { short, whole } from '../ui/format.ts';
import { MapCanvas } from '../ui/MapCanvas.tsx';
import { goToPlace } from '../actions/go.ts';
import { describe } from './describe.ts';
import { FeatureBadge } from './FeatureBadge.tsx';
import { NodeHead } from './NodeHead.tsx';
import { frozenOf } from './frozen.ts';
import { Handles, PORT_ROW } from './Handles.tsx';
import { COLOUR_BELOW, NAMES_BELOW, THUMBNAILS, type LayerFlowNode } from './LayerNode.tsx';

function GroupNodeView({ id, data, selected }: NodeProps<LayerFlowNode>) {
  const drawn = data.drawn as DrawnGroup;
  const { compiled } = useTold();
  const root = useDocument((s) => s.history.document.graph);
  const path = useDocument((s) => s.path);
  const summary = groupAtPlace(root, compiled, [...path, id]);
  const output = summary?.outputs[0];
  const maps = useSession((s) => s.maps?.layers.find((l) => l.layer === output?.layer));
  const level = useStore((s) => (s.transform[2] < COLOUR_BELOW ? 2 : s.transform[2] < NAMES_BELOW ? 1 : 0));
  const problems = summary?.problems ?? [];
  const worst = problems.find((d) => severityOf(d) === summary?.worst);
  const { glyph, color, caption } = describe(drawn);
  const picture = maps && maps.height > 1 ? maps : null;
  const ports = Math.max(...[drawn.inputs, drawn.outputs].map((side) => new Set(side.map((p) => p.id)).size));
  const frozen = frozenOf(drawn, summary?.layers ?? []);
  const state = { 'data-selected': selected, 'data-error': summary?.worst === 'error', 'data-frozen': frozen === 'none' ? false : frozen === 'part' ? 'part' : true, 'data-bypassed': drawn.bypassed === true };
  if (level > 0) {
    return <div className="node-lod node-group-lod" {...state} style={{ background: color, height: picture ? 160 : 82 }}>{level === 1 ? `${drawn.name}${drawn.repeat > 1 ? ` ×${drawn.repeat}` : ''}` : ''}<Handles drawn={drawn} /></div>;
  }
  return (
    <div className="node node-group" data-testid="layer-node" data-kind="group" {...state}>
      {worst && (
        <Tooltip label={problems.slice(0, 3).map((d) => render(d).sentence).join(' ')}>
          <button className="badge nodrag" aria-label={`Go to the problem inside: ${render(worst).sentence}`} data-severity={summary?.worst === 'error' ? 'error' : 'warning'} onClick={() => goToPlace(worst.place.node)}>!</button>
        </Tooltip>
      )}
      <NodeHead drawn={drawn} frozen={frozen} glyph={glyph} color={color}>
        {drawn.repeat > 1 && <span className="repeat mono" data-testid="repeat" title={`${drawn.repeat} copies, one after another`}>×{drawn.repeat}</span>}
      </NodeHead>
      <div className="caption" title="Double-click to open">{[...(drawn.variables ?? []).filter((v) => typeof v.value === 'number').slice(0, 2).map((v) => `${v.label.toLowerCase()} ${v.value}`), caption].join(' · ')}</div>
      {picture ? <div className="thumb"><MapCanvas maps={picture} width={ports > 1 ? 84 : 148} height={80} most={THUMBNAILS} label={`What comes out of ${drawn.name}`} /></div> : ports > 1 && <div style={{ height: Math.max(0, ports * PORT_ROW - 40) }} />}
      <div className="foot mono" title={summary ? `${whole(summary.parameters)} parameters, ${short(summary.macs)} multiply-adds` : undefined}>
        <span data-testid="shape">{output?.shape ? formatShape(output.shape) : '–'}</span>
        <span className="dim">{summary && summary.parameters > 0 ? whole(summary.parameters) : ''}</span>
      </div>
      <FeatureBadge place={[...path, id].join('/')} />
      <Handles drawn={drawn} />
    </div>
  );
}

export const GroupNode = memo(GroupNodeView);
