/** Channels of one layer as a grid on one canvas; pixels stay sharp. */
import { useEffect, useRef } from 'react';
import type { LayerMaps } from '../../shared/protocol/values.ts';
import { colourIndex } from './colormap.ts';

export interface MapCanvasProps {
  readonly maps: LayerMaps;
  /** Width and height to fit into, in CSS pixels. */
  readonly width: number;
  readonly height: number;
  readonly columns?: number;
  readonly most?: number;
  readonly label: string;
}

/** Pixels between two channels. */
const GAP = 2;

/** Columns that fill a box best: the largest whole scale wins. */
export function bestColumns(count: number, w: number, h: number, width: number, height: number, gap = GAP): { columns: number; scale: number } {
  let best = { columns: 1, scale: 0 };
  for (let columns = 1; columns <= count; columns++) {
    const rows = Math.ceil(count / columns);
    const scale = Math.min((width - gap * (columns - 1)) / (columns * w), (height - gap * (rows - 1)) / (rows * h));
    if (scale > best.scale) best = { columns, scale };
  }
  return best;
}

export function MapCanvas({ maps, width, height, columns: wanted, most = 64, label }: MapCanvasProps) {
  const ref = useRef<HTMLCanvasElement>(null);
  const count = Math.min(maps.channels, most);
  const fitted = bestColumns(count, maps.width, maps.height, width, height);
  const columns = wanted ?? fitted.columns;
  const rows = Math.ceil(count / columns);
  const scale = Math.max(1, Math.floor(wanted === undefined ? fitted.scale : Math.min((width - GAP * (columns - 1)) / (columns * maps.width), (height - GAP * (rows - 1)) / (rows * maps.height))));
  const w = columns * maps.width * scale + GAP * (columns - 1);
  const h = rows * maps.height * scale + GAP * (rows - 1);
  useEffect(() => {
    const canvas = ref.current;
    const context = canvas?.getContext('2d');
    if (!canvas || !context) return;
    canvas.width = w;
    canvas.height = h;
    const image = context.createImageData(w, h);
    const size = maps.width * maps.height;
    const colours = Array.from({ length: 256 }, (_, byte) => colourIndex(byte, maps.minimum, maps.maximum));
    for (let c = 0; c < count; c++) {
      const left = (c % columns) * (maps.width * scale + GAP);
      const top = Math.floor(c / columns) * (maps.height * scale + GAP);
      for (let y = 0; y < maps.height * scale; y++) {
        for (let x = 0; x < maps.width * scale; x++) {
          const byte = maps.pixels[c * size + Math.floor(y / scale) * maps.width + Math.floor(x / scale)] ?? 0;
          const { map, index } = colours[byte] as { map: Uint8Array; index: number };
          const at = ((top + y) * w + left + x) * 4;
          image.data[at] = map[index * 3] as number;
          image.data[at + 1] = map[index * 3 + 1] as number;
          image.data[at + 2] = map[index * 3 + 2] as number;
          image.data[at + 3] = 255;
        }
      }
    }
    context.putImageData(image, 0, 0);
  }, [maps, w, h, columns, count, scale]);
  // Large maps in a small place are shown smaller than their pixels; small ones are only ever enlarged by whole numbers.
  return <canvas ref={ref} role="img" aria-label={label} style={{ maxWidth: width, maxHeight: height, display: 'block' }} />;
}
