/** Large maps of every layer for one sample, and the filters of convolutions. */
import { SegmentedControl } from '@mantine/core';
import { useElementSize } from '@mantine/hooks';
import { useEffect, useState } from 'react';
import type { LayerMaps } from '../../../shared/protocol/values.ts';
import { formatShape } from '../../../shared/shapes/shape.ts';
import { attempt, bridge } from '../../state/engine.ts';
import { currentDocument, useDocument } from '../../state/document.ts';
import { whyIdle } from '../../state/lookup.ts';
import { useSession } from '../../state/session.ts';
import { MapCanvas } from '../../ui/MapCanvas.tsx';
import { ShortName } from '../../ui/ShortName.tsx';
import { ShowProblems } from '../ShowProblems.tsx';
import { SampleStepper } from '../train/SampleStepper.tsx';

/** Filters OIHW as maps: one per pair of output and input channel. */
export function filterMaps(layer: string, shape: readonly number[], values: Float32Array): LayerMaps {
  const [o, i, h, w] = shape as [number, number, number, number];
  const minimum = values.reduce((a, v) => Math.min(a, v), 0);
  const maximum = values.reduce((a, v) => Math.max(a, v), 0);
  const range = maximum - minimum || 1;
  return { layer, channels: o * i, height: h, width: w, minimum, maximum, pixels: Uint8Array.from(values, (v) => Math.round(((v - minimum) / range) * 255)) };
}

export function InsightPlace() {
  const maps = useSession((s) => s.maps);
  const trained = useSession((s) => s.trained);
  const layers = useDocument((s) => s.compiled.network.layers);
  const idle = useDocument((s) => whyIdle(s.compiled));
  const [view, setView] = useState('maps');
  const [chosen, setChosen] = useState<string | null>(null);
  const [filters, setFilters] = useState<LayerMaps | null>(null);
  const { ref, width, height } = useElementSize();
  const withFilters = layers.filter((l) => l.weights.some((w) => w.name === 'kernel' && w.shape.length === 4));
  const list = view === 'maps' ? layers.filter((l) => maps?.layers.some((m) => m.layer === l.id)) : withFilters;
  const layer = list.find((l) => l.id === chosen) ?? list[view === 'maps' ? 1 : 0] ?? list[0];
  const id = layer?.id;
  useEffect(() => {
    if (view !== 'filters' || id === undefined) return;
    attempt(async () => {
      const f = await bridge.request('insight.filters', { document: currentDocument(), layer: id });
      setFilters(filterMaps(id, f.shape, f.values));
    });
  }, [view, id, maps]);
  const shown = view === 'maps' ? maps?.layers.find((m) => m.layer === id) : filters?.layer === id ? filters : undefined;
  if (idle !== null) return <main className="place"><div className="empty"><strong>Nothing to look into yet</strong><span>{idle}</span><ShowProblems /></div></main>;
  return (
    <main className="place" aria-label="Insight" style={{ display: 'grid', gridTemplateColumns: 'minmax(190px, 17%) minmax(0,1fr)', gap: 24, overflow: 'hidden' }}>
      <div style={{ overflow: 'auto', minHeight: 0, padding: 2, margin: -2 }}>
        <SegmentedControl size="xs" fullWidth value={view} onChange={setView} data={[{ value: 'maps', label: 'Maps' }, { value: 'filters', label: 'Filters' }]} aria-label="What to show" />
        <div style={{ marginTop: 12 }}>
          {list.map((l) => <button key={l.id} className="palette-item" style={{ cursor: 'pointer' }} data-active={l.id === id} onClick={() => setChosen(l.id)}><ShortName text={l.name} /><span className="mono dim" style={{ marginLeft: 'auto' }}>{formatShape(l.shape)}</span></button>)}
        </div>
      </div>
      <div style={{ display: 'grid', gridTemplateRows: 'auto minmax(0,1fr)', minHeight: 0 }}>
        {layer && (
          <>
            <div>
              <div style={{ display: 'flex', alignItems: 'center', gap: 4 }}><h1 className="ellipsis" style={{ flex: 1 }}>{layer.name}</h1>{view === 'maps' && <SampleStepper />}</div>
              <p className="dim" style={{ margin: '0 0 14px' }}>
                {view === 'maps' ? `What comes out for sample ${maps?.sample ?? ''}.` : `One little picture for each kernel: ${formatShape(layer.weights[0]?.shape ?? [])}.`}
                {shown ? ` Values from ${shown.minimum.toFixed(2)} to ${shown.maximum.toFixed(2)}.` : ''}{trained ? '' : ' The network is untrained: these are its first random weights.'}
              </p>
            </div>
            <div ref={ref} style={{ overflow: 'auto' }}>{shown && width > 0 && <MapCanvas maps={shown} width={width} height={height} most={512} {...(shown.height === 1 ? { columns: Math.min(shown.channels, 32) } : {})} label={`${view} of ${layer.name}`} />}</div>
          </>
        )}
      </div>
    </main>
  );
}
