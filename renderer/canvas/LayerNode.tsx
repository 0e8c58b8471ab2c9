/** A layer on the canvas: what it is, what matters of it, a picture of what comes out, shape and parameters. */
import { Tooltip } from '@mantine/core';
import { useStore, type NodeProps, type Node } from '@xyflow/react';
import { memo } from 'react';
import { render } from '../../shared/diagnostics/diagnostic.ts';
import type { DrawnNode } from '../../shared/graph/document.ts';
import { portsOf } from '../../shared/compile/ports.ts';
import { formatValue } from '../../shared/layers/value-type.ts';
import { isError, layerAt, problemsAt, useDocument } from '../state/document.ts';
import { useSession } from '../state/session.ts';
import { useTold } from '../state/told.ts';
import { short, whole } from '../ui/format.ts';
import { MapCanvas } from '../ui/MapCanvas.tsx';
import { describe } from './describe.ts';
import { FeatureBadge } from './FeatureBadge.tsx';
import { frozenOf } from './frozen.ts';
import { Handles, PORT_ROW } from './Handles.tsx';
import { NodeHead } from './NodeHead.tsx';

/** A layer or an operator; or a group (the kit draws a box of its own round what is called “group”). */
export type LayerFlowNode = Node<{ drawn: DrawnNode }, 'layer' | 'nest'>;

/** Below the first zoom a plain box with the name, below the second only the colour. */
export const NAMES_BELOW = 0.4;
export const COLOUR_BELOW = 0.15;
/** Channels shown on a node; the inspector has them all. */
export const THUMBNAILS = 6;

/** The caption; a layer that was renamed still says what it is. */
function captionOf(drawn: DrawnNode, label: string, caption: string): string {
  const told = drawn.name.toLowerCase().startsWith(label.toLowerCase().slice(0, 4)) || caption.includes('×') || caption.includes('·');
  return told ? caption : `${label} · ${caption}`;
}

function LayerNodeView({ id, data: { drawn }, selected }: NodeProps<LayerFlowNode>) {
  const { compiled } = useTold();
  const path = useDocument((s) => s.path);
  const level = useStore((s) => (s.transform[2] < COLOUR_BELOW ? 2 : s.transform[2] < NAMES_BELOW ? 1 : 0));
  const layer = layerAt(compiled, path, id);
  const maps = useSession((s) => s.maps?.layers.find((l) => l.layer === layer?.id));
  // A layer that broke keeps the room of its picture: nothing around it moves while it is mended.
  const room = useSession((s) => !layer && s.maps?.layers.some((l) => l.layer === [...path, id].join('/') && l.height > 1) === true);
  const problems = problemsAt(compiled, path, id);
  const worst = problems.find(isError) ?? problems[0];
  const { glyph, color, label, caption } = describe(drawn, layer?.params);
  const picture = maps && maps.height > 1 && layer ? maps : null;
  const frozen = frozenOf(drawn, layer ? [layer] : []);
  const state = { 'data-kind': drawn.kind, 'data-selected': selected, 'data-error': problems.some(isError), 'data-frozen': frozen === 'all', 'data-bypassed': drawn.bypassed === true };
  if (level > 0) {
    return <div className="node-lod" {...state} style={{ background: color, height: picture || room ? 160 : 82 }}>{level === 1 ? drawn.name : ''}<Handles drawn={drawn} /></div>;
  }
  const ports = portsOf(drawn).outputs.length;
  const text = captionOf(drawn, label, caption);
  return (
    <div className="node" data-testid="layer-node" {...state}>
      {worst && (
        <Tooltip label={problems.map((d) => render(d).sentence).join(' ')}>
          <span className="badge" role="img" aria-label={render(worst).sentence} data-severity={isError(worst) ? 'error' : 'warning'}>!</span>
        </Tooltip>
      )}
      <NodeHead drawn={drawn} frozen={frozen} glyph={glyph} color={color} />
      <div className="caption" title={`${label} · ${caption}`}>{text}</div>
      {!picture && ports > 1 && drawn.kind === 'operator' && <div style={{ height: ports * PORT_ROW - 40 }} />}
      {picture && <div className="thumb"><MapCanvas maps={picture} width={148} height={80} most={THUMBNAILS} label={`What comes out of ${drawn.name}`} /></div>}
      {room && <div className="thumb" />}
      <div className="foot mono" title={layer ? `${whole(layer.parameters)} parameters, ${short(layer.macs)} multiply-adds` : undefined}>
        <span data-testid="shape">{layer?.types[0] ? formatValue(layer.types[0]) : '–'}</span>
        <span className="dim">{layer && layer.parameters > 0 ? whole(layer.parameters) : ''}</span>
      </div>
      <FeatureBadge place={[...path, id].join('/')} />
      <Handles drawn={drawn} />
    </div>
  );
}

export const LayerNode = memo(LayerNodeView);
