/** A graph on its way to channels first: each value is held in the file's order, turned, or both. */
import { ints, type Node, type Tensor, type TensorType } from '../../../../shared/onnx/ir.ts';
import type { NormalModel } from '../normal.ts';
import { toFirst, toLast, turned } from './axes.ts';

export class Turning {
  readonly nodes: Node[] = [];
  readonly types: Map<string, TensorType>;
  readonly initializers: Map<string, Tensor>;
  readonly batched: Set<string>;
  /** By the file's name: the value with channels first. */
  readonly first = new Map<string, string>();
  /** By the file's name: what it is called here in the file's order. */
  readonly #last = new Map<string, string>();
  constructor({ graph, batched }: NormalModel) {
    this.types = new Map(graph.types);
    this.initializers = new Map(graph.initializers);
    this.batched = new Set(batched);
  }

  rankOf(value: string): number {
    return this.types.get(value)?.shape.length ?? 0;
  }

  /** Declares a value of this file's name with channels first, and returns its name; of a value that is no picture the same. */
  made(value: string, name = `${value}/channels first`): string {
    const type = this.types.get(value) as TensorType;
    this.types.set(name, { element: type.element, shape: toFirst(type.shape.length).map((p) => type.shape[p] as number) });
    if (this.batched.has(value)) this.batched.add(name);
    this.first.set(value, name);
    return name;
  }

  /** Says that a value of the file is another one here, in the file's order. */
  call(value: string, name: string): void {
    this.#last.set(value, name);
  }

  /** The value in the file's order; turned back where it only lies the other way. */
  plain(value: string): string {
    const known = this.#last.get(value);
    if (known !== undefined) return known;
    const first = this.first.get(value);
    if (first === undefined) return value;
    const name = first === value ? `${value}/channels last` : value;
    this.lastOf(first, name);
    this.nodes.push({ name: `${value}/channels last`, op: 'Transpose', domain: '', inputs: [first], outputs: [name], attributes: { perm: ints(toLast(this.rankOf(first))) } });
    this.#last.set(value, name);
    return name;
  }

  /** Declares the same numbers as a value with channels first, in the file's order. */
  lastOf(first: string, name: string): void {
    const { element, shape } = this.types.get(first) as TensorType;
    this.types.set(name, { element, shape: toLast(shape.length).map((p) => shape[p] as number) });
    if (this.batched.has(first)) this.batched.add(name);
  }

  /** A constant as it broadcasts against values of a rank with channels first. */
  constant(value: string, rank: number): string {
    const tensor = this.initializers.get(value) as Tensor;
    const full = { ...tensor, shape: [...Array.from({ length: rank - tensor.shape.length }, () => 1), ...tensor.shape] };
    if (tensor.data.length === 1) return value;
    return this.hold(`${value}/channels first`, turned(full, toFirst(rank)));
  }

  hold(name: string, tensor: Tensor): string {
    this.initializers.set(name, tensor);
    this.types.set(name, { element: tensor.element, shape: tensor.shape });
    return name;
  }

  emit(node: Node): void {
    this.nodes.push(node);
  }
}
