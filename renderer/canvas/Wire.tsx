/** A wire: a smooth step; where it turns back to a lower row it runs midway between the two boxes, where it passes others it keeps clear of them. */
import { BaseEdge, getSmoothStepPath, useInternalNode, useStoreApi, type EdgeProps, type InternalNode } from '@xyflow/react';
import { NODE } from '../../shared/graph/layout.ts';

interface Box { readonly internals: { readonly positionAbsolute: { readonly y: number } }; readonly measured: { readonly height?: number } }

/** The height at which a wire that goes back runs between two boxes; undefined where they overlap and the kit's own choice is best. */
export function turnBetween(source: Box | undefined, target: Box | undefined): number | undefined {
  if (!source || !target) return undefined;
  const [from, to] = [source, target].map((b) => ({ top: b.internals.positionAbsolute.y, bottom: b.internals.positionAbsolute.y + (b.measured.height ?? 0) })) as [{ top: number; bottom: number }, { top: number; bottom: number }];
  if (from.bottom < to.top) return (from.bottom + to.top) / 2;
  if (to.bottom < from.top) return (to.bottom + from.top) / 2;
  return undefined;
}

export interface Point { readonly x: number; readonly y: number }
export interface Rect extends Point { readonly width: number; readonly height: number }

/** Between a wire's end and its turn: half the gap of two columns. */
const ASIDE = 20;
/** A wire as long passes other layers. */
const LONG = NODE.width + 3 * ASIDE;

/** Where a long wire turns: beside the end whose height has more boxes in the way; undefined where it is short, straight, or as free on both. */
export function turnBeside(source: Point, target: Point, boxes: Iterable<Rect>): number | undefined {
  if (target.x - source.x < LONG || Math.abs(target.y - source.y) < 1) return undefined;
  const inTheWay = { source: 0, target: 0 };
  for (const b of boxes) {
    if (b.x < source.x || b.x + b.width > target.x) continue;
    for (const end of ['source', 'target'] as const) {
      const { y } = end === 'source' ? source : target;
      if (y >= b.y && y <= b.y + b.height) inTheWay[end]++;
    }
  }
  if (inTheWay.source === inTheWay.target) return undefined;
  return inTheWay.source > inTheWay.target ? source.x + ASIDE : target.x - ASIDE;
}

function* rects(nodes: ReadonlyMap<string, InternalNode>): Generator<Rect> {
  for (const { internals: { positionAbsolute: { x, y } }, measured: { width = NODE.width, height = 0 } } of nodes.values()) yield { x, y, width, height };
}

export function Wire({ id, source, target, sourceX, sourceY, targetX, targetY, sourcePosition, targetPosition, interactionWidth = 16 }: EdgeProps) {
  const from = useInternalNode(source);
  const to = useInternalNode(target);
  const centerY = targetX < sourceX ? turnBetween(from, to) : undefined;
  // Read, not watched: a wire is drawn anew when one of its ends moves.
  const store = useStoreApi();
  const centerX = turnBeside({ x: sourceX, y: sourceY }, { x: targetX, y: targetY }, rects(store.getState().nodeLookup));
  const [path] = getSmoothStepPath({ sourceX, sourceY, sourcePosition, targetX, targetY, targetPosition, borderRadius: 10, offset: 16, ...(centerY === undefined ? {} : { centerY }), ...(centerX === undefined ? {} : { centerX }) });
  return <BaseEdge id={id} path={path} interactionWidth={interactionWidth} />;
}
