/** A loaded graph on a device. With devices.ts the only place that names onnxruntime-node. */
import * as ort from 'onnxruntime-node';
import { problem } from '../../../shared/diagnostics/diagnostic.ts';

export type DeviceId = 'cpu' | 'webgpu';
export type RuntimeTensor = ort.Tensor;
export type Feeds = Record<string, RuntimeTensor>;

export interface SessionOptions {
  readonly device: DeviceId;
  /** Outputs that stay on the device, to be fed again. */
  readonly keepOnDevice?: readonly string[];
}

/** Threads of one operator; NETLOOM_THREADS overrides ONNX Runtime's choice (physical cores). */
const threads = Number(process.env.NETLOOM_THREADS ?? 0);

export function tensor(type: 'float32', data: Float32Array, shape: readonly number[]): RuntimeTensor;
export function tensor(type: 'uint8', data: Uint8Array, shape: readonly number[]): RuntimeTensor;
export function tensor(type: 'int32', data: Int32Array, shape: readonly number[]): RuntimeTensor;
export function tensor(type: 'float32' | 'uint8' | 'int32', data: Float32Array | Uint8Array | Int32Array, shape: readonly number[]): RuntimeTensor {
  return new ort.Tensor(type, data as Float32Array, [...shape]) as RuntimeTensor;
}

export const scalar = (value: number): RuntimeTensor => tensor('float32', Float32Array.of(value), []);

/** ONNX Runtime's own words, without its source lines. */
const plain = (error: unknown): string => (error instanceof Error ? error.message : String(error)).replace(/\s*\/onnxruntime_src\S+:\d+ [^\n]*?(?=\.|Failed|$)/g, ' ').split('\n')[0]?.trim().slice(0, 300) ?? 'no reason';

export class RuntimeSession {
  readonly #session: ort.InferenceSession;
  #open = true;

  private constructor(session: ort.InferenceSession) {
    this.#session = session;
  }

  /** Loads ONNX bytes. Throws engine.load with the runtime's reason. */
  static async open(model: Uint8Array, options: SessionOptions): Promise<RuntimeSession> {
    try {
      return new RuntimeSession(await ort.InferenceSession.create(model, {
        executionProviders: options.device === 'cpu' ? ['cpu'] : [options.device, 'cpu'],
        graphOptimizationLevel: 'all',
        logSeverityLevel: 3,
        ...(threads > 0 ? { intraOpNumThreads: threads } : {}),
        ...(options.keepOnDevice && options.device !== 'cpu' ? { preferredOutputLocation: Object.fromEntries(options.keepOnDevice.map((name) => [name, 'gpu-buffer' as const])) } : {}),
      }));
    } catch (cause) {
      throw problem('engine.load', { label: options.device }, { device: options.device, reason: plain(cause) });
    }
  }

  get inputNames(): readonly string[] {
    return this.#session.inputNames;
  }

  /** Runs once. `fetches` are written into instead of new tensors (CPU). Blocks this thread: see the design, section 5. */
  async run(feeds: Feeds, fetches?: Feeds): Promise<Feeds> {
    try {
      return (await (fetches ? this.#session.run(feeds, fetches) : this.#session.run(feeds))) as Feeds;
    } catch (cause) {
      throw problem('engine.run', { label: 'Step' }, { reason: plain(cause) });
    }
  }

  async dispose(): Promise<void> {
    if (!this.#open) return;
    this.#open = false;
    await this.#session.release();
  }
}
