import { expect, it } from 'vitest';
import { TrainingConfigSchema } from '../../../shared/training/config.ts';
import { ratePoints } from './rate-preview.ts';

it('draws the schedule from the first step to the last', () => {
  const config = TrainingConfigSchema.parse({ epochs: 10, batchSize: 10, learningRate: 2, warmup: { epochs: 1, from: 0 }, schedule: { kind: 'cosine' } });
  const points = ratePoints(config, 1005);
  expect(points.length).toBe(240);
  expect(points[0]).toEqual({ epoch: 0, rate: 0 });
  expect(points.at(-1)?.epoch).toBeCloseTo(9.99);
  expect(points.at(-1)?.rate).toBeLessThan(1e-4);
  expect(Math.max(...points.map((p) => p.rate))).toBeCloseTo(2, 1);
});

it('has a point for each step of a short run', () => {
  expect(ratePoints(TrainingConfigSchema.parse({ epochs: 2, batchSize: 50, accumulation: 2 }), 100).length).toBe(2);
  expect(ratePoints(TrainingConfigSchema.parse({ epochs: 1, batchSize: 500 }), 3).length).toBe(1);
});
