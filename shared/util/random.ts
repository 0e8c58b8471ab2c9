/** Seeded random numbers: the same seed gives the same sequence on every machine. */

export interface Random {
  /** Uniform in [0, 1), 32 bits of resolution. */
  next(): number;
  /** Standard normal, by Box and Muller (1958). */
  normal(): number;
  /** Uniform integer in [0, bound). */
  below(bound: number): number;
  /** The 32-bit state, so that a stopped run can go on with the same sequence. */
  state(): number;
}

/** Mulberry32 (Tommy Ettinger, public domain): 32 bits of state, passes gjrand; enough for shuffles and initial weights. */
export function createRandom(seed: number): Random {
  let s = seed >>> 0;
  const next = (): number => {
    s = (s + 0x6d2b79f5) >>> 0;
    let t = s;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  return {
    next,
    normal: () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next()),
    below: (bound) => Math.floor(next() * bound),
    state: () => s,
  };
}

/** A 32-bit seed for a named part of a run (FNV-1a over the name, mixed with the seed), so that parts do not share a sequence. */
export function deriveSeed(seed: number, name: string): number {
  let h = (0x811c9dc5 ^ seed) >>> 0;
  for (let i = 0; i < name.length; i++) h = Math.imul(h ^ name.charCodeAt(i), 0x01000193) >>> 0;
  return h;
}

/** Fisher-Yates shuffle, in place. */
export function shuffle<T extends { [i: number]: number; length: number }>(items: T, random: Random): T {
  for (let i = items.length - 1; i > 0; i--) {
    const j = random.below(i + 1);
    const a = items[i] as number;
    items[i] = items[j] as number;
    items[j] = a;
  }
  return items;
}
