/** A normal net as the patterns see it: who makes a value, who uses it, what is constant. */
import type { Graph, Node, Tensor, TensorType } from '../../../../shared/onnx/ir.ts';
import { elementCount, type Shape } from '../../../../shared/shapes/shape.ts';
import type { NormalModel } from '../normal.ts';

export class Scene {
  readonly graph: Graph;
  readonly #batched: ReadonlySet<string>;
  readonly #constants: ReadonlySet<string>;
  readonly #producers = new Map<string, Node>();
  readonly #users = new Map<string, Node[]>();
  readonly #outputs: ReadonlySet<string>;
  readonly #inputs: ReadonlySet<string>;

  constructor(model: Pick<NormalModel, 'graph' | 'batched' | 'constants'>) {
    this.#constants = model.constants;
    this.graph = model.graph;
    this.#batched = model.batched;
    this.#inputs = new Set(model.graph.inputs.map((v) => v.name));
    this.#outputs = new Set(model.graph.outputs.map((v) => v.name));
    for (const node of model.graph.nodes) {
      for (const name of node.outputs) if (name !== '') this.#producers.set(name, node);
      for (const name of new Set(node.inputs)) {
        const users = this.#users.get(name);
        if (users) users.push(node);
        else this.#users.set(name, [node]);
      }
    }
  }

  /** The node that makes a value; only where it is one of `ops` of the standard domain, if any are named. */
  producer(value: string | undefined, ...ops: string[]): Node | undefined {
    const node = value === undefined ? undefined : this.#producers.get(value);
    return node && (ops.length === 0 || (node.domain === '' && ops.includes(node.op))) ? node : undefined;
  }

  users(value: string): readonly Node[] {
    return this.#users.get(value) ?? [];
  }

  isOutput(value: string): boolean {
    return this.#outputs.has(value);
  }

  isInput(value: string): boolean {
    return this.#inputs.has(value);
  }

  type(value: string): TensorType | undefined {
    return this.graph.types.get(value);
  }

  /** Shape of one sample where a value is float32 and its first axis the batch: what layers take and give. */
  sample(value: string | undefined): Shape | undefined {
    if (value === undefined || !this.#batched.has(value)) return undefined;
    const type = this.type(value);
    return type?.element === 'float32' && type.shape.length > 1 ? type.shape.slice(1) : undefined;
  }

  isBatched(value: string): boolean {
    return this.#batched.has(value);
  }

  constant(value: string | undefined): Tensor | undefined {
    return value === undefined || value === '' ? undefined : this.graph.initializers.get(value);
  }

  /** A constant float32 tensor: what may be a weight. */
  weight(value: string | undefined): Weight | undefined {
    const t = this.constant(value);
    return t?.data instanceof Float32Array ? { name: value as string, shape: t.shape, data: t.data } : undefined;
  }

  /** The same where the file holds it as a weight, not as a constant of its arithmetic. */
  learned(value: string | undefined): Weight | undefined {
    return value !== undefined && this.#constants.has(value) ? undefined : this.weight(value);
  }

  /** The number of a constant of one element. */
  scalar(value: string | undefined): number | undefined {
    const t = this.constant(value);
    return t && elementCount(t.shape) === 1 && ['float32', 'float64', 'int32', 'int64'].includes(t.element) ? Number(t.data[0]) : undefined;
  }

  /** The numbers of a constant of whole numbers. */
  whole(value: string | undefined): number[] | undefined {
    const t = this.constant(value);
    return t && (t.element === 'int64' || t.element === 'int32') ? Array.from(t.data as ArrayLike<number | bigint>, Number) : undefined;
  }
}

/** A constant tensor of the file, under its name there. */
export interface Weight { readonly name: string; readonly shape: readonly number[]; readonly data: Float32Array }

/** Both orders of a node's two operands. */
export const eitherWay = (node: Node): readonly (readonly [string, string])[] => {
  const [a = '', b = ''] = node.inputs;
  return [[a, b], [b, a]];
};

/** Whether two numbers are one in float32, but for the last bits that an exporter's arithmetic leaves. */
export const near = (a: number | undefined, b: number): boolean => a !== undefined && Math.abs(a - b) <= 2e-6 * Math.max(Math.abs(b), 1e-3);

/** The shortest decimal number that is the same float32: 0.00001 for 0.000009999999747378752. */
export function tidy(value: number): number {
  for (let digits = 1; digits < 10; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === Math.fround(value)) return short;
  }
  return value;
}

/** Whether a constant holds one number for each channel of a sample, as broadcasting against the batch sees it. */
export function isPerChannel(constant: readonly number[], sample: Shape): boolean {
  const full = [...Array.from({ length: Math.max(0, sample.length + 1 - constant.length) }, () => 1), ...constant];
  return full.length === sample.length + 1 && full.every((d, i) => d === (i === 1 ? sample[0] : 1));
}
