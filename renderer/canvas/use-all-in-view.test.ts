import { expect, test } from 'vitest';
import { boundsOf, changedHeight, isInView } from './use-all-in-view.ts';

const nodes = [{ id: 'a', position: { x: -50, y: 10 } }, { id: 'b', position: { x: 200, y: 300 } }];
const measured = { a: { width: 168, height: 82 }, b: { width: 100, height: 160 } };

test('the bounds are those of the outermost nodes', () => expect(boundsOf(nodes, measured)).toEqual({ left: -50, top: 10, right: 300, bottom: 460 }));

test('a drawing is in view where each of its edges is', () => {
  const box = boundsOf(nodes, measured);
  expect(isInView(box, [50, 0, 1], 350, 460)).toBe(true);
  // A pixel too little on each side in turn.
  expect(isInView(box, [49, 0, 1], 350, 460)).toBe(false);
  expect(isInView(box, [50, -11, 1], 350, 460)).toBe(false);
  expect(isInView(box, [50, 0, 1], 349, 460)).toBe(false);
  expect(isInView(box, [50, 0, 1], 350, 459)).toBe(false);
  expect([isInView(box, [50, 0, 1], 350, 508, 48), isInView(box, [50, 0, 1], 350, 507, 48)]).toEqual([true, false]);
  // Half as large it fits into half as much.
  expect(isInView(box, [25, 0, 0.5], 175, 230)).toBe(true);
});

test('a node grows when it had another height before, not when it is new or gone', () => {
  const { a, b } = measured;
  expect(changedHeight(measured, { a, b: { ...b, height: 161 } })).toBe(true);
  expect([changedHeight(measured, measured), changedHeight({ a }, measured), changedHeight(measured, { a }), changedHeight(measured, { a, b: { ...b, width: 101 } })]).toEqual([false, false, false, false]);
});
