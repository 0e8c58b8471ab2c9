/** The canvas: React Flow shows the document; every change goes back as an edit. */
import { Background, BackgroundVariant, Controls, MarkerType, MiniMap, ReactFlow, SelectionMode, useReactFlow, type Connection, type Edge, type FinalConnectionState, type NodeChange } from '@xyflow/react';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { canConnect } from '../../shared/compile/connect.ts';
import { render } from '../../shared/diagnostics/diagnostic.ts';
import { graphAt } from '../../shared/graph/apply.ts';
import type { Position, WireEnd } from '../../shared/graph/document.ts';
import { isLayerType, layerSpec, type LayerType } from '../../shared/layers/table.ts';
import { addLayer, connect, type AddOptions } from '../actions/edits.ts';
import { currentDocument, edit, select, useDocument } from '../state/document.ts';
import { setUi } from '../state/ui.ts';
import { familyColor } from '../ui/theme.ts';
import { describe, LayerNode, type LayerFlowNode } from './LayerNode.tsx';
import { QuickAdd } from './QuickAdd.tsx';
import { setCanvasView } from './view.ts';

const nodeTypes = { layer: LayerNode };
/** The palette's drag carries the layer type under this name. */
export const DRAG_TYPE = 'application/x-netloom-layer';

interface Adding { readonly screen: { x: number; y: number }; readonly options: AddOptions; readonly accepts: (type: LayerType) => boolean }

const endsOf = (c: Connection | Edge): [WireEnd, WireEnd] => [{ node: c.source, port: c.sourceHandle ?? 'out' }, { node: c.target, port: c.targetHandle ?? 'in' }];

