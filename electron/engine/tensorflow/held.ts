/** A value of a running graph, in one order of its axes and in the other once that is asked for. */
import type { Laid } from './laid.ts';
import type { Tensor, Tf } from './tf.ts';

/** The value in the other order; where channels or places are one only, that moves nothing. */
function turned(tf: Tf, { tensor, last }: Laid): Tensor {
  const { rank, shape } = tensor;
  const order = last ? [0, rank - 1, ...shape.slice(2).map((_, i) => i + 1)] : [0, ...shape.slice(2).map((_, i) => i + 2), 1];
  const to = order.map((a) => shape[a] as number);
  const channels = shape[last ? rank - 1 : 1] as number;
  const places = shape.slice(1).reduce((a, d) => a * d, 1) / Math.max(channels, 1);
  return channels === 1 || places === 1 ? tf.reshape(tensor, to) : tf.transpose(tensor, order);
}

export class Held {
  readonly laid: Laid;
  /** Whether it goes when the graph has no more use for it. */
  readonly #own: boolean;
  #other: Tensor | null = null;

  constructor(laid: Laid, own: boolean) {
    this.laid = laid;
    this.#own = own;
  }

  /** With channels last or as the graph says, turned at most once. */
  as(tf: Tf, last: boolean): Tensor {
    const { tensor } = this.laid;
    if (tensor.rank < 3 || this.laid.last === last) return tensor;
    return (this.#other ??= turned(tf, this.laid));
  }

  /** Whether it lies so already, or both ways do for it. */
  lies(last: boolean): boolean {
    return this.laid.tensor.rank < 3 || this.laid.last === last || this.#other !== null;
  }

  /** As the caller of the graph may have it. */
  given(tf: Tf): Laid {
    return this.#own ? this.laid : { ...this.laid, tensor: tf.clone(this.laid.tensor) };
  }

  free(): void {
    if (this.#own) this.laid.tensor.dispose();
    this.#other?.dispose();
    this.#other = null;
  }
}

/** Whether fewer numbers are to be turned when all operands come to lie with channels last. */
export function mostLast(operands: readonly (Held | null)[]): boolean {
  const held = operands.filter((h): h is Held => h !== null && h.laid.tensor.rank > 2);
  const misplaced = (last: boolean): number => held.reduce((n, h) => n + (h.lies(last) ? 0 : h.laid.tensor.size), 0);
  return held.length > 0 && misplaced(true) <= misplaced(false);
}

/** An operand as it broadcasts (from the last axis on, as the graph says) against others of `rank` axes whose channels lie last or not. */
export function broadcastable(tf: Tf, held: Held, rank: number, last: boolean): Tensor {
  const { tensor } = held.laid;
  if (!last || rank < 3 || tensor.rank === rank) return held.as(tf, last);
  if (tensor.size === 1) return tensor;
  const own = held.as(tf, false);
  const wide = new Held({ tensor: tf.reshape(own, [...Array.from({ length: rank - own.rank }, () => 1), ...own.shape]), last: false }, false);
  return wide.as(tf, true);
}
