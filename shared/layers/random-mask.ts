/** A random mask drawn inside the graph: the same bits on every device, because every number stays a small whole one. */
import type { GraphBuilder, Value } from '../onnx/builder.ts';

/** A prime whose squares and sums stay far below 2^24, where float32 is exact. */
export const NOISE_BASE = 1021;

/**
 * Uniform numbers in [0, 1) of the given shape: a six-round Feistel network over the element's index, written as two digits
 * in base 1021, keyed by `noise` (float32 [4], whole numbers below 1021) and the layer's seed. Luby and Rackoff (1988):
 * four rounds of a keyed function suffice to permute the pairs of digits; two more carry the last key into both.
 */
export function uniformFromIndex(b: GraphBuilder, shape: readonly number[], noise: Value, layerSeed: number): Value {
  const count = shape.reduce((a, d) => a * d, 1);
  const low = new Float32Array(count);
  const high = new Float32Array(count);
  for (let i = 0; i < count; i++) {
    low[i] = i % NOISE_BASE;
    high[i] = (Math.floor(i / NOISE_BASE) + 517 * Math.floor(i / NOISE_BASE / NOISE_BASE)) % NOISE_BASE;
  }
  const base = b.scalar(NOISE_BASE);
  // floor((x + ½) / m) is safe: the half keeps the quotient away from whole numbers by more than float32's rounding.
  const modulo = (x: Value): Value => b.sub(x, b.mul(b.op('Floor', [b.div(b.add(x, b.scalar(0.5)), base)]), base));
  let left = b.constant({ element: 'float32', shape: [count], data: low }, 'index_low');
  let right = b.constant({ element: 'float32', shape: [count], data: high }, 'index_high');
  for (let round = 0; round < 6; round++) {
    const own = (Math.imul(layerSeed + 1, 0x9e3779b1) >>> (5 * round)) % NOISE_BASE;
    const key = b.add(b.op('Slice', [noise, b.int64([round % 4]), b.int64([(round % 4) + 1])]), b.scalar(own));
    // The key goes inside the square: outside it would only shift every element alike.
    const keyed = modulo(b.add(right, key));
    const mixed = modulo(b.add(b.mul(keyed, keyed), left));
    left = right;
    right = mixed;
  }
  const whole = b.add(b.mul(left, base), right);
  return b.reshape(b.mul(whole, b.scalar(1 / (NOISE_BASE * NOISE_BASE))), shape);
}
