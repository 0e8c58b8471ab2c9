/** The canvas: React Flow shows the document; every change goes back as an edit. */
import { Background, BackgroundVariant, Controls, MiniMap, ReactFlow, SelectionMode, useReactFlow, useStore, type Connection, type Edge, type EdgeChange, type FinalConnectionState } from '@xyflow/react';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { canConnect } from '../../shared/compile/connect.ts';
import { render } from '../../shared/diagnostics/diagnostic.ts';
import { applyEdit, graphAt } from '../../shared/graph/apply.ts';
import type { WireEnd } from '../../shared/graph/document.ts';
import { groupAround } from '../../shared/graph/group-ports.ts';
import { addNode, connect, removeWireEdit, rewire, type AddOptions } from '../actions/edits.ts';
import { useBlocks } from '../state/blocks.ts';
import { currentDocument, edit, select, showGraph, useDocument } from '../state/document.ts';
import { isTraining, useSession } from '../state/session.ts';
import { setUi, useUi } from '../state/ui.ts';
import { findAddable } from './addables.ts';
import { Breadcrumb } from './Breadcrumb.tsx';
import { describe } from './describe.ts';
import { flowNode } from './flow-nodes.ts';
import { GroupNode } from './GroupNode.tsx';
import { HeatLegend, withHeat } from './heat.tsx';
import { LayerNode, type LayerFlowNode } from './LayerNode.tsx';
import { nodeAt, Overview } from './Overview.tsx';
import { PortStub, type StubFlowNode } from './PortStub.tsx';
import { QUICK_ADD_WIDTH, QuickAdd } from './QuickAdd.tsx';
import { stubsOf, tiesOf } from './stubs.ts';
import { useDrags, wireAt } from './use-drags.ts';
import { useAllInView } from './use-all-in-view.ts';
import { useView } from './use-view.ts';
import { canvas, LARGE } from './view.ts';
import { Wire } from './Wire.tsx';

const nodeTypes = { layer: withHeat(LayerNode), nest: withHeat(GroupNode), stub: PortStub };
type FlowNode = LayerFlowNode | StubFlowNode;
const edgeTypes = { wire: Wire };
/** The palette's drag carries the key of a layer or a block under this name. */
export const DRAG_TYPE = 'application/x-netloom-layer';
/** Of the largest nets only what is on screen is drawn, and from afar all is painted as one picture. */
const CULL = 120;
const FAR = 0.3;

interface Adding { readonly screen: { readonly x: number; readonly y: number }; readonly options: AddOptions }

const endsOf = (c: Connection | Edge): [WireEnd, WireEnd] => [{ node: c.source, port: c.sourceHandle ?? 'out' }, { node: c.target, port: c.targetHandle ?? 'in' }];

/** The run's progress as a style variable: the line on top of each layer moves without drawing anything anew. */
function useProgressLine(box: React.RefObject<HTMLDivElement | null>): void {
  useEffect(() => {
    const show = () => {
      const p = useSession.getState().progress;
      const done = p ? ((p.epoch - 1) * p.stepsPerEpoch + p.step) / Math.max(1, p.epochs * p.stepsPerEpoch) : 0;
      box.current?.style.setProperty('--progress', `${Math.min(100, done * 100).toFixed(1)}%`);
      box.current?.toggleAttribute('data-running', isTraining(p));
    };
    show();
    return useSession.subscribe(show);
  }, [box]);
}

