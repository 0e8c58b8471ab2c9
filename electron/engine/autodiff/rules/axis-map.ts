/** Linear maps along single axes: what padding by reflection, interpolation and constant gathers have in common. */
import type { GraphBuilder, Value } from '../../../../shared/onnx/builder.ts';

/** A map from `size` numbers of an axis to `length` ones: weights [length, size], row by row. */
export interface AxisMap { readonly length: number; readonly size: number; readonly weights: Float32Array }

/** Each of the `from.length` outputs is one number of the axis. */
export function picking(from: readonly number[], size: number): AxisMap {
  const weights = new Float32Array(from.length * size);
  from.forEach((place, i) => {
    if (place >= 0 && place < size) weights[i * size + place] = 1;
  });
  return { length: from.length, size, weights };
}

/** The gradient through a map along `axis`: dy times the weights, [length] → [size]. */
export function transposedMap(b: GraphBuilder, dy: Value, axis: number, map: AxisMap): Value {
  const shape = dy.type.shape;
  const before = shape.slice(0, axis).reduce((a, d) => a * d, 1);
  const after = shape.slice(axis + 1).reduce((a, d) => a * d, 1);
  const answer = shape.with(axis, map.size);
  if (after === 1) {
    const weights = b.constant({ element: 'float32', shape: [map.length, map.size], data: map.weights }, 'axis_map');
    return b.reshape(b.matmul(b.reshape(dy, [before, map.length]), weights), answer);
  }
  const turned = new Float32Array(map.weights.length);
  for (let i = 0; i < map.length; i++) for (let k = 0; k < map.size; k++) turned[k * map.length + i] = map.weights[i * map.size + k] as number;
  const weights = b.constant({ element: 'float32', shape: [map.size, map.length], data: turned }, 'axis_map');
  return b.reshape(b.matmul(weights, b.reshape(dy, [before, map.length, after])), answer);
}
