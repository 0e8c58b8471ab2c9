/** One sample as a picture: grey by the map of activations' own ink, colour as it is. */
import { useEffect, useRef } from 'react';
import type { Samples } from '../../../shared/protocol/values.ts';

export function SamplePicture({ samples, position, size }: { samples: Samples; position: number; size: number }) {
  const ref = useRef<HTMLCanvasElement>(null);
  const [channels, height, width] = samples.shape.length === 3 ? (samples.shape as [number, number, number]) : [1, 1, samples.shape[0] ?? 1];
  useEffect(() => {
    const context = ref.current?.getContext('2d');
    if (!context) return;
    const image = context.createImageData(width, height);
    const area = height * width;
    const base = position * channels * area;
    for (let i = 0; i < area; i++) {
      for (let c = 0; c < 3; c++) image.data[i * 4 + c] = samples.pixels[base + Math.min(c, channels - 1) * area + i] ?? 0;
      image.data[i * 4 + 3] = 255;
    }
    context.putImageData(image, 0, 0);
  }, [samples, position, channels, height, width]);
  return <canvas ref={ref} width={width} height={height} aria-hidden style={{ width: size, height: (size * height) / width, borderRadius: 4 }} />;
}
