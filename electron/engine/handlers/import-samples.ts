/** Real pictures as a foreign net takes them, for the proof of its import. */
import { join } from 'node:path';
import type { Tensor } from '../../../shared/onnx/ir.ts';
import type { ImportReport, Preprocessing } from '../../../shared/protocol/import-requests.ts';
import { halfBits } from '../../../shared/util/half.ts';
import { pixelsOfFile } from '../datasets/image.ts';
import { pictureInput } from '../importing/preprocessing.ts';

const PICTURES = ['chelsea.jpg', 'coffee.jpg'];

const at = (values: readonly number[], c: number): number => (values.length === 1 ? values[0] : values[c]) as number;

/** Bytes CHW as the preprocessing makes them: y[c] = (x[c] · scale − mean[c]) / deviation[c], x from 0 to 1. */
export function prepared(bytes: Uint8Array, channels: number, p: Preprocessing | null): Float32Array {
  const area = bytes.length / channels;
  const from = (c: number) => (p?.order === 'bgr' ? channels - 1 - c : c);
  return Float32Array.from(bytes, (_, i) => {
    const c = Math.floor(i / area);
    const x = (bytes[from(c) * area + (i % area)] as number) / 255;
    return p ? (x * p.scale - at(p.mean, c)) / at(p.deviation, c) : x;
  });
}

/** The same numbers in the element type of the file, where that was widened here. */
const narrowed: Readonly<Record<'float16' | 'float64', (x: Float32Array) => Pick<Tensor, 'element' | 'data'>>> = {
  float16: (x) => ({ element: 'float16', data: Uint16Array.from(x, halfBits) }),
  float64: (x) => ({ element: 'float64', data: Float64Array.from(x) }),
};

/** Samples by the file's input names and in its layout; none where its only input is no picture. */
export async function realSamples(report: ImportReport, resourcesDir: string): Promise<ReadonlyMap<string, Tensor>[]> {
  const [input, ...others] = report.inputs;
  if (!input || others.length > 0 || input.element !== 'float32') return [];
  const shape = input.shape.map((d) => Math.abs(d));
  const picture = shape[0] === 1 ? pictureInput({ inputs: [{ name: input.name, type: { element: 'float32', shape } }] }) : null;
  if (!picture) return [];
  const { channels, height, width, axis } = picture;
  const area = height * width;
  // What its own first layers do, the file does itself.
  const outside = report.preprocessing?.source === 'layers' ? null : (report.preprocessing?.values ?? null);
  return Promise.all(PICTURES.map(async (name) => {
    const planes = prepared(await pixelsOfFile(join(resourcesDir, 'pictures', name), [channels, height, width]), channels, outside);
    const laid = axis === 1 ? planes : planes.map((_, i) => planes[(i % channels) * area + Math.floor(i / channels)] as number);
    const tensor = report.widened ? narrowed[report.widened](laid) : { element: 'float32' as const, data: laid };
    return new Map([[input.name, { ...tensor, shape }]]);
  }));
}
