/** Whether every layer of the graph is on screen, so that an overview would tell nothing. */
import { useStore } from '@xyflow/react';
import { useMemo } from 'react';
import { NODE } from '../../shared/graph/layout.ts';
import { LOW } from './flow-nodes.ts';
import type { LayerFlowNode } from './LayerNode.tsx';
import type { Size } from './use-drags.ts';

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

/** Whether a box lies on a screen of this size when it is drawn by this transform (pixels moved, and the zoom). Pure. */
export const isInView = ({ left, top, right, bottom }: Box, [x, y, zoom]: readonly [number, number, number], width: number, height: number): boolean =>
  left * zoom + x >= 0 && top * zoom + y >= 0 && right * zoom + x <= width && bottom * zoom + y <= height;

export function useAllInView(nodes: readonly LayerFlowNode[], measured: Readonly<Record<string, Size>>): boolean {
  const bounds = useMemo(() => boundsOf(nodes, measured), [nodes, measured]);
  return useStore((s) => isInView(bounds, s.transform, s.width, s.height));
}
