/** Weights and optimiser state as runtime tensors: swapped between two sets on the CPU, left on the device elsewhere. */
import { GraphBuilder } from '../../../shared/onnx/builder.ts';
import { elementCount } from '../../../shared/shapes/shape.ts';
import { required } from '../../../shared/util/assert.ts';
import { encodeModel } from '../onnx-io/model.ts';
import { keepsTensors, release, RuntimeSession, tensor, type DeviceId, type Feeds, type RuntimeTensor } from '../runtime/session.ts';

export type Shapes = ReadonlyMap<string, readonly number[]>;
export type Arrays = ReadonlyMap<string, Float32Array>;

export interface TensorStore {
  /** The tensors to feed. */
  readonly current: ReadonlyMap<string, RuntimeTensor>;
  /** Where a run may write the renewed ones; undefined where the runtime makes them. */
  fetches(renewed: readonly string[]): Feeds | undefined;
  /** Takes the new tensors as current. `outputs` by "new:" + name. */
  accept(renewed: readonly string[], outputs: Feeds): void;
  /** Lets go of the outputs of a run that does not count. */
  reject(renewed: readonly string[], outputs: Feeds): void;
  read(): Promise<Map<string, Float32Array>>;
  write(values: Arrays): Promise<void>;
  dispose(): Promise<void>;
}

const zeros = (shape: readonly number[]): Float32Array => new Float32Array(elementCount(shape));

/** Two sets of memory, swapped each step: nothing is allocated while training. */
class HostStore implements TensorStore {
  readonly current = new Map<string, RuntimeTensor>();
  readonly #spare = new Map<string, RuntimeTensor>();
  readonly #shapes: Shapes;

  constructor(shapes: Shapes) {
    this.#shapes = shapes;
    for (const [name, shape] of shapes) this.current.set(name, tensor('float32', zeros(shape), shape));
  }

  fetches(renewed: readonly string[]): Feeds {
    return Object.fromEntries(renewed.map((name) => {
      const shape = required(this.#shapes.get(name), name);
      const spare = this.#spare.get(name) ?? tensor('float32', zeros(shape), shape);
      this.#spare.set(name, spare);
      return [`new:${name}`, spare];
    }));
  }
  accept(renewed: readonly string[]): void {
    for (const name of renewed) {
      const old = required(this.current.get(name), name);
      this.current.set(name, required(this.#spare.get(name), name));
      this.#spare.set(name, old);
    }
  }
  reject(): void {
    // The spare set is overwritten by the next run.
  }
  read(): Promise<Map<string, Float32Array>> {
    return Promise.resolve(new Map([...this.current].map(([name, t]) => [name, (t.data as Float32Array).slice()])));
  }
  write(values: Arrays): Promise<void> {
    for (const [name, t] of this.current) (t.data as Float32Array).set(values.get(name) ?? zeros(t.dims));
    return Promise.resolve();
  }
  dispose(): Promise<void> {
    this.current.clear();
    this.#spare.clear();
    return Promise.resolve();
  }
}

/** Tensors in device memory. Reading one back directly ends the process, so a graph of Identities copies them. */
class DeviceStore implements TensorStore {
  readonly current = new Map<string, RuntimeTensor>();
  readonly #shapes: Shapes;
  readonly #device: DeviceId;
  #down: RuntimeSession | null = null;
  #up: RuntimeSession | null = null;

  constructor(shapes: Shapes, device: DeviceId) {
    this.#shapes = shapes;
    this.#device = device;
  }

  fetches(): undefined {
    return undefined;
  }
  accept(renewed: readonly string[], outputs: Feeds): void {
    for (const name of renewed) this.#set(name, required(outputs[`new:${name}`], name));
  }
  reject(renewed: readonly string[], outputs: Feeds): void {
    for (const name of renewed) {
      const output = outputs[`new:${name}`];
      if (output) release(output);
    }
  }
  async read(): Promise<Map<string, Float32Array>> {
    if (this.#shapes.size === 0) return new Map();
    this.#down ??= await this.#copier([]);
    const out = await this.#down.run(Object.fromEntries(this.current));
    return new Map([...this.#shapes.keys()].map((name) => [name, (out[`copy:${name}`]?.data as Float32Array).slice()]));
  }
  async write(values: Arrays): Promise<void> {
    if (this.#shapes.size === 0) return;
    const names = [...this.#shapes.keys()];
    this.#up ??= await this.#copier(names.map((n) => `copy:${n}`));
    const feeds = Object.fromEntries([...this.#shapes].map(([name, shape]) => [name, tensor('float32', values.get(name) ?? zeros(shape), shape)]));
    const out = await this.#up.run(feeds);
    for (const name of names) this.#set(name, required(out[`copy:${name}`], name));
  }
  async dispose(): Promise<void> {
    for (const t of this.current.values()) release(t);
    this.current.clear();
    await this.#down?.dispose();
    await this.#up?.dispose();
  }

  #set(name: string, next: RuntimeTensor): void {
    const old = this.current.get(name);
    if (old) release(old);
    this.current.set(name, next);
  }

  #copier(keepOnDevice: readonly string[]): Promise<RuntimeSession> {
    const b = new GraphBuilder();
    for (const [name, shape] of this.#shapes) b.output(`copy:${name}`, b.input(name, { element: 'float32', shape }));
    return RuntimeSession.open(encodeModel(b.build('copy')), { device: this.#device, keepOnDevice });
  }
}

/** A store of zeros (device memory: of nothing) until something is written. */
export function createTensorStore(shapes: Shapes, device: DeviceId): TensorStore {
  return keepsTensors(device) ? new DeviceStore(shapes, device) : new HostStore(shapes);
}
