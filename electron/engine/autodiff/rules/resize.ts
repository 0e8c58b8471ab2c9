/** Gradient rule of Resize: interpolation is a linear map along each axis, so its gradient is the transposed maps. */
import { attribute } from '../../../../shared/onnx/ir.ts';
import type { Rule, RuleContext } from '../rule.ts';
import { transposedMap, type AxisMap } from './axis-map.ts';

const f32 = Math.fround;

/** What of a node's context decides how it interpolates. */
type Asked = Pick<RuleContext, 'node' | 'device' | 'refuse'>;

/**
 * Place in the input that output `x` looks at (ONNX Resize-18, coordinate_transformation_mode). Every step is rounded to float32, as the
 * runtime's are: a place that falls on a whole number or a half decides which neighbour is the nearest.
 */
function sourceOf(c: Asked, x: number, size: number, length: number, scale: number): number {
  const mode = attribute(c.node, 'coordinate_transformation_mode', 'string', 'half_pixel');
  const halfPixel = () => f32(f32((x + 0.5) / scale) - 0.5);
  switch (mode) {
    case 'half_pixel': return halfPixel();
    case 'pytorch_half_pixel': return length > 1 ? halfPixel() : 0;
    case 'align_corners': return length > 1 ? f32((x * (size - 1)) / (length - 1)) : 0;
    case 'asymmetric': return f32(x / scale);
    case 'half_pixel_symmetric': {
      const offset = f32((size / 2) * f32(1 - f32(length / f32(scale * size))));
      // The CPU's kernel leaves float32 after the offset; a GPU has nothing else.
      return c.device === 'cpu' ? f32(offset + (x + 0.5) / scale - 0.5) : f32(f32(offset + f32((x + 0.5) / scale)) - 0.5);
    }
    default: return c.refuse('a coordinate mode other than by a region of interest', mode);
  }
}

function nearest(c: Asked, at: number): number {
  const mode = attribute(c.node, 'nearest_mode', 'string', 'round_prefer_floor');
  switch (mode) {
    case 'round_prefer_floor': return Math.ceil(at - 0.5);
    case 'round_prefer_ceil': return Math.floor(at + 0.5);
    case 'floor': return Math.floor(at);
    case 'ceil': return Math.ceil(at);
    default: return c.refuse('a nearest mode of the specification', mode);
  }
}

/** What an axis of `size` numbers becomes at `length` of them, as a linear map. */
export function interpolation(c: Asked, size: number, length: number, scale: number): AxisMap {
  const mode = attribute(c.node, 'mode', 'string', 'nearest');
  const weights = new Float32Array(length * size);
  const inside = (i: number) => Math.min(Math.max(i, 0), size - 1);
  for (let x = 0; x < length; x++) {
    const at = sourceOf(c, x, size, length, scale);
    if (mode === 'nearest') weights[x * size + inside(nearest(c, at))] = 1;
    else if (mode === 'linear') {
      const clamped = Math.min(Math.max(at, 0), size - 1);
      const low = Math.floor(clamped);
      const part = clamped - low;
      weights[x * size + low] = (weights[x * size + low] as number) + 1 - part;
      weights[x * size + inside(low + 1)] = (weights[x * size + inside(low + 1)] as number) + part;
    } else c.refuse('nearest or linear', mode);
  }
  return { length, size, weights };
}

const resize: Rule = (c: RuleContext) => {
  const shape = c.x(0).type.shape;
  if (c.int('antialias', 0) !== 0) c.refuse('no antialias', 'antialias 1');
  const axes = c.ints('axes', shape.map((_, i) => i)).map((a) => (a < 0 ? a + shape.length : a));
  const given = c.count > 2 && c.node.inputs[2] !== '' ? c.constantNumbers(2) : [];
  let dx = c.dy;
  axes.forEach((axis, i) => {
    const [size, length] = [shape[axis] as number, c.dy.type.shape[axis] as number];
    const scale = given[i] ?? f32(length / size);
    if (size === length && scale === 1) return;
    dx = transposedMap(c.b, dx, axis, interpolation(c, size, length, scale));
  });
  return [dx];
};

export const resizeRules: Readonly<Record<string, Rule>> = { Resize: resize };
