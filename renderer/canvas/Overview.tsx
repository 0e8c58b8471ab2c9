/** A large net seen from afar: boxes and wires painted on one surface, since nobody reads a thousand of them. */
import { useComputedColorScheme } from '@mantine/core';
import { useStoreApi } from '@xyflow/react';
import { useEffect, useRef } from 'react';
import type { HeatMap } from '../../shared/analysis/heat.ts';
import type { Compiled } from '../../shared/compile/network.ts';
import type { DrawnGraph, DrawnNode, GraphPath } from '../../shared/graph/document.ts';
import { NODE } from '../../shared/graph/layout.ts';
import { heatWords } from '../panels/analysis/heat-words.ts';
import { useHeat } from '../state/analysis.ts';
import { isError, layerAt, problemsAt, useDocument } from '../state/document.ts';
import { groupAtPlace } from '../state/lookup.ts';
import { useTold } from '../state/told.ts';
import { describe } from './describe.ts';
import { frozenOf } from './frozen.ts';
import { LOW } from './flow-nodes.ts';
import type { Size } from './use-drags.ts';

/** Names painted smaller than this cannot be read. */
const NAMES_FROM = 0.22;

export interface OverviewProps { readonly graph: DrawnGraph; readonly measured: Readonly<Record<string, Size>> }

interface Box { readonly id: string; readonly name: string; readonly color: string; readonly x: number; readonly y: number; readonly height: number; readonly selected: boolean; readonly wrong: boolean; readonly frozen: boolean; readonly number: string | null }
interface Line { readonly x1: number; readonly y1: number; readonly x2: number; readonly y2: number }
interface Scene { readonly boxes: readonly Box[]; readonly lines: readonly Line[] }

const heightOf = (n: DrawnNode, measured: Readonly<Record<string, Size>>): number => measured[n.id]?.height ?? LOW;

/** The node under a point of the drawing. */
export function nodeAt({ graph, measured }: OverviewProps, x: number, y: number): DrawnNode | undefined {
  return graph.nodes.findLast((n) => x >= n.position.x && x <= n.position.x + NODE.width && y >= n.position.y && y <= n.position.y + heightOf(n, measured));
}

/** Whether all weights of a node stand still. */
function stillAt(root: DrawnGraph, compiled: Compiled, path: GraphPath, n: DrawnNode): boolean {
  const layer = n.kind === 'group' ? undefined : layerAt(compiled, path, n.id);
  return frozenOf(n, n.kind === 'group' ? (groupAtPlace(root, compiled, [...path, n.id])?.layers ?? []) : layer ? [layer] : []) === 'all';
}

function useScene({ graph, measured }: OverviewProps, heat: HeatMap | null, mix: (share: number) => string): Scene {
  const { compiled } = useTold();
  const root = useDocument((s) => s.history.document.graph);
  const path = useDocument((s) => s.path);
  const selected = useDocument((s) => s.nodes);
  const boxes = graph.nodes.map((n): Box => {
    const warm = heat?.at.get([...path, n.id].join('/'));
    return {
      id: n.id, name: n.name, x: n.position.x, y: n.position.y, height: heightOf(n, measured), selected: selected.has(n.id), wrong: problemsAt(compiled, path, n.id).some(isError), frozen: stillAt(root, compiled, path, n),
      color: heat ? mix(warm?.share ?? 0) : describe(n).color, number: heat && warm ? heatWords[heat.kind].text(warm.value) : null,
    };
  });
  const byId = new Map(boxes.map((b) => [b.id, b]));
  const lines = graph.wires.flatMap((w): Line[] => {
    const [from, to] = [byId.get(w.from.node), byId.get(w.to.node)];
    return from && to ? [{ x1: from.x + NODE.width, y1: from.y + from.height / 2, x2: to.x, y2: to.y + to.height / 2 }] : [];
  });
  return { boxes, lines };
}

/** A wire by right angles, as it is drawn from near; one that goes back runs between the rows. */
function trace(c: CanvasRenderingContext2D, { x1, y1, x2, y2 }: Line): void {
  c.moveTo(x1, y1);
  if (x2 > x1) {
    const middle = (x1 + x2) / 2;
    c.lineTo(middle, y1);
    c.lineTo(middle, y2);
  } else {
    const between = (y1 + y2) / 2;
    c.lineTo(x1 + 16, y1);
    c.lineTo(x1 + 16, between);
    c.lineTo(x2 - 16, between);
    c.lineTo(x2 - 16, y2);
  }
  c.lineTo(x2, y2);
}

