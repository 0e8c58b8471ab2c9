/** Nets that others wrote: read, written again, and run beside the original. Needs the folder of test nets. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as ort from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { NetloomError } from '../../../shared/diagnostics/diagnostic.ts';
import type { Graph, TensorType } from '../../../shared/onnx/ir.ts';
import { createRandom } from '../../../shared/util/random.ts';
import { toRuntime } from '../runtime/tensors.ts';
import { decodeModel, encodeModel, type DecodedModel } from './model.ts';
import { readModel } from './read.ts';

const data = process.env.NETLOOM_TEST_DATA ?? fileURLToPath(new URL('../../../../shared/data/', import.meta.url));
const files = ['onnx', 'onnx-edge', 'onnx-light'].map((name) => join(data, name)).filter((f) => existsSync(f))
  .flatMap((f) => readdirSync(f, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.onnx')).map((name) => join(f, name))).sort();
if (files.length === 0) console.info('Nets of others skipped: no such folder (NETLOOM_TEST_DATA names it)');

function feed(type: TensorType): ort.Tensor {
  const random = createRandom(11);
  const count = type.shape.reduce((a, d) => a * d, 1);
  const numbers = Array.from({ length: count }, () => random.next());
  switch (type.element) {
    case 'float32': return toRuntime({ ...type, data: Float32Array.from(numbers) });
    case 'float64': return toRuntime({ ...type, data: Float64Array.from(numbers) });
    case 'float16': return toRuntime({ ...type, data: new Uint16Array(count).fill(0x3800) });
    case 'int64': return toRuntime({ ...type, data: new BigInt64Array(count) });
    case 'int32': return toRuntime({ ...type, data: new Int32Array(count) });
    case 'bool': case 'uint8': return toRuntime({ ...type, data: new Uint8Array(count) });
    default: throw new Error(`no values of type ${type.element} here`);
  }
}

type Answer = Record<string, { type: string; dims: readonly number[]; data: unknown }>;
/** The reason as text where ONNX Runtime refuses. */
async function answerOf(model: string | Uint8Array, graph: Graph): Promise<Answer | string> {
  let session: ort.InferenceSession | null = null;
  try {
    // Weights that old files list among the inputs may be replaced, so ONNX Runtime fuses nothing into them there, but does in ours:
    // without its optimiser both do the same sums in the same order.
    const options = { logSeverityLevel: 4, graphOptimizationLevel: 'disabled' } as const;
    session = typeof model === 'string' ? await ort.InferenceSession.create(model, options) : await ort.InferenceSession.create(model, options);
    const out = await session.run(Object.fromEntries(graph.inputs.map((v) => [v.name, feed(v.type)])));
    return Object.fromEntries(Object.entries(out).map(([name, t]) => [name, { type: t.type, dims: t.dims, data: t.data }]));
  } catch (error) {
    return (error as Error).message;
  } finally {
    await session?.release();
  }
}

describe.runIf(files.length > 0)('nets of others', () => {
  const outcomes = new Map<string, 'equal' | 'refused' | 'not run'>();
  it.each(files.map((f) => [f.slice(data.length), f] as const))('%s', async (_name, file) => {
    let decoded: DecodedModel;
    try {
      decoded = decodeModel(readFileSync(file), basename(file));
    } catch (error) {
      expect(error).toBeInstanceOf(NetloomError);
      // No file here is broken: only what is not supported yet may be refused.
      expect((error as NetloomError).diagnostic.code).toBe('onnx.unsupported');
      expect((error as NetloomError).message).toMatch(/external data|attribute \w+ \(graph\)|known rank/);
      outcomes.set(_name, 'refused');
      return;
    }
    const original = await answerOf(file, decoded.graph);
    if (typeof original === 'string') {
      outcomes.set(_name, 'not run');
      return;
    }
    expect(await answerOf(encodeModel(decoded.graph, { opsets: decoded.opsets }), decoded.graph)).toEqual(original);
    // What inference foretold must be what came out.
    for (const { name, type } of decoded.graph.outputs) if (decoded.inferred.has(name)) expect([name, type.shape]).toEqual([name, original[name]?.dims]);
    outcomes.set(_name, 'equal');
  });

  it('are all read as they stand, with the weights beside them', async () => {
    const models = await Promise.all(files.map((f) => readModel(f)));
    expect(models.map((m) => basename(m.file))).toEqual(files.map((f) => basename(f)));
    for (const { graph } of models) for (const [name, t] of graph.initializers) expect([name, t.data.length]).toEqual([name, t.shape.reduce((a, d) => a * d, 1)]);
  });

  it('gives the same numbers for nearly all', () => {
    const of = (outcome: string) => [...outcomes].filter(([, o]) => o === outcome).map(([name]) => name);
    console.info(`${of('equal').length} equal; refused: ${of('refused').join(', ')}; not run by ONNX Runtime: ${of('not run').join(', ')}`);
    expect(of('equal').length).toBeGreaterThan(of('refused').length + of('not run').length);
  });
});
