/** A loaded graph on a device. With devices.ts the only place that names onnxruntime-node. */
import * as ort from 'onnxruntime-node';
import { invariant } from '../../../shared/util/assert.ts';
import { translateError } from './errors.ts';

/** ONNX Runtime's providers that train. */
export type DeviceId = 'cpu' | 'webgpu' | 'cuda' | 'dml' | 'coreml';
export type RuntimeTensor = ort.Tensor;
export type Feeds = Record<string, RuntimeTensor>;

export interface SessionOptions {
  readonly device: DeviceId;
  /** Outputs that stay on the device, to be fed again. */
  readonly keepOnDevice?: readonly string[];
  /** Lays all values of a run out in one block: a few per cent faster, and about twice the memory. */
  readonly oneBlock?: boolean;
}

/** Whether this device's tensors can stay on it between runs: the binding holds WebGPU's buffers only. */
export const keepsTensors = (device: DeviceId): boolean => device === 'webgpu';

const NO_FALLBACK = /fallback to CPU EP has been explicitly disabled/;

/** Threads of one operator. NETLOOM_THREADS sets them; ONNX Runtime's own choice is one for each physical core. */
export function threadsFrom(setting: string | undefined): { readonly intraOpNumThreads?: number } {
  const threads = Number(setting);
  return Number.isInteger(threads) && threads > 0 ? { intraOpNumThreads: threads } : {};
}

export function tensor(type: 'float32', data: Float32Array, shape: readonly number[]): RuntimeTensor;
export function tensor(type: 'uint8', data: Uint8Array, shape: readonly number[]): RuntimeTensor;
export function tensor(type: 'int32', data: Int32Array, shape: readonly number[]): RuntimeTensor;
export function tensor(type: 'float32' | 'uint8' | 'int32', data: Float32Array | Uint8Array | Int32Array, shape: readonly number[]): RuntimeTensor {
  return new ort.Tensor(type, data as Float32Array, [...shape]) as RuntimeTensor;
}

export const scalar = (value: number): RuntimeTensor => tensor('float32', Float32Array.of(value), []);

/** What this thread holds, for tests of leaks: open sessions, and tensors in device memory, which no garbage collector frees. */
export const live = { sessions: 0, tensors: 0 };

/** Frees a tensor in device memory; one on the CPU is left to the garbage collector. */
export function release(t: RuntimeTensor): void {
  if (t.location === 'cpu') return;
  t.dispose();
  live.tensors--;
}

export class RuntimeSession {
  readonly #session: ort.InferenceSession;
  readonly #device: DeviceId;
  /** Whether the device lacks a kernel, so that the CPU computes some nodes, with a copy each way. */
  readonly fallsBack: boolean;
  #open = true;

  private constructor(session: ort.InferenceSession, device: DeviceId, fallsBack: boolean) {
    this.#session = session;
    this.#device = device;
    this.fallsBack = fallsBack;
    live.sessions++;
  }

  /** Loads ONNX bytes. Throws engine.load, engine.out-of-memory or engine.device-lost at the node the runtime names. */
  static async open(model: Uint8Array, options: SessionOptions): Promise<RuntimeSession> {
    const { device } = options;
    const create = (fallback: boolean) => ort.InferenceSession.create(model, {
      executionProviders: [device],
      graphOptimizationLevel: 'all',
      enableMemPattern: options.oneBlock ?? true,
      // Fatal only: a load refused for want of a kernel is tried again.
      logSeverityLevel: fallback ? 3 : 4,
      // Numbers below 1e-38 (an optimiser's dying averages) cost a hundred times a normal one on a processor.
      extra: { session: { set_denormal_as_zero: '1', ...(fallback ? {} : { disable_cpu_ep_fallback: '1' }) } },
      ...threadsFrom(process.env.NETLOOM_THREADS),
      ...(options.keepOnDevice && keepsTensors(device) ? { preferredOutputLocation: Object.fromEntries(options.keepOnDevice.map((name) => [name, 'gpu-buffer' as const])) } : {}),
    });
    try {
      if (device === 'cpu') return new RuntimeSession(await create(true), device, false);
      try {
        return new RuntimeSession(await create(false), device, false);
      } catch (cause) {
        if (!NO_FALLBACK.test(cause instanceof Error ? cause.message : '')) throw cause;
        return new RuntimeSession(await create(true), device, true);
      }
    } catch (cause) {
      throw translateError(cause, 'load', device);
    }
  }

  get inputNames(): readonly string[] {
    return this.#session.inputNames;
  }

  /** Runs once. `fetches` are written into instead of new tensors (CPU; the binding makes new ones for a device all the same). What stays on the device must be released. Blocks this thread. Throws as `open` does, or engine.run. */
  async run(feeds: Feeds, fetches?: Feeds): Promise<Feeds> {
    invariant(this.#open, 'a session runs before it is disposed');
    try {
      const outputs = (await (fetches ? this.#session.run(feeds, fetches) : this.#session.run(feeds))) as Feeds;
      for (const t of Object.values(outputs)) if (t.location !== 'cpu') live.tensors++;
      return outputs;
    } catch (cause) {
      throw translateError(cause, 'run', this.#device);
    }
  }

  /** Frees the session; a second call does nothing. */
  async dispose(): Promise<void> {
    if (!this.#open) return;
    this.#open = false;
    live.sessions--;
    await this.#session.release();
  }
}
