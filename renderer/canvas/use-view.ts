/** What the canvas shows: fits a new document, keeps fitting while panes change size, until the person moves the view. */
import { useReactFlow } from '@xyflow/react';
import { useCallback, useEffect, useRef, useState, type RefObject } from 'react';
import { setCanvasView } from './view.ts';

/** Room for the zoom buttons below. What is only painted counts too. */
const FIT = { padding: { top: '28px', left: '28px', right: '28px', bottom: '56px' }, maxZoom: 1, includeHiddenNodes: true } as const;
const MOTION_MS = 160;

const calm = (): boolean => matchMedia('(prefers-reduced-motion: reduce)').matches;
const duration = (): number => (calm() ? 0 : MOTION_MS);

export function useView(box: RefObject<HTMLDivElement | null>, shown: string, quickAdd: () => void) {
  const flow = useReactFlow();
  const moved = useRef(false);
  /** What has been fitted: before that the view is another document's. */
  const [fitted, setFitted] = useState<string | null>(null);
  const fit = useCallback((ms: number) => flow.fitView({ ...FIT, duration: ms }), [flow]);

  useEffect(() => setCanvasView({
    fit: () => { moved.current = false; void fit(duration()); },
    refit: () => requestAnimationFrame(() => requestAnimationFrame(() => { if (!moved.current) void fit(duration()); })),
    frame: () => void flow.fitView({ nodes: flow.getNodes().filter((n) => n.selected), padding: 0.3, maxZoom: 1.5, includeHiddenNodes: true, duration: duration() }),
    actualSize: () => { moved.current = true; void flow.zoomTo(1, { duration: duration() }); },
    centre: (id) => { moved.current = true; void flow.fitView({ nodes: [{ id }], maxZoom: 1, includeHiddenNodes: true, duration: duration() }); },
    quickAdd,
    hasOverview: () => box.current?.querySelector('.react-flow__minimap') != null,
    animate: () => {
      const element = box.current;
      if (!element || calm()) return;
      element.classList.add('arranging');
      setTimeout(() => element.classList.remove('arranging'), 220);
    },
  }), [flow, fit, quickAdd, box]);

  useEffect(() => {
    moved.current = false;
    const frame = requestAnimationFrame(() => void fit(0).then(() => setFitted(shown)));
    return () => cancelAnimationFrame(frame);
  }, [fit, shown]);

  useEffect(() => {
    if (!box.current) return;
    const observer = new ResizeObserver(() => { if (!moved.current) requestAnimationFrame(() => void fit(0)); });
    observer.observe(box.current);
    return () => observer.disconnect();
  }, [box, fit]);

  // A move without an event is one of ours.
  return { onMoveStart: (event: MouseEvent | TouchEvent | null) => { if (event) moved.current = true; }, fitted: fitted === shown };
}
