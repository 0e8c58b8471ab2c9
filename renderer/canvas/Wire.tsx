/** A wire: a smooth step; where it turns back to a lower row it runs midway between the two boxes, where it passes others it keeps clear of them. */
import { BaseEdge, getSmoothStepPath, useStore, useStoreApi, type EdgeProps, type InternalNode } from '@xyflow/react';
import { NODE } from '../../shared/graph/layout.ts';

export interface Point { readonly x: number; readonly y: number }
export interface Rect extends Point { readonly width: number; readonly height: number }

/**
 * The height at which a wire that goes back runs between two boxes, clear of their neighbours in both rows where that can be;
 * undefined where they overlap and the kit's own choice is best.
 */
export function turnBetween(source: Rect | undefined, target: Rect | undefined, boxes: Iterable<Rect> = []): number | undefined {
  if (!source || !target) return undefined;
  const [upper, lower] = source.y < target.y ? [source, target] : [target, source];
  const [top, bottom] = [upper.y + upper.height, lower.y];
  if (top >= bottom) return undefined;
  const [left, right] = [Math.min(source.x, target.x), Math.max(source.x + source.width, target.x + target.width)];
  let [from, to] = [top, bottom];
  for (const b of boxes) {
    if (b.x >= right || b.x + b.width <= left || b.y + b.height <= top || b.y >= bottom) continue;
    // What begins no lower than the upper box ends is of its row, anything else of the lower one.
    if (b.y < top) from = Math.max(from, b.y + b.height);
    else to = Math.min(to, b.y);
  }
  return from < to ? (from + to) / 2 : (top + bottom) / 2;
}

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

const rectOf = (node: InternalNode | undefined): Rect | undefined => node && { x: node.internals.positionAbsolute.x, y: node.internals.positionAbsolute.y, width: node.measured.width ?? NODE.width, height: node.measured.height ?? 0 };

function* rects(nodes: ReadonlyMap<string, InternalNode>): Generator<Rect> {
  for (const node of nodes.values()) yield rectOf(node) as Rect;
}

export function Wire({ id, source, target, sourceX, sourceY, targetX, targetY, sourcePosition, targetPosition, interactionWidth = 16 }: EdgeProps) {
  // Watched: pictures that come into other layers of the two rows make them higher.
  const centerY = useStore((s) => (targetX < sourceX ? turnBetween(rectOf(s.nodeLookup.get(source)), rectOf(s.nodeLookup.get(target)), rects(s.nodeLookup)) : undefined));
  // Read, not watched: a wire is drawn anew when one of its ends moves.
  const store = useStoreApi();
  const centerX = turnBeside({ x: sourceX, y: sourceY }, { x: targetX, y: targetY }, rects(store.getState().nodeLookup));
  const [path] = getSmoothStepPath({ sourceX, sourceY, sourcePosition, targetX, targetY, targetPosition, borderRadius: 10, offset: 16, ...(centerY === undefined ? {} : { centerY }), ...(centerX === undefined ? {} : { centerX }) });
  return <BaseEdge id={id} path={path} interactionWidth={interactionWidth} />;
}
