/** What the optimiser keeps between steps, in the layout of the weights it is kept for. */
import type { GraphWeight } from '../../../shared/compile/forward.ts';
import { elementCount } from '../../../shared/shapes/shape.ts';
import { averageName, type StateSlot } from '../autodiff/parameters.ts';
import type { Weights } from '../training/engine.ts';
import type { HeldWeights } from './held-weights.ts';
import type { Laid } from './laid.ts';
import type { Tensor, Tf } from './tf.ts';

/** The weight that a slot is named after; where several are joined, of no such name. */
const weightOf = (slot: string): string => slot.slice(slot.indexOf(':', slot.indexOf(':') + 1) + 1);

export class HeldState {
  readonly #tf: Tf;
  readonly #weights: HeldWeights;
  /** Trained weights and all slots, shapes in TensorFlow's layout. */
  readonly #trained: readonly GraphWeight[];
  readonly #slots: readonly StateSlot[];
  readonly #tensors = new Map<string, Tensor>();

  constructor(tf: Tf, weights: HeldWeights, trained: readonly GraphWeight[], slots: readonly StateSlot[]) {
    this.#tf = tf;
    this.#weights = weights;
    this.#trained = trained;
    this.#slots = slots;
    for (const { name, shape } of slots) this.#tensors.set(name, tf.zeros([...shape]));
  }

  /** Names and shapes as snapshots have them. */
  get slots(): StateSlot[] {
    return this.#slots.map(({ name, shape }) => {
      const weight = this.#turnedWith(name);
      return { name, shape: weight === null ? shape : this.#weights.shapeOf(weight) };
    });
  }

  feeds(): Map<string, Laid> {
    return new Map([...this.#tensors].map(([name, tensor]) => [name, { tensor, last: false }]));
  }

  has(name: string): boolean {
    return this.#tensors.has(name);
  }

  /** Takes a tensor over; it is disposed of with the next. */
  renew(name: string, t: Tensor): void {
    this.#tensors.get(name)?.dispose();
    this.#tensors.set(name, t);
  }

  /** Running means by weight, where they are kept. */
  averages(): Map<string, Tensor> {
    return new Map(this.#trained.flatMap(({ name }) => {
      const mean = this.#tensors.get(averageName(name));
      return mean ? [[name, mean] as const] : [];
    }));
  }

  async snapshot(): Promise<Weights> {
    const all = new Map<string, { shape: readonly number[]; data: Float32Array }>();
    for (const { name, shape } of this.slots) {
      const t = this.#tensors.get(name) as Tensor;
      const weight = this.#turnedWith(name);
      all.set(name, weight === null ? { shape, data: (await t.data()).slice() as Float32Array } : await this.#weights.read(weight, t));
    }
    return all;
  }

  /** What is not given begins with zeros. */
  write(state: Weights): void {
    for (const { name, shape } of this.#slots) {
      const weight = this.#turnedWith(name);
      const data = state.get(name)?.data ?? new Float32Array(elementCount(shape));
      this.renew(name, weight === null ? this.#tf.tensor(data, [...shape]) : this.#weights.tensor(weight, data));
    }
  }

  dispose(): void {
    for (const t of this.#tensors.values()) t.dispose();
    this.#tensors.clear();
  }

  /** The weight whose layout a slot has; null of vectors, which have only one. */
  #turnedWith(slot: string): string | null {
    const name = weightOf(slot);
    return this.#trained.some((w) => w.name === name && w.shape.length > 1) ? name : null;
  }
}
