/** A device's self-test: one small training step in a process of its own, its numbers compared with the CPU's. */
import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { GraphBuilder } from '../../../shared/onnx/builder.ts';
import { ints, type Graph } from '../../../shared/onnx/ir.ts';
import { encodeModel } from '../onnx-io/model.ts';
import type { DeviceId } from './session.ts';

const SECONDS = 30;
/** What the test's process answers besides 0; a crash answers a signal. */
const REFUSED = 2;
const WRONG = 3;
const LACKING = 4;
const HALF = 'half precision';

/** Convolution, rectifier and product, back and forth, with weights as inputs: what a provider must have to train at all. */
export function selfTestGraph(): Graph {
  const b = new GraphBuilder();
  const input = (name: string, shape: number[]) => b.input(name, { element: 'float32', shape });
  const [x, w, v] = [input('x', [2, 3, 8, 8]), input('w', [4, 3, 3, 3]), input('v', [256, 5])];
  const pads = { pads: ints([1, 1, 1, 1]) };
  const swapped = [1, 0, 2, 3];
  const h = b.op('Relu', [b.op('Conv', [x, w], pads)]);
  const flat = b.reshape(h, [2, 256]);
  const y = b.matmul(flat, v);
  b.output('loss', b.mul(b.mean(b.mul(y, y), [0, 1], false), b.scalar(0.5)));
  const dy = b.mul(y, b.scalar(0.1));
  const dh = b.mul(b.reshape(b.matmul(dy, b.transpose(v, [1, 0])), [2, 4, 8, 8]), b.cast(b.op('Greater', [h, b.scalar(0)]), 'float32'));
  const dw = b.transpose(b.op('Conv', [b.transpose(x, swapped), b.transpose(dh, swapped)], pads), swapped);
  b.output('dx', b.op('ConvTranspose', [dh, w], pads));
  b.output('new w', b.sub(w, b.mul(dw, b.scalar(0.1))));
  b.output('new v', b.sub(v, b.mul(b.matmul(b.transpose(flat, [1, 0]), dy), b.scalar(0.1))));
  return b.build('self-test');
}

function halfGraph(): Graph {
  const b = new GraphBuilder();
  b.output('y', b.cast(b.matmul(b.cast(b.input('a', { element: 'float32', shape: [4, 4] }), 'float16'), b.cast(b.input('b', { element: 'float32', shape: [4, 4] }), 'float16')), 'float32'));
  return b.build('half');
}

/** The program: says on stderr why it cannot, on stdout whether half precision runs too. */
function program(device: DeviceId): string {
  const feedsOf = (g: Graph) => g.inputs.map((v) => [v.name, v.type.shape]);
  const runtime = createRequire(import.meta.url).resolve('onnxruntime-node');
  const [step, half] = [selfTestGraph(), halfGraph()];
  return `
    const ort = require(${JSON.stringify(runtime)});
    const feeds = (inputs) => Object.fromEntries(inputs.map(([name, shape]) => {
      const n = shape.reduce((a, d) => a * d, 1);
      return [name, new ort.Tensor('float32', Float32Array.from({ length: n }, (_, i) => Math.sin(1.7 * i + shape.length)), shape)];
    }));
    const run = async (device, model, inputs, session) => (await ort.InferenceSession.create(Buffer.from(model, 'base64'), { executionProviders: [device], logSeverityLevel: 4, extra: { session } })).run(feeds(inputs));
    const model = '${Buffer.from(encodeModel(step)).toString('base64')}', inputs = ${JSON.stringify(feedsOf(step))};
    (async () => {
      const own = await run('${device}', model, inputs, { disable_cpu_ep_fallback: '${device === 'cpu' ? 0 : 1}' });
      const right = await run('cpu', model, inputs, {});
      for (const name in right) for (let i = 0; i < right[name].data.length; i++) if (!(Math.abs(own[name].data[i] - right[name].data[i]) <= 1e-2 * Math.max(1, Math.abs(right[name].data[i])))) process.exit(${WRONG});
      try {
        const { y } = await run('${device}', '${Buffer.from(encodeModel(half)).toString('base64')}', ${JSON.stringify(feedsOf(half))}, { disable_cpu_ep_fallback: '1' });
        if (Number.isFinite(y.data[0])) console.log(${JSON.stringify(HALF)});
      } catch {}
      process.exit(0);
    })().catch((e) => { console.error(e.message); process.exit(/fallback to CPU EP has been explicitly disabled/.test(e.message) ? ${LACKING} : ${REFUSED}); });`;
}

/** Why a device does not serve, as a sentence; or null, and what else it said. */
export interface Answer { readonly reason: string | null; readonly said: string }

/**
 * Runs a program in a process of its own, since a broken driver can end a process, or hang it: null when it went well, else the
 * reason as a sentence. Never throws.
 */
export function runProbe(script: string, seconds: number = SECONDS): Promise<Answer> {
  return new Promise((resolve) => {
    execFile(process.execPath, ['-e', script], { timeout: seconds * 1000, killSignal: 'SIGKILL', env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' } }, (error, stdout, stderr) => {
      resolve({ reason: error ? reasonOf(error, stderr, seconds) : null, said: stdout });
    });
  });
}

function reasonOf(error: { killed?: boolean; signal?: NodeJS.Signals | null; code?: unknown }, stderr: string, seconds: number): string {
  const said = stderr.trim().split('\n').at(-1)?.slice(0, 200) ?? '';
  if (error.killed) return `The GPU did not answer within ${seconds} s.`;
  if (error.signal) return `The GPU driver ended its process (${error.signal}).`;
  if (error.code === WRONG) return 'The GPU computes wrong numbers.';
  if (error.code === LACKING) return 'It has no kernels for a training step.';
  if (/adapter/i.test(said)) return 'No GPU adapter was found.';
  return `The GPU could not be tried${said ? `: ${said.replace(/\.+$/, '')}` : ''}.`;
}

/** The self-test of a device: null or the reason against it, and whether half precision runs. */
export async function selfTest(device: DeviceId): Promise<{ readonly reason: string | null; readonly half: boolean }> {
  const { reason, said } = await runProbe(program(device));
  return { reason, half: said.includes(HALF) };
}
