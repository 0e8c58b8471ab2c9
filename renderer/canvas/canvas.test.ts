import { describe, it, expect } from 'vitest';
import { turnBeside, turnBetween } from './Wire.tsx';

const box = (y: number, height: number, x = 0, width = 100) => ({ x, y, width, height });

describe('a wire that turns back', () => {
  it('runs midway between the two boxes, whichever is above', () => {
    expect(turnBetween(box(0, 100), box(140, 60))).toBe(120);
    expect(turnBetween(box(140, 60), box(0, 100))).toBe(120);
  });
  it('keeps clear of higher neighbours in both rows, wherever they lie between its ends', () => {
    const [source, target] = [box(0, 80, 600), box(200, 80, 0)];
    const [high, raised] = [box(0, 150, 300), box(180, 100, 450)];
    expect(turnBetween(source, target, [source, target])).toBe(140);
    expect(turnBetween(source, target, [high])).toBe(175);
    expect(turnBetween(source, target, [high, raised])).toBe(165);
    expect(turnBetween(target, source, [high, raised])).toBe(165);
    // Beside the wire, above, below; and where nothing is free it runs midway.
    expect(turnBetween(source, target, [box(0, 190, 701), box(-300, 250, 300), box(210, 900, 300)])).toBe(140);
    expect(turnBetween(source, target, [box(0, 190, 300), box(100, 180, 450)])).toBe(140);
  });
  it('is left to the kit where the boxes overlap in height, or one is not there', () => {
    expect(turnBetween(box(0, 100), box(90, 100))).toBeUndefined();
    expect(turnBetween(undefined, box(0, 1))).toBeUndefined();
  });
});

describe('a wire that passes other layers', () => {
  const body = { x: 200, y: 100, width: 168, height: 80 };
  it('runs at the height that is free of them', () => {
    // A shortcut that starts at the body's height and ends above it turns at once; the other way round, at the end.
    expect(turnBeside({ x: 100, y: 120 }, { x: 600, y: 60 }, [body])).toBe(120);
    expect(turnBeside({ x: 100, y: 60 }, { x: 600, y: 120 }, [body])).toBe(580);
  });
  it('is left to the kit where it is short, straight, goes back, or nothing tells the two apart', () => {
    expect(turnBeside({ x: 150, y: 120 }, { x: 300, y: 60 }, [body])).toBeUndefined();
    expect(turnBeside({ x: 100, y: 120 }, { x: 600, y: 120 }, [body])).toBeUndefined();
    expect(turnBeside({ x: 600, y: 120 }, { x: 100, y: 60 }, [body])).toBeUndefined();
    expect(turnBeside({ x: 100, y: 40 }, { x: 600, y: 60 }, [body])).toBeUndefined();
  });
});
