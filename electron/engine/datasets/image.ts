/** A picture file as one sample for a net. */
import { basename } from 'node:path';
import { problem } from '../../../shared/diagnostics/diagnostic.ts';

/** How a picture of another form is brought to a size: stretched, or by its shorter side and cut to the middle. */
export type Fit = 'stretch' | 'crop';

/** Bytes CHW, resized to the shape [channels, height, width], on black where the picture is transparent. sharp loads only when asked. Throws data.picture. */
export async function pixelsOfFile(path: string, shape: readonly number[], fit: Fit = 'stretch'): Promise<Uint8Array> {
  const [channels, height, width] = shape as [number, number, number];
  try {
    const { default: sharp } = await import('sharp');
    const image = sharp(path).flatten({ background: '#000' }).resize(width, height, { fit: fit === 'crop' ? 'cover' : 'fill' });
    const { data, info } = await (channels === 1 ? image.greyscale() : image.toColourspace('srgb')).raw().toBuffer({ resolveWithObject: true });
    const out = new Uint8Array(channels * height * width);
    for (let c = 0; c < channels; c++) {
      for (let i = 0; i < height * width; i++) out[c * height * width + i] = data[i * info.channels + Math.min(c, info.channels - 1)] as number;
    }
    return out;
  } catch (cause) {
    throw problem('data.picture', { label: basename(path), file: path }, { reason: (cause as Error).message });
  }
}

/** The picture with values from 0 to `maximum`. */
export const readImage = async (path: string, shape: readonly number[], maximum: number, fit?: Fit): Promise<Float32Array> => Float32Array.from(await pixelsOfFile(path, shape, fit), (v) => (v / 255) * maximum);

/** Height in pixels of the first of these files that is a picture; null where none is. */
export async function heightOf(paths: readonly string[]): Promise<number | null> {
  const { default: sharp } = await import('sharp');
  for (const path of paths) {
    const height = await sharp(path).metadata().then((m) => m.height, () => null);
    if (height) return height;
  }
  return null;
}
