/** The frame: top bar, the place in the middle, status bar; dialogs and the command palette above. */
import { Drawer } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { Spotlight } from '@mantine/spotlight';
import { ReactFlowProvider } from '@xyflow/react';
import { useEffect } from 'react';
import { Group, Panel, Separator, useDefaultLayout } from 'react-resizable-panels';
import { actions, findAction, keyLabel } from '../actions/actions.ts';
import { listenForKeys } from '../actions/keys.ts';
import { Canvas } from '../canvas/Canvas.tsx';
import { DataPlace } from '../panels/data/DataPlace.tsx';
import { Dialogs } from '../panels/dialogs/Dialogs.tsx';
import { Dock } from '../panels/Dock.tsx';
import { EvaluatePlace } from '../panels/evaluate/EvaluatePlace.tsx';
import { InsightPlace } from '../panels/insight/InsightPlace.tsx';
import { Inspector } from '../panels/Inspector.tsx';
import { Palette } from '../panels/Palette.tsx';
import { RunsPlace } from '../panels/runs/RunsPlace.tsx';
import { bridge } from '../state/engine.ts';
import { setUi, useUi, type Place } from '../state/ui.ts';
import { useDocument } from '../state/document.ts';
import { StatusBar } from './StatusBar.tsx';
import { TopBar } from './TopBar.tsx';

function DesignPlace() {
  const paletteOpen = useUi((s) => s.paletteOpen);
  const drawer = useMediaQuery('(max-width: 1100px)');
  const selected = useDocument((s) => s.nodes.size > 0);
  const inspectorOpen = useUi((s) => s.inspectorOpen);
  const columns = useDefaultLayout({ id: `columns ${paletteOpen} ${drawer}`, storage: localStorage });
  const rows = useDefaultLayout({ id: 'rows', storage: localStorage });
  return (
    <Group orientation="horizontal" {...columns} style={{ height: '100%' }}>
      {paletteOpen && <Panel id="palette" defaultSize={224} minSize={170} maxSize={340}><Palette /></Panel>}
      {paletteOpen && <Separator className="handle-x" />}
      <Panel id="middle" minSize={360}>
        <Group orientation="vertical" {...rows} style={{ height: '100%' }}>
          <Panel id="canvas" minSize={160}><Canvas /></Panel>
          <Separator className="handle-y" />
          <Panel id="dock" defaultSize={268} minSize={38}><Dock /></Panel>
        </Group>
      </Panel>
      {!drawer && <Separator className="handle-x" />}
      {!drawer && <Panel id="inspector" defaultSize={296} minSize={240} maxSize={460}><Inspector /></Panel>}
      {drawer && selected && !inspectorOpen && <button className="tab card" style={{ position: 'fixed', right: 12, top: 56, zIndex: 5, background: 'var(--panel)' }} onClick={() => setUi({ inspectorOpen: true })}>Inspect ›</button>}
      {drawer && <Drawer opened={inspectorOpen && selected} onClose={() => setUi({ inspectorOpen: false })} position="right" size={310} withOverlay={false} lockScroll={false} trapFocus={false} title="Inspector"><Inspector /></Drawer>}
    </Group>
  );
}

const places: Readonly<Record<Place, () => React.JSX.Element>> = { design: DesignPlace, data: DataPlace, insight: InsightPlace, evaluate: EvaluatePlace, runs: RunsPlace };

export function App() {
  const place = useUi((s) => s.place);
  useEffect(listenForKeys, []);
  useEffect(() => bridge.shell.onMenu((id) => { const a = findAction(id); if (a?.enabled()) a.run(); }), []);
  const Middle = places[place];
  return (
    <ReactFlowProvider>
      <div className="app">
        <TopBar />
        <div style={{ minHeight: 0 }}><Middle /></div>
        <StatusBar />
      </div>
      <Dialogs />
      <Spotlight shortcut={['mod + K', 'mod + shift + P']} nothingFound="No such command" highlightQuery limit={12} searchProps={{ placeholder: 'Find a command', 'aria-label': 'Find a command' }}
        actions={actions.map((a) => ({ id: a.id, label: a.label, group: a.group, rightSection: a.keys[0] ? <kbd className="mono dim">{keyLabel(a.keys[0])}</kbd> : null, onClick: () => { if (a.enabled()) a.run(); } }))} />
    </ReactFlowProvider>
  );
}