export function Canvas() {
  const flow = useReactFlow<FlowNode>();
  const document_ = useDocument((s) => s.history.document);
  const path = useDocument((s) => s.path);
  const selectedNodes = useDocument((s) => s.nodes);
  const selectedWires = useDocument((s) => s.wires);
  const minimap = useUi((s) => s.minimap);
  const graph = useMemo(() => graphAt(document_, path), [document_, path]);
  const large = graph.nodes.length > CULL;
  const zoomedOut = useStore((s) => large && s.transform[2] < FAR);
  const { dragged, measured, target, setTarget, onNodesChange, handlers } = useDrags();
  const [refusal, setRefusal] = useState<{ text: string; x: number; y: number } | null>(null);
  const [adding, setAdding] = useState<Adding | null>(null);
  const pointer = useRef<{ readonly x: number; readonly y: number } | null>(null);
  const rewiring = useRef<Edge | null>(null);
  const box = useRef<HTMLDivElement>(null);
  useProgressLine(box);

  const quickAdd = useCallback(() => {
    // Without a pointer on the canvas the search stands in its middle.
    const r = box.current?.getBoundingClientRect();
    setAdding({ screen: pointer.current ?? (r ? { x: r.left + (r.width - QUICK_ADD_WIDTH) / 2, y: r.top + r.height / 5 } : { x: 0, y: 0 }), options: {} });
  }, []);
  const { onMoveStart, fitted } = useView(box, `${document_.origin ?? ''} ${path.join('/')}`, quickAdd);
  // A large net is never drawn in the view of the one before it.
  const far = zoomedOut || (large && !fitted);

  const around = useMemo(() => groupAround(document_, path)?.group ?? null, [document_, path]);
  const layers = useMemo<LayerFlowNode[]>(
    () => graph.nodes.map((drawn) => flowNode(drawn, { position: dragged[drawn.id] ?? drawn.position, selected: selectedNodes.has(drawn.id), measured: measured[drawn.id], estimated: large, hidden: far })),
    [graph, dragged, selectedNodes, measured, large, far],
  );
  const nodes = useMemo<FlowNode[]>(() => [
    ...layers,
    ...(around ? stubsOf(around, (id) => measured[id]?.height) : []).map((stub): StubFlowNode => ({ id: stub.id, type: 'stub', position: stub.position, data: { stub }, draggable: false, selectable: false, focusable: false, ...(measured[stub.id] ? { measured: measured[stub.id] as { width: number; height: number } } : {}) })),
  ], [layers, around, measured]);
  const allInView = useAllInView(layers, measured, large);
  const edges = useMemo<Edge[]>(() => {
    if (far) return [];
    const names = new Map(graph.nodes.map((n) => [n.id, n.name]));
    const name = (id: string) => names.get(id) ?? 'the group';
    return [...graph.wires, ...(around ? tiesOf(around) : [])].map((w) => ({ id: w.id, source: w.from.node, sourceHandle: w.from.port, target: w.to.node, targetHandle: w.to.port, type: 'wire', selected: selectedWires.has(w.id), className: w.id === target ? 'splice' : '', interactionWidth: 16, ariaLabel: `Wire from ${name(w.from.node)} to ${name(w.to.node)}` }));
  }, [graph, around, selectedWires, target, far]);

  const onEdgesChange = useCallback((changes: EdgeChange[]) => {
    const wires = new Set(useDocument.getState().wires);
    for (const c of changes) {
      if (c.type !== 'select') continue;
      if (c.selected) wires.add(c.id);
      else wires.delete(c.id);
    }
    select(useDocument.getState().nodes, wires);
  }, []);

  /** Asked at every move of the pointer over a port; says no with the reason. */
  const isValid = useCallback((c: Connection | Edge) => {
    const { path: at } = useDocument.getState();
    const old = rewiring.current;
    const document = old ? applyEdit(currentDocument(), removeWireEdit(old.id)).document : currentDocument();
    const answer = canConnect(document, at, ...endsOf(c));
    setRefusal(answer.ok ? null : { text: render(answer.error).sentence, x: pointer.current?.x ?? 0, y: pointer.current?.y ?? 0 });
    return answer.ok;
  }, []);

  const onConnectEnd = useCallback((event: MouseEvent | TouchEvent, state: FinalConnectionState) => {
    setTimeout(() => setRefusal(null), 1600);
    const { fromNode, fromHandle, toNode } = state;
    if (rewiring.current || toNode || !fromNode || !fromHandle || !('clientX' in event)) return;
    const end: WireEnd = { node: fromNode.id, port: fromHandle.id ?? 'out' };
    const position = flow.screenToFlowPosition({ x: event.clientX, y: event.clientY - 40 });
    setAdding({ screen: { x: event.clientX, y: event.clientY }, options: { position, ...(fromHandle.type === 'source' ? { from: end } : { to: end }) } });
  }, [flow]);

  const dragsLayer = (e: React.DragEvent) => e.dataTransfer.types.includes(DRAG_TYPE);
  const onDrop = (e: React.DragEvent) => {
    const dropped = findAddable(e.dataTransfer.getData(DRAG_TYPE), useBlocks.getState().mine);
    setTarget(null);
    if (!dropped) return;
    e.preventDefault();
    const into = wireAt(e.clientX, e.clientY);
    const point = flow.screenToFlowPosition({ x: e.clientX, y: e.clientY });
    addNode(dropped.node(graph), { position: { x: point.x - 84, y: point.y - 40 }, ...(into ? { into } : {}) });
  };
  /** What is painted under the pointer. It is selected once the kit has cleared its own selection. */
  const painted = (e: React.MouseEvent) => {
    const { x, y } = flow.screenToFlowPosition({ x: e.clientX, y: e.clientY });
    return far ? nodeAt({ graph, measured }, x, y) : undefined;
  };
  const onDoubleClick = (e: React.MouseEvent) => {
    const hit = painted(e);
    if (hit?.kind === 'group') showGraph([...path, hit.id]);
    else if (hit) canvas.centre(hit.id);
    else if ((e.target as Element).classList.contains('react-flow__pane')) setAdding({ screen: { x: e.clientX, y: e.clientY }, options: { position: flow.screenToFlowPosition({ x: e.clientX, y: e.clientY }) } });
  };

  return (
    <div className="canvas" ref={box} onDoubleClick={onDoubleClick}
      onPointerMove={(e) => { pointer.current = { x: e.clientX, y: e.clientY }; if (refusal) setRefusal({ ...refusal, x: e.clientX, y: e.clientY }); }}
      onDragOver={(e) => { if (dragsLayer(e)) { e.preventDefault(); e.dataTransfer.dropEffect = 'copy'; setTarget(wireAt(e.clientX, e.clientY)?.id ?? null); } }} onDrop={onDrop}>
      <ReactFlow
        nodes={nodes} edges={edges} nodeTypes={nodeTypes} edgeTypes={edgeTypes} aria-label="Network"
        onNodesChange={onNodesChange} onEdgesChange={onEdgesChange} {...handlers}
        onConnect={(c) => { setRefusal(null); connect(...endsOf(c)); }} isValidConnection={isValid} onConnectEnd={onConnectEnd}
        onReconnectStart={(_e, wire) => { rewiring.current = wire; }} onReconnect={(wire, c) => { setRefusal(null); rewire(wire.id, ...endsOf(c)); }} onReconnectEnd={() => { rewiring.current = null; }} reconnectRadius={9}
        onNodeDoubleClick={(_e, node) => { if (node.type === 'nest') showGraph([...path, node.id]); }}
        onEdgeClick={(e, wire) => { if (e.altKey) edit(removeWireEdit(wire.id), 'Delete wire'); }}
        onPaneClick={(e) => { const hit = painted(e); if (hit) setTimeout(() => select([hit.id]), 0); }}
        onMoveStart={onMoveStart} onMove={(_e, { zoom }) => { if (zoom !== useUi.getState().zoom) setUi({ zoom }); }}
        minZoom={0.05} maxZoom={4} zoomOnDoubleClick={false} panOnDrag={[1, 2]} selectionOnDrag selectionMode={SelectionMode.Partial} multiSelectionKeyCode={['Shift', 'Control', 'Meta']} selectionKeyCode={null} deleteKeyCode={null}
        panActivationKeyCode="Space" connectionRadius={26} connectionDragThreshold={3} onlyRenderVisibleElements={large}
      >
        <Background variant={BackgroundVariant.Dots} gap={20} size={1.4} />
        {far && <Overview graph={graph} measured={measured} />}
        <Controls showInteractive={false} position="bottom-left" orientation="horizontal" />
        {!far && (minimap ?? (graph.nodes.length > LARGE && !allInView)) && <MiniMap pannable zoomable position="bottom-right" ariaLabel="Overview" nodeBorderRadius={12} nodeColor={(n) => (n.type === 'stub' ? 'transparent' : describe((n as LayerFlowNode).data.drawn).color)} />}
      </ReactFlow>
      <Breadcrumb />
      <HeatLegend />
      {graph.nodes.length === 0 && path.length > 0 && <div className="empty hint"><strong>Nothing is in this group</strong><span>Drag layers from the left, and wires between them and the ports at the edges.<br />Escape leads out again.</span></div>}
      {graph.nodes.length <= 1 && graph.nodes.every((n) => n.kind !== 'group') && path.length === 0 && <div className="empty hint"><strong>Draw a network</strong><span>Drag layers from the left, or double-click here and type a name.<br />Then drag from a circle on the right of a layer to one on the left of the next.</span></div>}
      {refusal && <div className="refusal" role="status" style={{ left: Math.min(refusal.x + 14, window.innerWidth - 300), top: refusal.y + 14 }}>{refusal.text}</div>}
      {adding && <QuickAdd at={adding.screen} options={adding.options} onClose={() => setAdding(null)} onChoose={(chosen) => { setAdding(null); addNode(chosen.node(graph), adding.options); }} />}
    </div>
  );
}
