import { expect, test } from 'vitest';
import type { CurvePoint } from '../../../shared/protocol/values.ts';
import { comparedRows } from './run-curves.ts';

const validated = (epoch: number, validationLoss: number, validationAccuracy: number): CurvePoint => ({ epoch, step: epoch * 10, validationLoss, validationAccuracy });
const first: readonly CurvePoint[] = [{ epoch: 0.5, step: 5, loss: 9, accuracy: 0.1 }, validated(1, 2, 0.5), validated(2, 1, 0.7)];
const second: readonly CurvePoint[] = [validated(2, 1.5, 0.6), validated(4, 0.5, 0.9)];

test('runs stand side by side at the epochs at which they were validated', () => {
  expect(comparedRows([first, second], 'loss')).toEqual([{ epoch: 1, values: { 0: 2 } }, { epoch: 2, values: { 0: 1, 1: 1.5 } }, { epoch: 4, values: { 1: 0.5 } }]);
  expect(comparedRows([first, second], 'accuracy').map((r) => r.values)).toEqual([{ 0: 0.5 }, { 0: 0.7, 1: 0.6 }, { 1: 0.9 }]);
  expect(comparedRows([], 'loss')).toEqual([]);
});
