/** Builds a graph node by node; every value's type is inferred as it is made, so mistakes surface where they are written. */
import { inferTypes } from './ops/infer.ts';
import { ints, type Attribute, type Graph, type Node, type Tensor, type TensorType, type ValueInfo } from './ir.ts';

/** A value of the graph under construction. */
export interface Value {
  readonly name: string;
  readonly type: TensorType;
}

export interface OpOptions {
  readonly attributes?: Readonly<Record<string, Attribute>>;
  readonly domain?: string;
  /** Name of the node; made unique. Defaults to prefix + op. */
  readonly name?: string;
  /** Number of outputs; 1 unless told. */
  readonly outputs?: number;
}

export class GraphBuilder {
  readonly #inputs: ValueInfo[] = [];
  readonly #outputs: ValueInfo[] = [];
  readonly #initializers = new Map<string, Tensor>();
  readonly #nodes: Node[] = [];
  readonly #types = new Map<string, TensorType>();
  readonly #names = new Set<string>();
  readonly #constants = new Map<string, Value>();
  #prefix = '';

  /** Starts from an existing graph (its outputs stay outputs), so that a pass can append to it. */
  static from(graph: Graph): GraphBuilder {
    const b = new GraphBuilder();
    b.#inputs.push(...graph.inputs);
    b.#outputs.push(...graph.outputs);
    for (const [k, v] of graph.initializers) b.#initializers.set(k, v);
    b.#nodes.push(...graph.nodes);
    for (const [k, v] of graph.types) b.#types.set(k, v);
    for (const k of graph.types.keys()) b.#names.add(k);
    for (const n of graph.nodes) b.#names.add(n.name);
    return b;
  }

  /** Names made inside `body` start with `prefix`, so that a node can be traced to its layer. */
  scope<T>(prefix: string, body: () => T): T {
    return this.within(`${this.#prefix}${prefix}/`, body);
  }

  /** What names made now start with. */
  get prefix(): string {
    return this.#prefix;
  }

  /** Like `scope`, with the whole prefix: for work put off from another scope. */
  within<T>(prefix: string, body: () => T): T {
    const outer = this.#prefix;
    this.#prefix = prefix;
    try {
      return body();
    } finally {
      this.#prefix = outer;
    }
  }

