/** The state of a lowering: the graph being built, and each value in the layouts it exists in. */
import { GraphBuilder, type Value } from '../../../../shared/onnx/builder.ts';
import { int, type Graph, type Node } from '../../../../shared/onnx/ir.ts';
import type { DeviceKind } from '../rule.ts';

export interface Target {
  readonly device: DeviceKind;
  /** Channels in a block of the CPU's blocked convolution kernels (NCHWc); null where there are none. */
  readonly block: number | null;
}

/** What may be joined to a node that can also add and rectify on its way out. */
export interface Tail { readonly sum?: Value; readonly relu?: boolean }
/** A node not yet written, because what follows may join it. */
export type Pending = (tail: Tail) => Value;

export class Lowering {
  readonly b = new GraphBuilder();
  readonly target: Target;
  readonly graph: Graph;
  readonly #plain = new Map<string, Value>();
  readonly #blocked = new Map<string, Value>();
  readonly #pending = new Map<string, Pending>();
  readonly #indices = new Map<string, Value>();
  readonly #readers = new Map<string, number>();

  constructor(graph: Graph, target: Target) {
    this.graph = graph;
    this.target = target;
    const b = this.b;
    for (const v of graph.inputs) this.#plain.set(v.name, b.input(v.name, v.type));
    for (const [name, tensor] of graph.initializers) {
      b.adopt(name, tensor);
      this.#plain.set(name, b.value(name));
    }
    // Names of the graph are kept, so nothing made on the way may take one.
    for (const n of graph.nodes) {
      b.unique(n.name);
      for (const y of n.outputs) if (y !== '') b.unique(y);
      for (const x of n.inputs) this.#readers.set(x, (this.#readers.get(x) ?? 0) + 1);
    }
    for (const v of graph.outputs) this.#readers.set(v.name, (this.#readers.get(v.name) ?? 0) + 1);
  }

  /** Channels a block; throws where the target has no blocked kernels. */
  get block(): number {
    if (this.target.block === null) throw new Error('Blocked layout on a target without blocks');
    return this.target.block;
  }

  /** Shape of the original value, without padding. */
  shape(name: string): readonly number[] {
    const type = this.graph.types.get(name);
    if (!type) throw new Error(`No value named ${name} in the graph`);
    return type.shape;
  }

  /** How many nodes and outputs read a value. */
  readers(name: string): number {
    return this.#readers.get(name) ?? 0;
  }

  /** The value in NCHW. */
  plain(name: string): Value {
    const known = this.#plain.get(name);
    if (known) return known;
    const made = this.reorderOutput(this.blocked(name), this.shape(name)[1] as number);
    this.#plain.set(name, made);
    return made;
  }

  /** The value in blocks of channels, [N, C rounded up, H, W]. Reordered when it is only known in NCHW. */
  blocked(name: string): Value {
    const known = this.#blocked.get(name);
    if (known) return known;
    const pending = this.#pending.get(name);
    const made = pending ? pending({}) : this.reorderInput(this.plain(name));
    this.#pending.delete(name);
    this.#blocked.set(name, made);
    return made;
  }

  hasBlocked(name: string): boolean {
    return this.#blocked.has(name) || this.#pending.has(name);
  }

  setPlain(name: string, value: Value): void {
    this.#plain.set(name, value);
  }
  setBlocked(name: string, value: Value): void {
    this.#blocked.set(name, value);
  }
  /** Puts a node off until it is read; a sole reader may join it by `takePending`. */
  setPending(name: string, pending: Pending): void {
    // It is named after the node it stands for, whoever reads it first.
    const at = this.b.prefix;
    this.#pending.set(name, (tail) => this.b.within(at, () => pending(tail)));
  }
  takePending(name: string): Pending | undefined {
    const pending = this.readers(name) === 1 ? this.#pending.get(name) : undefined;
    if (pending) this.#pending.delete(name);
    return pending;
  }

  /** Appends a node of the original graph as it is, on NCHW values. */
  keep(node: Node): void {
    const inputs = node.inputs.map((x) => (x === '' ? '' : this.plain(x).name));
    const types = node.outputs.map((y) => this.graph.types.get(y) ?? { element: 'float32' as const, shape: [] });
    this.b.append({ ...node, inputs }, types);
    for (const y of node.outputs) if (y !== '') this.setPlain(y, this.b.value(y));
  }

  /** A constant list of places, shared with an equal one. */
  indices(values: readonly number[]): Value {
    const key = values.join();
    const known = this.#indices.get(key) ?? this.b.int64(values);
    this.#indices.set(key, known);
    return known;
  }

  /** Constant places, `at(0)` … `at(count − 1)`, made once for a key: too many to be compared. */
  places(key: string, count: number, at: (i: number) => number): Value {
    const known = this.#indices.get(key) ?? this.b.constant({ element: 'int32', shape: [count], data: Int32Array.from({ length: count }, (_, i) => at(i)) }, 'places');
    this.#indices.set(key, known);
    return known;
  }

  /** A constant vector of one number, shared with an equal one. */
  filled(value: number, count: number): Value {
    const key = `${value}×${count}`;
    const known = this.#indices.get(key) ?? this.b.constant({ element: 'float32', shape: [count], data: new Float32Array(count).fill(value) }, 'filled');
    this.#indices.set(key, known);
    return known;
  }

  padded(channels: number): number {
    return Math.ceil(channels / this.block) * this.block;
  }

  /** Adds a node of ONNX Runtime's blocked domain (onnxruntime/core/graph/contrib_ops/nchwc_schema_defs.cc). */
  kernel(op: string, inputs: readonly (Value | null)[], attributes: Node['attributes'], shape: readonly number[]): Value {
    const name = this.b.unique(`${this.b.prefix}${op}_blocked`);
    const output = this.b.unique(`${name}:y`);
    const type = { element: 'float32' as const, shape };
    this.b.append({ name, op, domain: BLOCKED_DOMAIN, inputs: inputs.map((v) => v?.name ?? ''), outputs: [output], attributes }, [type]);
    return { name: output, type };
  }

  /** NCHW to blocks; channels beyond the last are zero. */
  reorderInput(x: Value): Value {
    const [n, c, h, w] = x.type.shape as [number, number, number, number];
    // The kernel takes channels by fours.
    const missing = (4 - (c % 4)) % 4;
    const whole = missing === 0 ? x : this.b.op('Pad', [x, this.b.int64([0, 0, 0, 0, 0, missing, 0, 0])]);
    return this.kernel('ReorderInput', [whole], {}, [n, this.padded(c), h, w]);
  }

  /** Blocks to NCHW, or to NHWC. */
  reorderOutput(x: Value, channels: number, last = false): Value {
    const [n, , h, w] = x.type.shape as [number, number, number, number];
    const attributes = { channels: int(channels), ...(last ? { channels_last: int(1) } : {}) };
    return this.kernel('ReorderOutput', [x], attributes, last ? [n, h, w, channels] : [n, channels, h, w]);
  }
}

export const BLOCKED_DOMAIN = 'com.microsoft.nchwc';
