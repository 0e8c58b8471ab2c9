/** The frame: top bar, the place in the middle, status bar; dialogs and the command palette above. */
import { useMediaQuery } from '@mantine/hooks';
import { ReactFlowProvider } from '@xyflow/react';
import { useEffect, useRef } from 'react';
import { Group, Panel, Separator, useDefaultLayout, usePanelRef } from 'react-resizable-panels';
import { findAction } from '../actions/actions.ts';
import { listenForClipboard } from '../actions/clipboard.ts';
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
import { NARROW, setUi, useUi, type Place } from '../state/ui.ts';
import { useDocument } from '../state/document.ts';
import { Commands } from './Commands.tsx';
import { StatusBar } from './StatusBar.tsx';
import { TopBar } from './TopBar.tsx';

/** The inspector of a narrow window: over the canvas, where the selection stays at hand. */
function InspectorDrawer() {
  const open = useUi((s) => s.inspectorOpen);
  const selected = useDocument((s) => s.nodes.size > 0 || s.path.length > 0);
  if (open) return <div className="drawer"><Inspector onClose={() => setUi({ inspectorOpen: false })} /></div>;
  return selected ? <button className="tab card inspect" onClick={() => setUi({ inspectorOpen: true })}>Inspect ›</button> : null;
}

const DOCK_HEIGHT = 268;

function DesignPlace() {
  const paletteOpen = useUi((s) => s.paletteOpen);
  const dockOpen = useUi((s) => s.dockOpen);
  const inspectorShown = useUi((s) => s.inspectorShown);
  const narrow = useMediaQuery(NARROW, false, { getInitialValueInEffect: false });
  const inspector = inspectorShown && !narrow;
  const columns = useDefaultLayout({ id: `columns ${paletteOpen} ${inspector}`, storage: localStorage });
  const dock = usePanelRef();
  const dockTall = useUi((s) => s.dockTall);
  const wasTall = useRef(false);
  useEffect(() => {
    if (dockTall !== wasTall.current) dock.current?.resize(dockTall ? '72%' : DOCK_HEIGHT);
    wasTall.current = dockTall;
  }, [dock, dockTall]);
  const rows = useDefaultLayout({ id: `rows ${dockOpen}`, storage: localStorage });
  return (
    <div style={{ position: 'relative', height: '100%' }}>
      <Group orientation="horizontal" {...columns} style={{ height: '100%' }}>
        {paletteOpen && <Panel id="palette" defaultSize={224} minSize={170} maxSize={340} groupResizeBehavior="preserve-pixel-size"><Palette /></Panel>}
        {paletteOpen && <Separator className="handle-x" aria-label="Width of the palette" />}
        <Panel id="middle" minSize={360}>
          <Group orientation="vertical" {...rows} style={{ height: '100%' }}>
            <Panel id="canvas" minSize={160}><Canvas /></Panel>
            {dockOpen && <Separator className="handle-y" aria-label="Height of the dock" />}
            {dockOpen && <Panel id="dock" panelRef={dock} defaultSize={DOCK_HEIGHT} minSize={38} groupResizeBehavior="preserve-pixel-size"><Dock /></Panel>}
          </Group>
        </Panel>
        {inspector && <Separator className="handle-x" aria-label="Width of the inspector" />}
        {inspector && <Panel id="inspector" defaultSize={296} minSize={250} maxSize={460} groupResizeBehavior="preserve-pixel-size"><Inspector /></Panel>}
      </Group>
      {narrow && <InspectorDrawer />}
    </div>
  );
}

/** Says that edits of the last window came back, and offers to do without them. */
function RecoveredLine() {
  const recovered = useUi((s) => s.recovered);
  if (!recovered) return null;
  const close = () => setUi({ recovered: null });
  return (
    <div className="recovered" role="status">
      <span>“{recovered.name}” was not saved when the last window closed. It is back as it was.</span>
      <button className="tab" onClick={close}>Keep it</button>
      <button className="tab" onClick={() => { close(); recovered.startFresh(); }}>Start fresh</button>
    </div>
  );
}

const places: Readonly<Record<Place, () => React.JSX.Element>> = { design: DesignPlace, data: DataPlace, insight: InsightPlace, evaluate: EvaluatePlace, runs: RunsPlace };

export function App() {
  const place = useUi((s) => s.place);
  useEffect(listenForKeys, []);
  useEffect(listenForClipboard, []);
  useEffect(() => bridge.shell.onMenu((id) => { const a = findAction(id); if (a?.enabled()) a.run(); }), []);
  const Middle = places[place];
  return (
    <ReactFlowProvider>
      <div className="app">
        <TopBar />
        <main style={{ minHeight: 0, position: 'relative' }}><Middle /><RecoveredLine /></main>
        <StatusBar />
      </div>
      <Dialogs />
      <Commands />
    </ReactFlowProvider>
  );
}