  /** A name nobody has yet. */
  unique(hint: string): string {
    let name = hint;
    for (let i = 1; this.#names.has(name); i++) name = `${hint}_${i}`;
    this.#names.add(name);
    return name;
  }

  /** The value of a name that is already in the graph. */
  value(name: string): Value {
    const type = this.#types.get(name);
    if (!type) throw new Error(`No value named ${name} in the graph`);
    return { name, type };
  }

  /** A graph input under exactly this name. */
  input(name: string, type: TensorType): Value {
    if (this.#types.has(name)) throw new Error(`Two values named ${name}`);
    this.#names.add(name);
    this.#types.set(name, type);
    this.#inputs.push({ name, type });
    return { name, type };
  }

  /** A constant tensor, shared with an equal small one made before. */
  constant(tensor: Tensor, hint = 'constant'): Value {
    const small = tensor.data.length <= 16;
    const key = small ? `${tensor.element}[${tensor.shape.join()}]:${Array.from(tensor.data as ArrayLike<number | bigint>, String).join()}` : '';
    const known = small ? this.#constants.get(key) : undefined;
    if (known) return known;
    const name = this.unique(hint);
    const type: TensorType = { element: tensor.element, shape: tensor.shape };
    this.#types.set(name, type);
    this.#initializers.set(name, tensor);
    if (small) this.#constants.set(key, { name, type });
    return { name, type };
  }

  /** A float32 scalar. */
  scalar(value: number): Value {
    return this.constant({ element: 'float32', shape: [], data: Float32Array.of(value) }, `c_${value}`);
  }

  /** An int64 vector, as shape and axes inputs want it. */
  int64(values: readonly number[]): Value {
    return this.constant({ element: 'int64', shape: [values.length], data: BigInt64Array.from(values, BigInt) }, 'ints');
  }

  /** Adds a node with one output and returns it. `null` leaves an optional input out. */
  op(op: string, inputs: readonly (Value | null)[], attributes: Readonly<Record<string, Attribute>> = {}, options: OpOptions = {}): Value {
    return this.ops(op, inputs, { ...options, attributes, outputs: 1 })[0] as Value;
  }

  /** Adds a node with several outputs. */
  ops(op: string, inputs: readonly (Value | null)[], options: OpOptions = {}): Value[] {
    const name = this.unique(this.#prefix + (options.name ?? op));
    const draft = {
      name,
      op,
      domain: options.domain ?? '',
      inputs: inputs.map((v) => v?.name ?? ''),
      attributes: options.attributes ?? {},
    };
    const types = inferTypes(draft, inputs.map((v) => v?.type ?? null), (i) => this.#constantOf(inputs[i] ?? null), options.outputs ?? 1);
    const outputs = types.map((_, i) => this.unique(i === 0 ? `${name}:y` : `${name}:y${i}`));
    this.#nodes.push({ ...draft, outputs });
    return types.map((type, i) => {
      const out = outputs[i] as string;
      this.#types.set(out, type);
      return { name: out, type };
    });
  }

  /** Appends a finished node as it is; its output types must be given. */
  append(node: Node, outputTypes: readonly TensorType[]): void {
    this.#nodes.push(node);
    this.#names.add(node.name);
    node.outputs.forEach((o, i) => {
      if (o === '') return;
      this.#names.add(o);
      this.#types.set(o, outputTypes[i] as TensorType);
    });
  }

  /** Takes over a constant of another graph under its name. */
  adopt(name: string, tensor: Tensor): void {
    this.#names.add(name);
    this.#types.set(name, { element: tensor.element, shape: tensor.shape });
    this.#initializers.set(name, tensor);
  }

  /** Declares a graph output; an Identity gives it the wanted name. */
  output(name: string, value: Value): void {
    if (name === value.name) {
      this.#outputs.push({ name, type: value.type });
      return;
    }
    if (this.#types.has(name)) throw new Error(`Two values named ${name}`);
    this.#names.add(name);
    this.append({ name: this.unique(`out/${name}`), op: 'Identity', domain: '', inputs: [value.name], outputs: [name], attributes: {} }, [value.type]);
    this.#outputs.push({ name, type: value.type });
  }

  /** The data of a value when it is a constant, for rules that need it (Reshape's shape, Slice's starts). */
  constantOf(value: Value): Tensor | undefined {
    return this.#constantOf(value);
  }

  #constantOf(value: Value | null): Tensor | undefined {
    return value ? this.#initializers.get(value.name) : undefined;
  }

  build(name: string): Graph {
    return { name, inputs: this.#inputs, outputs: this.#outputs, initializers: this.#initializers, nodes: this.#nodes, types: this.#types };
  }

  // The operators every rule uses, so that a rule reads like its formula.
  add(a: Value, b: Value): Value { return this.op('Add', [a, b]); }
  sub(a: Value, b: Value): Value { return this.op('Sub', [a, b]); }
  mul(a: Value, b: Value): Value { return this.op('Mul', [a, b]); }
  div(a: Value, b: Value): Value { return this.op('Div', [a, b]); }
  neg(a: Value): Value { return this.op('Neg', [a]); }
  exp(a: Value): Value { return this.op('Exp', [a]); }
  log(a: Value): Value { return this.op('Log', [a]); }
  sqrt(a: Value): Value { return this.op('Sqrt', [a]); }
  matmul(a: Value, b: Value): Value { return this.op('MatMul', [a, b]); }
  cast(a: Value, to: 'float32' | 'float16' | 'int32' | 'int64' | 'bool'): Value {
    const code = { float32: 1, int32: 6, int64: 7, bool: 9, float16: 10 }[to];
    return a.type.element === to ? a : this.op('Cast', [a], { to: { kind: 'int', value: code } });
  }
  reshape(a: Value, shape: readonly number[]): Value { return this.op('Reshape', [a, this.int64(shape)]); }
  transpose(a: Value, perm: readonly number[]): Value { return this.op('Transpose', [a], { perm: ints(perm) }); }
  /** Sum over axes (all when omitted). Opset 18: axes are an input. */
  sum(a: Value, axes?: readonly number[], keep = true): Value { return this.#reduce('ReduceSum', a, axes, keep); }
  mean(a: Value, axes?: readonly number[], keep = true): Value { return this.#reduce('ReduceMean', a, axes, keep); }
  max(a: Value, axes?: readonly number[], keep = true): Value { return this.#reduce('ReduceMax', a, axes, keep); }
  #reduce(op: string, a: Value, axes: readonly number[] | undefined, keep: boolean): Value {
    return this.op(op, axes ? [a, this.int64(axes)] : [a], { keepdims: { kind: 'int', value: keep ? 1 : 0 } });
  }
}