/** Room at the left edge that says frozen, as from near. */
const HATCH = 14;
function hatch(c: CanvasRenderingContext2D, { x, y, height }: Box): void {
  c.fillStyle = 'rgb(15 17 21 / 45%)';
  c.beginPath();
  c.roundRect(x, y, HATCH, height, [10, 0, 0, 10]);
  c.fill();
}

function paint(c: CanvasRenderingContext2D, { boxes, lines }: Scene, [tx, ty, zoom]: readonly [number, number, number], colours: ReadonlyMap<string, string>): void {
  const scale = devicePixelRatio;
  const { width, height } = c.canvas;
  c.setTransform(1, 0, 0, 1, 0, 0);
  c.clearRect(0, 0, width, height);
  c.setTransform(scale * zoom, 0, 0, scale * zoom, scale * tx, scale * ty);
  const [left, top, right, bottom] = [-tx / zoom, -ty / zoom, (width / scale - tx) / zoom, (height / scale - ty) / zoom];
  c.beginPath();
  for (const l of lines) if (Math.max(l.x1, l.x2) > left && Math.min(l.x1, l.x2) < right && Math.max(l.y1, l.y2) > top && Math.min(l.y1, l.y2) < bottom) trace(c, l);
  c.strokeStyle = colours.get('--wire') ?? '';
  c.lineWidth = Math.max(1.6, 0.8 / zoom);
  c.stroke();
  const named = zoom >= NAMES_FROM;
  c.font = "600 20px 'Inter Variable', system-ui, sans-serif";
  c.textAlign = 'center';
  c.textBaseline = 'middle';
  for (const b of boxes) {
    if (b.x > right || b.x + NODE.width < left || b.y > bottom || b.y + b.height < top) continue;
    c.fillStyle = b.color;
    c.beginPath();
    c.roundRect(b.x, b.y, NODE.width, b.height, 10);
    c.fill();
    if (b.frozen) hatch(c, b);
    if (b.selected || b.wrong) {
      c.strokeStyle = colours.get(b.wrong ? '--error' : '--accent') ?? '';
      c.lineWidth = Math.max(6, 2 / zoom);
      c.stroke();
    }
    if (!named) continue;
    c.fillStyle = b.number === null ? '#0f1115' : (colours.get('--text') ?? '');
    c.fillText(b.name, b.x + NODE.width / 2, b.y + b.height / 2 - (b.number === null ? 0 : 14), NODE.width - 16);
    if (b.number !== null) c.fillText(b.number, b.x + NODE.width / 2, b.y + b.height / 2 + 16, NODE.width - 16);
  }
}

const colour = (name: string): string => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

/** Tint of the largest, in per cent. */
const STRONGEST = 86;

export function Overview(props: OverviewProps) {
  const store = useStoreApi();
  const surface = useRef<HTMLCanvasElement>(null);
  const heat = useHeat();
  const colorScheme = useComputedColorScheme();
  const [warm, cold] = heat ? [colour('--heat'), colour('--line')] : ['', ''];
  const scene = useScene(props, heat, (share) => `color-mix(in srgb, ${warm} ${Math.round(share * STRONGEST)}%, ${cold})`);
  useEffect(() => {
    const canvas = surface.current;
    const context = canvas?.getContext('2d');
    if (!canvas || !context) return;
    let frame = 0;
    const names = ['--wire', '--error', '--accent', '--text'] as const;
    const colours = new Map<string, string>(names.map((n) => [n, colour(n)]));
    const draw = () => {
      frame = 0;
      paint(context, scene, store.getState().transform, colours);
    };
    const soon = () => { frame ||= requestAnimationFrame(draw); };
    const observer = new ResizeObserver(() => {
      canvas.width = Math.round(canvas.clientWidth * devicePixelRatio);
      canvas.height = Math.round(canvas.clientHeight * devicePixelRatio);
      draw();
    });
    observer.observe(canvas);
    let last = store.getState().transform;
    const off = store.subscribe(({ transform }) => {
      if (transform === last) return;
      last = transform;
      soon();
    });
    draw();
    return () => {
      observer.disconnect();
      off();
      cancelAnimationFrame(frame);
    };
  }, [scene, store, colorScheme]);
  return <canvas ref={surface} className="overview" role="img" aria-label={`${props.graph.nodes.length} layers seen from afar; zoom in to work on them`} />;
}
