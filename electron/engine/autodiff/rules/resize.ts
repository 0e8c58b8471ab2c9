/** Gradient rule of Resize: interpolation is a linear map along each axis, so its gradient is the transposed maps. */
import { attribute, type Node } from '../../../../shared/onnx/ir.ts';
import type { Rule, RuleContext } from '../rule.ts';
import { transposedMap, type AxisMap } from './axis-map.ts';

/** Place in the input that output `x` looks at (ONNX Resize-18, coordinate_transformation_mode). */
function sourceOf(node: Node, x: number, size: number, length: number, scale: number): number {
  const mode = attribute(node, 'coordinate_transformation_mode', 'string', 'half_pixel');
  switch (mode) {
    case 'half_pixel': return (x + 0.5) / scale - 0.5;
    case 'pytorch_half_pixel': return length > 1 ? (x + 0.5) / scale - 0.5 : 0;
    case 'align_corners': return length > 1 ? (x * (size - 1)) / (length - 1) : 0;
    case 'asymmetric': return x / scale;
    case 'half_pixel_symmetric': {
      const adjustment = length / (scale * size);
      return (size / 2) * (1 - adjustment) + (x + 0.5) / scale - 0.5;
    }
    default: throw new Error(`Resize ${node.name}: expected a coordinate mode with a gradient rule, got ${mode}`);
  }
}

function nearest(node: Node, at: number): number {
  const mode = attribute(node, 'nearest_mode', 'string', 'round_prefer_floor');
  switch (mode) {
    case 'round_prefer_floor': return Math.ceil(at - 0.5);
    case 'round_prefer_ceil': return Math.floor(at + 0.5);
    case 'floor': return Math.floor(at);
    case 'ceil': return Math.ceil(at);
    default: throw new Error(`Resize ${node.name}: expected a nearest mode of the specification, got ${mode}`);
  }
}

function mapOf(node: Node, size: number, length: number, scale: number): AxisMap {
  const mode = attribute(node, 'mode', 'string', 'nearest');
  const weights = new Float32Array(length * size);
  const inside = (i: number) => Math.min(Math.max(i, 0), size - 1);
  for (let x = 0; x < length; x++) {
    // The runtime reckons places in float32, which decides ties of the nearest.
    const at = Math.fround(sourceOf(node, x, size, length, scale));
    if (mode === 'nearest') weights[x * size + inside(nearest(node, at))] = 1;
    else if (mode === 'linear') {
      const clamped = Math.min(Math.max(at, 0), size - 1);
      const low = Math.floor(clamped);
      const part = clamped - low;
      weights[x * size + low] = (weights[x * size + low] as number) + 1 - part;
      weights[x * size + inside(low + 1)] = (weights[x * size + inside(low + 1)] as number) + part;
    } else throw new Error(`Resize ${node.name}: expected nearest or linear, got ${mode}`);
  }
  return { length, size, weights };
}

const resize: Rule = (c: RuleContext) => {
  const shape = c.x(0).type.shape;
  if (c.int('antialias', 0) !== 0) throw new Error(`Resize ${c.node.name}: expected no antialias, got 1`);
  const axes = c.ints('axes', shape.map((_, i) => i)).map((a) => (a < 0 ? a + shape.length : a));
  const given = c.count > 2 && c.node.inputs[2] !== '' ? c.constantNumbers(2) : [];
  let dx = c.dy;
  axes.forEach((axis, i) => {
    const [size, length] = [shape[axis] as number, c.dy.type.shape[axis] as number];
    const scale = given[i] ?? length / size;
    if (size === length && scale === 1) return;
    dx = transposedMap(c.b, dx, axis, mapOf(c.node, size, length, scale));
  });
  return [dx];
};

export const resizeRules: Readonly<Record<string, Rule>> = { Resize: resize };
