/** A picture file as one sample for a net. */
import { basename } from 'node:path';
import { problem } from '../../../shared/diagnostics/diagnostic.ts';

/** Values CHW from 0 to `maximum`, resized to the shape [channels, height, width]. sharp loads only when asked. */
export async function readImage(path: string, shape: readonly number[], maximum: number): Promise<Float32Array> {
  const [channels, height, width] = shape as [number, number, number];
  try {
    const { default: sharp } = await import('sharp');
    const image = sharp(path).flatten({ background: '#000' }).resize(width, height, { fit: 'fill' });
    const { data, info } = await (channels === 1 ? image.greyscale() : image.toColourspace('srgb')).raw().toBuffer({ resolveWithObject: true });
    const out = new Float32Array(channels * height * width);
    for (let c = 0; c < channels; c++) {
      for (let i = 0; i < height * width; i++) out[c * height * width + i] = ((data[i * info.channels + Math.min(c, info.channels - 1)] as number) / 255) * maximum;
    }
    return out;
  } catch (cause) {
    throw problem('data.picture', { label: basename(path), file: path }, { reason: (cause as Error).message });
  }
}
