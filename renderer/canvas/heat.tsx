/** The heat overlay: each node tinted by what it costs, its number on it, and a legend. Colour never alone. */
import { IconX } from '@tabler/icons-react';
import { useStore, type NodeProps } from '@xyflow/react';
import { memo, type ComponentType, type CSSProperties } from 'react';
import { heatWords } from '../panels/analysis/heat-words.ts';
import { HeatMenu } from '../panels/analysis/HeatMenu.tsx';
import { showHeat, useAnalysisState, useHeat } from '../state/analysis.ts';
import { useDocument } from '../state/document.ts';
import { attempt } from '../state/engine.ts';
import { cancelMeasuring, measureLayers } from '../state/measure.ts';
import { COLOUR_BELOW, NAMES_BELOW, type LayerFlowNode } from './LayerNode.tsx';

/** Tint of the largest, in per cent; more would cost the text its contrast. */
const STRONGEST = 62;

/** A node with its heat around it; the node itself when the overlay is off. */
export function withHeat(View: ComponentType<NodeProps<LayerFlowNode>>): ComponentType<NodeProps<LayerFlowNode>> {
  function Warm(props: NodeProps<LayerFlowNode>) {
    const heat = useHeat();
    const path = useDocument((s) => s.path);
    const level = useStore((s) => (s.transform[2] < COLOUR_BELOW ? 2 : s.transform[2] < NAMES_BELOW ? 1 : 0));
    const mine = heat?.at.get([...path, props.id].join('/'));
    const text = heat && mine ? heatWords[heat.kind].text(mine.value) : null;
    const style = { '--share': `${Math.round((mine?.share ?? 0) * STRONGEST)}%` } as CSSProperties;
    return (
      <div className="heat" data-heat={heat !== null} style={style}>
        <View {...props} />
        {text !== null && heat && level < 2 && <span className="heat-number mono" data-testid="heat" data-far={level === 1} title={heatWords[heat.kind].label}>{text}</span>}
      </div>
    );
  }
  return memo(Warm);
}

/** What the colours mean, from nothing to the largest on screen. */
export function HeatLegend() {
  const heat = useHeat();
  const measuring = useAnalysisState((s) => s.measuring);
  if (!heat) return null;
  const { text } = heatWords[heat.kind];
  return (
    <div className="heat-legend" role="region" aria-label="What the colours mean">
      <HeatMenu />
      {heat.at.size > 0 ? (
        <>
          <span className="mono dim">0</span>
          <span className="heat-scale" aria-hidden />
          <span className="mono" data-testid="heat-most">{text(heat.most)}</span>
        </>
      ) : heat.kind === 'time' ? (
        <button className="tab" onClick={() => attempt(measuring ? cancelMeasuring : measureLayers)}>{measuring ? 'Measuring … Cancel' : 'Not measured yet. Measure'}</button>
      ) : <span className="dim">Nothing here has one.</span>}
      <button className="icon-button" aria-label="Colour by kind again" title="Colour by kind again (H)" onClick={() => showHeat(null)}><IconX size={14} /></button>
    </div>
  );
}