export function Canvas() {
  const flow = useReactFlow<LayerFlowNode>();
  const document_ = useDocument((s) => s.history.document);
  const path = useDocument((s) => s.path);
  const selectedNodes = useDocument((s) => s.nodes);
  const selectedWires = useDocument((s) => s.wires);
  const graph = useMemo(() => graphAt(document_, path), [document_, path]);
  // Positions while a drag goes on: the document changes once, at its end.
  const [dragged, setDragged] = useState<Readonly<Record<string, Position>>>({});
  const [measured, setMeasured] = useState<Readonly<Record<string, { width: number; height: number }>>>({});
  const [refusal, setRefusal] = useState<{ text: string; x: number; y: number } | null>(null);
  const [adding, setAdding] = useState<Adding | null>(null);
  const pointer = useRef({ x: 0, y: 0 });

  const nodes = useMemo<LayerFlowNode[]>(
    () => graph.nodes.map((drawn) => ({ id: drawn.id, type: 'layer', position: dragged[drawn.id] ?? drawn.position, data: { drawn }, selected: selectedNodes.has(drawn.id), ariaLabel: `${drawn.name}, ${describe(drawn).label}`, ...(measured[drawn.id] ? { measured: measured[drawn.id] as { width: number; height: number } } : {}) })),
    [graph, dragged, selectedNodes, measured],
  );
  const edges = useMemo<Edge[]>(
    () => graph.wires.map((w) => ({ id: w.id, source: w.from.node, sourceHandle: w.from.port, target: w.to.node, targetHandle: w.to.port, type: 'smoothstep', selected: selectedWires.has(w.id), pathOptions: { borderRadius: 10 }, interactionWidth: 16 })),
    [graph, selectedWires],
  );

  useEffect(() => setCanvasView({
    fit: () => void flow.fitView({ padding: 0.12, maxZoom: 1.1, duration: 150 }),
    actualSize: () => void flow.zoomTo(1, { duration: 150 }),
    centre: (id) => void flow.fitView({ nodes: [{ id }], maxZoom: 1, duration: 150 }),
    quickAdd: () => setAdding({ screen: { ...pointer.current }, options: {}, accepts: () => true }),
  }), [flow]);

  // A new document is shown whole, once panes and nodes have their sizes.
  const origin = document_.origin;
  useEffect(() => {
    const timer = setTimeout(() => void flow.fitView({ padding: 0.1, maxZoom: 1.1 }), 200);
    return () => clearTimeout(timer);
  }, [flow, origin, path]);

  const onNodesChange = useCallback((changes: NodeChange<LayerFlowNode>[]) => {
    const moves: Record<string, Position> = {};
    const ends: Record<string, Position> = {};
    const sizes: Record<string, { width: number; height: number }> = {};
    let chosen: Set<string> | null = null;
    for (const c of changes) {
      if (c.type === 'position' && c.position) (c.dragging ? moves : ends)[c.id] = c.position;
      else if (c.type === 'dimensions' && c.dimensions) sizes[c.id] = c.dimensions;
      else if (c.type === 'select') {
        chosen ??= new Set(useDocument.getState().nodes);
        if (c.selected) chosen.add(c.id);
        else chosen.delete(c.id);
      }
    }
    if (Object.keys(sizes).length > 0) setMeasured((m) => ({ ...m, ...sizes }));
    if (chosen) select(chosen, useDocument.getState().wires);
    if (Object.keys(moves).length > 0) setDragged((d) => ({ ...d, ...moves }));
    if (Object.keys(ends).length > 0) {
      setDragged({});
      const { history, path: at } = useDocument.getState();
      const before = graphAt(history.document, at).nodes;
      const changed = Object.fromEntries(Object.entries(ends).filter(([id, p]) => before.some((n) => n.id === id && (n.position.x !== p.x || n.position.y !== p.y))));
      if (Object.keys(changed).length > 0) edit({ kind: 'move-nodes', path: at, positions: changed }, 'Move');
    }
  }, []);

  /** Asked at every move of the pointer over a port; says no with the reason. */
  const isValid = useCallback((c: Connection | Edge) => {
    const answer = canConnect(currentDocument(), useDocument.getState().path, ...endsOf(c));
    setRefusal(answer.ok ? null : { text: render(answer.error).sentence, ...pointer.current });
    return answer.ok;
  }, []);

  const onConnectEnd = useCallback((event: MouseEvent | TouchEvent, state: FinalConnectionState) => {
    setTimeout(() => setRefusal(null), 1600);
    const { fromNode, fromHandle, toNode } = state;
    if (toNode || !fromNode || !fromHandle || !('clientX' in event)) return;
    const end: WireEnd = { node: fromNode.id, port: fromHandle.id ?? 'out' };
    const forwards = fromHandle.type === 'source';
    const position = flow.screenToFlowPosition({ x: event.clientX, y: event.clientY - 40 });
    setAdding({
      screen: { x: event.clientX, y: event.clientY },
      options: { position, ...(forwards ? { from: end } : { to: end }) },
      accepts: (t) => (forwards ? layerSpec(t).inputs : layerSpec(t).outputs).length > 0,
    });
  }, [flow]);

  /** The wire under a point of the screen, for splicing. */
  const wireAt = (x: number, y: number) => {
    const id = document.elementsFromPoint(x, y).map((e) => e.closest('.react-flow__edge')?.getAttribute('data-id')).find((v) => v !== undefined && v !== null);
    return graph.wires.find((w) => w.id === id);
  };

  const onDrop = (e: React.DragEvent) => {
    const type = e.dataTransfer.getData(DRAG_TYPE);
    if (!isLayerType(type)) return;
    e.preventDefault();
    const into = wireAt(e.clientX, e.clientY);
    const point = flow.screenToFlowPosition({ x: e.clientX, y: e.clientY });
    addLayer(type, { position: { x: point.x - 78, y: point.y - 40 }, ...(into ? { into } : {}) });
  };

  return (
    <div style={{ height: '100%', position: 'relative' }} onPointerMove={(e) => { pointer.current = { x: e.clientX, y: e.clientY }; if (refusal) setRefusal({ ...refusal, ...pointer.current }); }}
      onDragOver={(e) => { if (e.dataTransfer.types.includes(DRAG_TYPE)) { e.preventDefault(); e.dataTransfer.dropEffect = 'copy'; } }} onDrop={onDrop}
      onDoubleClick={(e) => { if ((e.target as Element).classList.contains('react-flow__pane')) setAdding({ screen: { x: e.clientX, y: e.clientY }, options: { position: flow.screenToFlowPosition({ x: e.clientX, y: e.clientY }) }, accepts: () => true }); }}>
      <ReactFlow
        nodes={nodes} edges={edges} nodeTypes={nodeTypes}
        onNodesChange={onNodesChange}
        onEdgesChange={(changes) => {
          const wires = new Set(useDocument.getState().wires);
          for (const c of changes) {
            if (c.type !== 'select') continue;
            if (c.selected) wires.add(c.id);
            else wires.delete(c.id);
          }
          select(useDocument.getState().nodes, wires);
        }}
        onConnect={(c) => { setRefusal(null); connect(...endsOf(c)); }} isValidConnection={isValid} onConnectEnd={onConnectEnd}
        onEdgeClick={(e, wire) => { if (e.altKey) edit({ kind: 'remove-wire', path, id: wire.id }, 'Delete wire'); }}
        onMove={(_e, viewport) => setUi({ zoom: viewport.zoom })}
        minZoom={0.05} maxZoom={4} zoomOnDoubleClick={false} panOnDrag={[1, 2]} selectionOnDrag selectionMode={SelectionMode.Partial} multiSelectionKeyCode={['Shift', 'Control', 'Meta']} selectionKeyCode={null} deleteKeyCode={null}
        panActivationKeyCode="Space" connectionRadius={26} onlyRenderVisibleElements={graph.nodes.length > 120} defaultEdgeOptions={{ markerEnd: { type: MarkerType.Arrow } }} proOptions={{ hideAttribution: false }} fitView fitViewOptions={{ padding: 0.12, maxZoom: 1.1 }}
      >
        <Background variant={BackgroundVariant.Dots} gap={20} size={1.4} />
        <Controls showInteractive={false} orientation="horizontal" position="bottom-left" />
        {graph.nodes.length > 14 && <MiniMap pannable zoomable position="bottom-right" nodeColor={(n) => familyColor[describe((n as LayerFlowNode).data.drawn).family]} />}
      </ReactFlow>
      {graph.nodes.length <= 1 && <div className="empty" style={{ position: 'absolute', inset: 0, pointerEvents: 'none' }}><strong>Draw a network</strong><span>Drag layers from the left, or double-click here and type a name.<br />Then drag from a circle on the right of a layer to one on the left of the next.</span></div>}
      {refusal && <div className="refusal" role="status" style={{ left: refusal.x + 14, top: refusal.y + 14 }}>{refusal.text}</div>}
      {adding && <QuickAdd at={adding.screen} accepts={adding.accepts} onClose={() => setAdding(null)} onChoose={(type) => { setAdding(null); addLayer(type, adding.options); }} />}
    </div>
  );
}
