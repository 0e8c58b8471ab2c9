/** Random numbers drawn inside the graph: the same bits on every device, because every number stays a small whole one. */
import type { GraphBuilder, Value } from '../onnx/builder.ts';

/** A prime whose squares, three of them added, stay far below 2^24, where float32 is exact. */
export const NOISE_BASE = 1021;
/** Terms of the inner product: three keep (sum + ½) / 1021 true to less than half a place in float32. */
const TERMS = 3;

/**
 * Whole numbers below 1021, as `rows`×`columns`: a six-round Feistel network over the place, written as two digits in base
 * 1021 (a third one, of long rows, is part of the key), keyed by `noise` and a seed. Luby and Rackoff (1988): four rounds of
 * a keyed function suffice to permute the pairs of digits; two more carry the last key into both.
 */
function digits(b: GraphBuilder, rows: number, columns: number, noise: Value, seed: number): Value {
  const count = rows * columns;
  const place = (digit: (i: number) => number, hint: string): Value =>
    b.constant({ element: 'float32', shape: [rows, columns], data: Float32Array.from({ length: count }, (_, i) => digit(i)) }, hint);
  const base = b.scalar(NOISE_BASE);
  // floor((x + ½) / m) is safe: the half keeps the quotient away from whole numbers by more than float32's rounding.
  const modulo = (x: Value): Value => b.sub(x, b.mul(b.op('Floor', [b.div(b.add(x, b.scalar(0.5)), base)]), base));
  const period = NOISE_BASE * NOISE_BASE;
  const third = count > period ? place((i) => (Math.floor(i / period) * 389) % NOISE_BASE, 'place_third') : null;
  let left = place((i) => i % NOISE_BASE, 'place_low');
  let right = place((i) => Math.floor(i / NOISE_BASE) % NOISE_BASE, 'place_high');
  for (let round = 0; round < 6; round++) {
    const own = (Math.imul(seed + 1, 0x9e3779b1) >>> (5 * round)) % NOISE_BASE;
    const key = b.add(b.op('Slice', [noise, b.int64([round % 4]), b.int64([(round % 4) + 1])]), b.scalar(own));
    const met = third ? b.add(b.add(right, third), key) : b.add(right, key);
    // The key goes inside the square: outside it would only shift every element alike.
    const keyed = modulo(met);
    const mixed = modulo(b.add(b.mul(keyed, keyed), left));
    left = right;
    right = mixed;
  }
  return right;
}

/**
 * Uniform numbers (r + ½) / 1021, r whole, of the given shape, batch first. Number (n, f) is the inner product modulo 1021 of
 * three random digits of sample n with three of feature f (a pairwise independent hash; Carter and Wegman, 1979), so that the
 * costly digits are few and each number of the batch takes one small matrix product. `noise` is float32 [4], whole numbers
 * below 1021. Compare with a threshold r / 1021: such a one is never met by rounding.
 */
export function uniformFromIndex(b: GraphBuilder, shape: readonly number[], noise: Value, layerSeed: number): Value {
  const [samples = 1, ...rest] = shape;
  const features = rest.reduce((a, d) => a * d, 1);
  const half = (rows: number, columns: number): Value => b.constant({ element: 'float32', shape: [rows, columns], data: new Float32Array(rows * columns).fill(0.5) }, 'halves');
  const ones = b.constant({ element: 'float32', shape: [1, features], data: new Float32Array(features).fill(1) }, 'ones');
  // A fourth term adds the half.
  const ofSamples = b.op('Concat', [digits(b, samples, TERMS, noise, layerSeed), half(samples, 1)], { axis: { kind: 'int', value: 1 } });
  const ofFeatures = b.op('Concat', [digits(b, TERMS, features, noise, layerSeed ^ 0x5bd1e995), ones], { axis: { kind: 'int', value: 0 } });
  const quotient = b.mul(b.matmul(ofSamples, ofFeatures), b.scalar(1 / NOISE_BASE));
  return b.reshape(b.sub(quotient, b.op('Floor', [quotient])), shape);
}

/** The nearest threshold that no drawn number can equal, for "drop where u < threshold"; the share kept is 1 − threshold. */
export const maskThreshold = (rate: number): number => Math.round(rate * NOISE_BASE) / NOISE_BASE;
