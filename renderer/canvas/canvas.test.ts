import { describe, it, expect } from 'vitest';
import { turnBetween } from './Wire.tsx';

const box = (y: number, height: number) => ({ internals: { positionAbsolute: { y } }, measured: { height } });

describe('a wire that turns back', () => {
  it('runs midway between the two boxes, whichever is above', () => {
    expect(turnBetween(box(0, 100), box(140, 60))).toBe(120);
    expect(turnBetween(box(140, 60), box(0, 100))).toBe(120);
  });
  it('is left to the kit where the boxes overlap in height, or one is not there', () => {
    expect(turnBetween(box(0, 100), box(90, 100))).toBeUndefined();
    expect(turnBetween(undefined, box(0, 1))).toBeUndefined();
  });
});
