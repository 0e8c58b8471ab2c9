/** Drawn nodes as React Flow wants them; one that has not changed stays the same object, so that nothing is drawn anew. */
import { Position, type NodeHandle } from '@xyflow/react';
import { portsOf } from '../../shared/compile/ports.ts';
import type { DrawnNode, Position as Point } from '../../shared/graph/document.ts';
import { NODE } from '../../shared/graph/layout.ts';
import { describe } from './describe.ts';
import type { LayerFlowNode } from './LayerNode.tsx';
import type { Size } from './use-drags.ts';

/** Height of a node without a picture, until it has been measured. */
export const LOW = 82;
const HANDLE = 11;

export interface Facts {
  readonly position: Point;
  readonly selected: boolean;
  /** undefined until it was drawn once. */
  readonly measured: Size | undefined;
  /** Of a net so large that a node is placed by estimate until it comes into view. */
  readonly estimated: boolean;
  readonly hidden: boolean;
}

const known = new WeakMap<DrawnNode, { readonly facts: Facts; readonly node: LayerFlowNode }>();

const same = (a: Facts, b: Facts): boolean => a.position === b.position && a.selected === b.selected && a.measured === b.measured && a.estimated === b.estimated && a.hidden === b.hidden;

/** Where the circles will be: evenly along the left and the right edge. */
function handlesOf(drawn: DrawnNode): NodeHandle[] {
  const { inputs, outputs } = portsOf(drawn);
  const along = (ports: readonly { readonly id: string }[], type: 'source' | 'target'): NodeHandle[] => ports.map((p, i) => ({
    id: p.id, type, position: type === 'source' ? Position.Right : Position.Left, width: HANDLE, height: HANDLE,
    x: (type === 'source' ? NODE.width : 0) - HANDLE / 2, y: (LOW * (i + 1)) / (ports.length + 1) - HANDLE / 2,
  }));
  return [...along(inputs, 'target'), ...along(outputs, 'source')];
}

export function flowNode(drawn: DrawnNode, facts: Facts): LayerFlowNode {
  const before = known.get(drawn);
  if (before && same(before.facts, facts)) return before.node;
  const { position, selected, measured, estimated, hidden } = facts;
  const size = measured ? { measured: { ...measured } } : estimated ? { measured: { width: NODE.width, height: LOW }, handles: handlesOf(drawn) } : {};
  const node: LayerFlowNode = {
    id: drawn.id, type: drawn.kind === 'group' ? 'nest' : 'layer', position, data: { drawn }, selected,
    ariaLabel: before?.node.ariaLabel ?? `${drawn.name}, ${describe(drawn).label}`, ...(hidden ? { hidden } : {}), ...size,
  };
  known.set(drawn, { facts, node });
  return node;
}
