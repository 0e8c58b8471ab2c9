/** The values of a walk: what is known of each, under which name the new graph has it, and which may be learned. */
import type { Tensor, TensorType } from '../../../../shared/onnx/ir.ts';
import type { Refuse } from './draft.ts';
import { sameType, type Known, type Lane } from './state.ts';
import type { Widening } from './widen.ts';

export class Values {
  /** Numbers of constants by their name in the new graph. */
  readonly constants = new Map<string, Tensor>();
  readonly sequences = new Map<string, readonly string[]>();
  readonly refuse: Refuse;
  readonly lanes: number;
  readonly widening: Widening;
  readonly #values = new Map<string, Known>();
  readonly #names = new Set<string>();
  readonly #drafts = new Set<string>();
  readonly #read = new Set<string>();
  readonly #learned = new Set<string>();

  constructor(lanes: number, widening: Widening, refuse: Refuse) {
    this.lanes = lanes;
    this.widening = widening;
    this.refuse = refuse;
  }

  /** A name that no value of the new graph has yet. */
  unique(hint: string, taken: Set<string> = this.#names): string {
    let name = hint;
    for (let i = 1; taken.has(name); i++) name = `${hint}_${i}`;
    taken.add(name);
    return name;
  }

  /** Takes a name of the file, so that none made later is the same. */
  reserve(name: string): void {
    this.#drafts.add(name);
  }

  /** A name that no value of the file has. */
  fresh(hint: string): string {
    return this.unique(hint, this.#drafts);
  }

  known(name: string): Known {
    const value = this.#values.get(name);
    if (!value) throw this.refuse(`a value ${name} before it is read`, 'none', 'Export the net anew.');
    return value;
  }

  has(name: string): boolean {
    return this.#values.has(name);
  }

  all(): Iterable<readonly [name: string, value: Known]> {
    return this.#values;
  }

  set(name: string, value: Known): void {
    this.#values.set(name, value);
  }

  isRead(name: string): boolean {
    return this.#read.has(name);
  }

  read(name: string): void {
    this.#read.add(name);
  }

  /** Makes `name` another name for a value or a sequence. */
  link(name: string, to: string): void {
    const list = this.sequences.get(to);
    if (list) this.sequences.set(name, list);
    else this.#values.set(name, this.known(to));
  }

  input(name: string, types: readonly TensorType[]): void {
    const first = types[0] as TensorType;
    const lane: Lane = { type: first, constant: null };
    const lanes = types.map((type) => (sameType(type, first) ? lane : { type, constant: null }));
    this.#values.set(name, { name: this.unique(name), lanes, learned: false, fixed: false, varying: false });
  }

  /** A constant of the file or made by the way; answers its name among the values. */
  constant(name: string, tensor: Tensor, learned: boolean): string {
    const own = this.unique(name);
    this.hold(own, tensor, learned);
    const lane: Lane = { type: { element: tensor.element, shape: tensor.shape }, constant: tensor };
    this.#values.set(name, { name: own, lanes: Array.from({ length: this.lanes }, () => lane), learned, fixed: true, varying: false });
    return name;
  }

  /** Takes a tensor of the file's. */
  weight(name: string, tensor: Tensor): void {
    const wide = this.widening.tensor(tensor);
    this.constant(name, wide, wide.element === 'float32' || wide.element === 'float64');
  }

  /** Numbers of a value that has its name already. */
  hold(own: string, tensor: Tensor, learned: boolean): void {
    this.constants.set(own, tensor);
    if (learned && (tensor.element === 'float32' || tensor.element === 'float64')) this.#learned.add(own);
  }

  /** Whether an initializer of the new graph is one that may be learned. */
  isLearned(own: string): boolean {
    return this.#learned.has(own);
  }
}
