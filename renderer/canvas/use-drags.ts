/** Positions while layers are dragged, and the one edit at the end; a loose layer let go over a wire goes into it. */
import type { NodeChange } from '@xyflow/react';
import { useCallback, useRef, useState } from 'react';
import { graphAt } from '../../shared/graph/apply.ts';
import type { Position, Wire } from '../../shared/graph/document.ts';
import { spliceNode } from '../actions/edits.ts';
import { edit, select, useDocument } from '../state/document.ts';
import type { LayerFlowNode } from './LayerNode.tsx';
import type { StubFlowNode } from './PortStub.tsx';

type FlowNode = LayerFlowNode | StubFlowNode;

export interface Size { readonly width: number; readonly height: number }

/** The wire of the shown graph under a point of the screen. */
export function wireAt(x: number, y: number): Wire | undefined {
  const id = document.elementsFromPoint(x, y).map((e) => e.closest('.react-flow__edge')?.getAttribute('data-id')).find((v) => v !== undefined && v !== null);
  const { history, path } = useDocument.getState();
  return graphAt(history.document, path).wires.find((w) => w.id === id);
}

let gestures = 0;

export function useDrags() {
  // The document changes once, at the end of a drag.
  const [dragged, setDragged] = useState<Readonly<Record<string, Position>>>({});
  const [measured, setMeasured] = useState<Readonly<Record<string, Size>>>({});
  /** Wire into which what is dragged would go. */
  const [target, setTarget] = useState<string | null>(null);
  const gesture = useRef<string | null>(null);

  const onNodesChange = useCallback((changes: NodeChange<FlowNode>[]) => {
    const moves: Record<string, Position> = {};
    const ends: Record<string, Position> = {};
    const sizes: Record<string, Size> = {};
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
      const { history, path } = useDocument.getState();
      const before = graphAt(history.document, path).nodes;
      const changed = Object.fromEntries(Object.entries(ends).filter(([id, p]) => before.some((n) => n.id === id && (n.position.x !== p.x || n.position.y !== p.y))));
      // One drag is one step, and so are arrow keys pressed one after another.
      if (Object.keys(changed).length > 0) edit({ kind: 'move-nodes', path, positions: changed }, 'Move', gesture.current ?? `nudge ${Object.keys(changed).join(' ')}`);
    }
  }, []);

  /** A layer without wires may go into one. */
  const wireFor = (id: string, e: MouseEvent | TouchEvent) => {
    const { history, path, nodes } = useDocument.getState();
    const loose = nodes.size <= 1 && !graphAt(history.document, path).wires.some((w) => w.from.node === id || w.to.node === id);
    return loose && 'clientX' in e ? wireAt(e.clientX, e.clientY) : undefined;
  };
  const start = () => { gesture.current = `drag ${++gestures}`; };
  // The last change of position comes after the end of the drag is told.
  const end = () => void setTimeout(() => { gesture.current = null; }, 0);

  return {
    dragged, measured, target, setTarget, onNodesChange,
    handlers: {
      onNodeDragStart: start,
      onSelectionDragStart: start,
      onSelectionDragStop: end,
      onNodeDrag: (e: MouseEvent | TouchEvent, node: FlowNode) => setTarget(wireFor(node.id, e)?.id ?? null),
      onNodeDragStop: (e: MouseEvent | TouchEvent, node: FlowNode) => {
        const wire = wireFor(node.id, e);
        const step = gesture.current;
        setTarget(null);
        if (wire && step !== null) setTimeout(() => spliceNode(node.id, wire, step), 0);
        end();
      },
    },
  };
}
