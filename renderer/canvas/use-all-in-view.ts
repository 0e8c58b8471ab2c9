/** Whether every layer of the graph is on screen, so that an overview would tell nothing. */
import { useStore } from '@xyflow/react';
import { useEffect, useMemo, useRef } from 'react';
import { NODE } from '../../shared/graph/layout.ts';
import { LOW } from './flow-nodes.ts';
import type { LayerFlowNode } from './LayerNode.tsx';
import type { Size } from './use-drags.ts';
import { canvas } from './view.ts';

interface Box { readonly left: number; readonly top: number; readonly right: number; readonly bottom: number }

/** The least box round all nodes, in the drawing's own units; of none, an empty one. Pure. */
export function boundsOf(nodes: readonly Pick<LayerFlowNode, 'id' | 'position'>[], measured: Readonly<Record<string, Size>>): Box {
  const box = { left: Infinity, top: Infinity, right: -Infinity, bottom: -Infinity };
  for (const { id, position: { x, y } } of nodes) {
    const { width, height } = measured[id] ?? { width: NODE.width, height: LOW };
    box.left = Math.min(box.left, x);
    box.top = Math.min(box.top, y);
    box.right = Math.max(box.right, x + width);
    box.bottom = Math.max(box.bottom, y + height);
  }
  return box;
}

/** Whether a box lies on a screen of this size when it is drawn by this transform (pixels moved, and the zoom), `margin` pixels above its end. Pure. */
export const isInView = ({ left, top, right, bottom }: Box, [x, y, zoom]: readonly [number, number, number], width: number, height: number, margin = 0): boolean =>
  left * zoom + x >= 0 && top * zoom + y >= 0 && right * zoom + x <= width && bottom * zoom + y <= height - margin;

/** Whether a node that was measured before has another height now: a picture came into it, or went. Pure. */
export const changedHeight = (before: Readonly<Record<string, Size>>, now: Readonly<Record<string, Size>>): boolean =>
  before !== now && Object.entries(now).some(([id, { height }]) => before[id] !== undefined && before[id].height !== height);

/** Zoom buttons lie there. */
const BELOW = 48;

/** Where pictures that came into nodes pushed others out of sight, or under the buttons, what was fitted is fitted again; not with `large` nets, whose nodes are measured one after another as they come into view. */
export function useAllInView(nodes: readonly LayerFlowNode[], measured: Readonly<Record<string, Size>>, large: boolean): boolean {
  const bounds = useMemo(() => boundsOf(nodes, measured), [nodes, measured]);
  const free = useStore((s) => isInView(bounds, s.transform, s.width, s.height, BELOW));
  const before = useRef(measured);
  useEffect(() => {
    if (!large && !free && changedHeight(before.current, measured)) canvas.refit();
    before.current = measured;
  }, [measured, free, large]);
  return useStore((s) => isInView(bounds, s.transform, s.width, s.height));
}
