/** The random numbers of a step, made from seed and step alone, so that a resumed run draws the same masks. */
import { NOISE_BASE } from '../../../shared/layers/random-mask.ts';
import { createRandom, deriveSeed } from '../../../shared/util/random.ts';

/** Four whole numbers below NOISE_BASE: the "noise" input of a training graph. */
export function noiseOf(seed: number, step: number): Float32Array {
  const random = createRandom(deriveSeed(seed, `noise ${step}`));
  return Float32Array.from({ length: 4 }, () => random.below(NOISE_BASE));
}
