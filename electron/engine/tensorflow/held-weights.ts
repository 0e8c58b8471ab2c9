/** The weights of a session: variables of the layers that TensorFlow holds whole, and our own for the rest. */
import type { Network } from '../../../shared/compile/network.ts';
import { required } from '../../../shared/util/assert.ts';
import type { Weights } from '../training/engine.ts';
import { weightShapes } from '../training/restoring.ts';
import { buildWhole, type WholeNet } from './keras/build.ts';
import type { Laid } from './laid.ts';
import { shaped, type Tensor, type Tf, type Variable } from './tf.ts';

/** A weight in TensorFlow's layout, and the way there and back. */
export interface Held { readonly variable: Variable; toOurs(t: Tensor): Tensor; fromOurs(t: Tensor): Tensor }

const same = (t: Tensor): Tensor => t;

export class HeldWeights {
  readonly #tf: Tf;
  readonly #shapes: ReadonlyMap<string, readonly number[]>;
  readonly #whole: WholeNet;
  readonly #own = new Map<string, Held>();

  constructor(tf: Tf, network: Network) {
    this.#tf = tf;
    this.#shapes = weightShapes(network);
    this.#whole = buildWhole(tf, network);
    for (const [name, shape] of this.#shapes) {
      if (!this.#whole.variables.has(name)) this.#own.set(name, { variable: tf.tidy(() => tf.variable(tf.zeros([...shape]))), toOurs: same, fromOurs: same });
    }
  }

  get layers(): WholeNet['layers'] {
    return this.#whole.layers;
  }

  of(name: string): Held {
    return required(this.#own.get(name) ?? this.#whole.variables.get(name), name);
  }

  /** What graphs are fed: the weights that stand in no whole layer. */
  feeds(): Map<string, Laid> {
    return new Map([...this.#own].map(([name, { variable }]) => [name, { tensor: variable, last: false }]));
  }

  /** In our layout. */
  shapeOf(name: string): readonly number[] {
    return required(this.#shapes.get(name), name);
  }

  /** A number for each of the weight's, in our layout. */
  async read(name: string, t: Tensor): Promise<{ shape: readonly number[]; data: Float32Array }> {
    const shape = this.shapeOf(name);
    const ours = this.#tf.tidy(() => this.of(name).toOurs(t.reshape(this.of(name).variable.shape)));
    try {
      return { shape, data: (await ours.data()).slice() as Float32Array };
    } finally {
      if (ours !== t) ours.dispose();
    }
  }

  /** Our numbers of a weight, or of what is kept for it, in TensorFlow's layout; the caller disposes. */
  tensor(name: string, data: Float32Array): Tensor {
    return this.#tf.tidy(() => this.of(name).fromOurs(this.#tf.tensor(data, [...this.shapeOf(name)])).reshape(this.of(name).variable.shape));
  }

  /** Takes a tensor of the variable's size over as its value; what is handed in is disposed of. */
  assign(name: string, t: Tensor): void {
    const { variable } = this.of(name);
    this.#tf.tidy(() => variable.assign(shaped(this.#tf, t, variable.shape)));
    t.dispose();
  }

  async snapshot(): Promise<Weights> {
    const all = new Map<string, { shape: readonly number[]; data: Float32Array }>();
    for (const name of this.#shapes.keys()) all.set(name, await this.read(name, this.of(name).variable));
    return all;
  }

  write(weights: Weights): void {
    for (const name of this.#shapes.keys()) this.assign(name, this.tensor(name, required(weights.get(name), name).data));
  }

  /** Runs with other values in place of some weights, by name. */
  async with<T>(values: ReadonlyMap<string, Tensor>, run: () => Promise<T>): Promise<T> {
    const kept = [...values.keys()].map((name) => [name, this.#tf.clone(this.of(name).variable as Tensor)] as const);
    for (const [name, t] of values) this.assign(name, this.#tf.clone(t));
    try {
      return await run();
    } finally {
      for (const [name, t] of kept) this.assign(name, t);
    }
  }

  dispose(): void {
    this.#whole.dispose();
    for (const { variable } of this.#own.values()) variable.dispose();
    this.#own.clear();
  }
}
