/** Initial weights, seeded per name: adding a layer does not change the others' start. */
import type { WeightSpec } from '../layers/spec.ts';
import { elementCount } from '../shapes/shape.ts';
import { createRandom, deriveSeed, type Random } from '../util/random.ts';
import type { Network } from './network.ts';

export interface NamedWeight { readonly shape: readonly number[]; readonly data: Float32Array }

/** Rows of a random matrix made orthonormal one after another (modified Gram–Schmidt), long side first. */
function orthonormal(rows: number, columns: number, random: Random): Float32Array {
  const out = new Float32Array(rows * columns);
  const wide = rows <= columns;
  const [count, length] = wide ? [rows, columns] : [columns, rows];
  const basis: Float64Array[] = [];
  for (let i = 0; i < count; i++) {
    const v = Float64Array.from({ length }, () => random.normal());
    // Plain loops: these are count² · length multiply-adds, seconds for the largest kernels.
    for (const u of basis) {
      let along = 0;
      for (let k = 0; k < length; k++) along += (u[k] as number) * (v[k] as number);
      for (let k = 0; k < length; k++) v[k] = (v[k] as number) - along * (u[k] as number);
    }
    const size = Math.sqrt(v.reduce((s, x) => s + x * x, 0));
    for (let k = 0; k < length; k++) v[k] = (v[k] as number) / size;
    basis.push(v);
  }
  basis.forEach((v, i) => v.forEach((x, k) => { out[wide ? i * columns + k : k * columns + i] = x; }));
  return out;
}

/** A normal number, drawn again until it lies within two deviations. */
function truncated(random: Random): number {
  for (;;) {
    const v = random.normal();
    if (Math.abs(v) <= 2) return v;
  }
}

/** Numbers of one weight. Variance scaling: He et al. (2015) 2/fan-in, Glorot and Bengio (2010) 2/(fan-in + fan-out), LeCun et al. (1998) 1/fan-in; uniform within ±√3 deviations. */
function fill(w: WeightSpec, random: Random): Float32Array {
  const count = elementCount(w.shape);
  const filled = (next: () => number) => Float32Array.from({ length: count }, next);
  const { initializer } = w;
  switch (initializer.kind) {
    case 'constant': return filled(() => initializer.value);
    case 'truncated-normal': return filled(() => truncated(random) * initializer.deviation);
    // Saxe, McClelland and Ganguli (2014), on the kernel as a matrix of one row an output.
    case 'orthogonal': return orthonormal(w.shape[0] ?? 1, count / (w.shape[0] ?? 1), random);
    default: {
      const [, rule, shape] = /^(he|glorot|lecun)-(normal|uniform)$/.exec(initializer.kind) as unknown as [string, 'he' | 'glorot' | 'lecun', string];
      const fan = { he: initializer.fanIn / 2, glorot: (initializer.fanIn + initializer.fanOut) / 2, lecun: initializer.fanIn }[rule];
      const deviation = Math.sqrt(1 / Math.max(fan, 0.5));
      return shape === 'normal' ? filled(() => random.normal() * deviation) : filled(() => (random.next() * 2 - 1) * Math.sqrt(3) * deviation);
    }
  }
}

/** Every weight of the network, drawn from the seed and the weight's own name; those that `held` has are taken as they are. */
export function initialWeights(network: Network, seed: number, held: (name: string, shape: readonly number[]) => NamedWeight | null = () => null): Map<string, NamedWeight> {
  const weights = new Map<string, NamedWeight>();
  for (const layer of network.layers) {
    for (const w of layer.weights) {
      weights.set(w.fullName, held(w.fullName, w.shape) ?? { shape: w.shape, data: fill(w, createRandom(deriveSeed(seed, w.fullName))) });
    }
  }
  return weights;
}
