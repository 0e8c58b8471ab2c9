/** A wire: a smooth step; where it turns back to a lower row it runs midway between the two boxes. */
import { BaseEdge, getSmoothStepPath, useInternalNode, type EdgeProps } from '@xyflow/react';

interface Box { readonly internals: { readonly positionAbsolute: { readonly y: number } }; readonly measured: { readonly height?: number } }

/** The height at which a wire that goes back runs between two boxes; undefined where they overlap and the kit's own choice is best. */
export function turnBetween(source: Box | undefined, target: Box | undefined): number | undefined {
  if (!source || !target) return undefined;
  const [from, to] = [source, target].map((b) => ({ top: b.internals.positionAbsolute.y, bottom: b.internals.positionAbsolute.y + (b.measured.height ?? 0) })) as [{ top: number; bottom: number }, { top: number; bottom: number }];
  if (from.bottom < to.top) return (from.bottom + to.top) / 2;
  if (to.bottom < from.top) return (to.bottom + from.top) / 2;
  return undefined;
}

export function Wire({ id, source, target, sourceX, sourceY, targetX, targetY, sourcePosition, targetPosition, interactionWidth = 16 }: EdgeProps) {
  const from = useInternalNode(source);
  const to = useInternalNode(target);
  const centerY = targetX < sourceX ? turnBetween(from, to) : undefined;
  const [path] = getSmoothStepPath({ sourceX, sourceY, sourcePosition, targetX, targetY, targetPosition, borderRadius: 10, offset: 16, ...(centerY === undefined ? {} : { centerY }) });
  return <BaseEdge id={id} path={path} interactionWidth={interactionWidth} />;
}
