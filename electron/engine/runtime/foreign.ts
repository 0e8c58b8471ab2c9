/** Any ONNX net on the CPU, with tensors of any type: for what others made, and for constants worth computing once. */
import * as ort from 'onnxruntime-node';
import type { ElementType, Tensor, TensorData } from '../../../shared/onnx/ir.ts';
import { required } from '../../../shared/util/assert.ts';
import { translateError } from './errors.ts';
import { threadsFrom } from './session.ts';
import { numbersOf, toRuntime } from './tensors.ts';

/** An input or output as the runtime sees it; null stands for a size that it does not know. */
export interface ForeignValue {
  readonly name: string;
  /** Null for what is no tensor of numbers. */
  readonly element: ElementType | null;
  readonly shape: readonly (number | null)[];
}

const elements: readonly ElementType[] = ['float32', 'float16', 'float64', 'uint8', 'int8', 'uint16', 'int16', 'uint32', 'int32', 'uint64', 'int64', 'bool'];
const elementOf = (type: string): ElementType | null => elements.find((e) => e === type) ?? null;

const valueOf = (m: ort.InferenceSession.ValueMetadata): ForeignValue =>
  m.isTensor ? { name: m.name, element: elementOf(m.type), shape: m.shape.map((d) => (typeof d === 'number' && d >= 0 ? d : null)) } : { name: m.name, element: null, shape: [] };

export class ForeignSession {
  readonly #session: ort.InferenceSession;
  readonly inputs: readonly ForeignValue[];
  readonly outputs: readonly ForeignValue[];

  private constructor(session: ort.InferenceSession) {
    this.#session = session;
    this.inputs = session.inputMetadata.map(valueOf);
    this.outputs = session.outputMetadata.map(valueOf);
  }

  /**
   * Loads a file (with what lies beside it) or bytes. `plain` leaves the graph as it is, which loads faster and keeps every
   * value. Throws engine.load.
   */
  static async open(model: Uint8Array | string, options: { readonly plain?: boolean } = {}): Promise<ForeignSession> {
    const settings: ort.InferenceSession.SessionOptions = { executionProviders: ['cpu'], graphOptimizationLevel: options.plain ? 'disabled' : 'all', logSeverityLevel: 4, ...threadsFrom(process.env.NETLOOM_THREADS) };
    try {
      return new ForeignSession(await (typeof model === 'string' ? ort.InferenceSession.create(model, settings) : ort.InferenceSession.create(model, settings)));
    } catch (cause) {
      throw translateError(cause, 'load', 'cpu');
    }
  }

  /** Runs once; outputs that are no tensors of numbers are left out. Throws engine.run. */
  async run(feeds: ReadonlyMap<string, Tensor>): Promise<Map<string, Tensor>> {
    try {
      const given = Object.fromEntries([...feeds].map(([name, t]) => [name, toRuntime(t)]));
      const answers = await this.#session.run(given);
      return new Map(this.outputs.flatMap(({ name }) => {
        const t = required(answers[name], `output ${name}`);
        const element = elementOf(t.type);
        return element ? [[name, { element, shape: [...t.dims], data: numbersOf(t.data as TensorData, element) }] as const] : [];
      }));
    } catch (cause) {
      throw translateError(cause, 'run', 'cpu');
    }
  }

  async dispose(): Promise<void> {
    await this.#session.release();
  }
}
