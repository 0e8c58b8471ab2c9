/** npm run bench -- --profile=NET: where the time of one training step goes, by operator. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as ort from 'onnxruntime-node';
import { lowerForward } from '../../shared/compile/lower.ts';
import type { Network } from '../../shared/compile/network.ts';
import { required } from '../../shared/util/assert.ts';
import { elementCount } from '../../shared/shapes/shape.ts';
import { buildStepGraph } from '../../electron/engine/autodiff/step-graph.ts';
import { encodeModel } from '../../electron/engine/onnx-io/model.ts';
import { cpuBlock } from '../../electron/engine/runtime/blocks.ts';

interface Event { readonly cat: string; readonly name: string; readonly dur: number; readonly args: { readonly op_name?: string } }

/** Prints milliseconds a step by operator and the longest single nodes. */
export async function profile(network: Network, batch: number, threads: number, option = '-'): Promise<void> {
  const { graph } = buildStepGraph(lowerForward(network, { batch, training: true }), {
    loss: 'cross-entropy', optimizer: { kind: 'sgd', momentum: 0.9, nesterov: false }, weightDecay: 0, device: 'cpu', block: await cpuBlock(), input: { element: 'float32', offset: 0, scale: 1 },
  });
  const folder = mkdtempSync(join(tmpdir(), 'netloom-profile-'));
  const session = await ort.InferenceSession.create(encodeModel(graph), { enableProfiling: true, profileFilePrefix: join(folder, 'step'), graphOptimizationLevel: 'all', intraOpNumThreads: threads, logSeverityLevel: 3 });
  const feeds = Object.fromEntries(graph.inputs.map(({ name, type }) => {
    const n = elementCount(type.shape);
    return [name, type.element === 'int32' ? new ort.Tensor('int32', new Int32Array(n), [...type.shape]) : new ort.Tensor('float32', Float32Array.from({ length: n }, (_, i) => ((i * 2654435761) >>> 0) / 2 ** 33), [...type.shape])];
  }));
  const runs = 5;
  const times: number[] = [];
  for (let i = 0; i < runs; i++) {
    const began = performance.now();
    await session.run(feeds);
    times.push(performance.now() - began);
  }
  session.endProfiling();
  // The binding does not answer the file's name.
  const path = join(folder, required(readdirSync(folder)[0], 'profile'));
  const events = JSON.parse(readFileSync(path, 'utf8')) as Event[];
  rmSync(folder, { recursive: true });
  // The median of a node's runs: the first one still fetches its memory.
  const runsOf = new Map<string, number[]>();
  for (const event of events) {
    if (event.cat !== 'Node' || !event.name.endsWith('_kernel_time')) continue;
    const node = `${event.args.op_name ?? '?'} ${event.name.replace('_kernel_time', '')}`;
    runsOf.set(node, [...(runsOf.get(node) ?? []), event.dur / 1000]);
  }
  const byNode = new Map([...runsOf].map(([node, ms]) => [node, ms.sort((a, b) => a - b)[ms.length >> 1] as number]));
  const byOp = new Map<string, { ms: number; count: number }>();
  for (const [node, ms] of byNode) {
    const op = node.slice(0, node.indexOf(' '));
    const known = byOp.get(op) ?? { ms: 0, count: 0 };
    byOp.set(op, { ms: known.ms + ms, count: known.count + 1 });
  }
  console.log(`\n${network.name}, batch ${batch}, ${threads} threads: best step ${Math.min(...times).toFixed(1)} ms, ${graph.nodes.length} nodes`);
  for (const [op, { ms, count }] of [...byOp].sort((a, b) => b[1].ms - a[1].ms).slice(0, 22)) console.log(`  ${op.padEnd(22)} ${ms.toFixed(2).padStart(8)} ms  ×${count}`);
  console.log('  longest nodes:');
  for (const [node, ms] of [...byNode].filter(([n]) => !n.startsWith(option)).sort((a, b) => b[1] - a[1]).slice(0, 40)) console.log(`    ${ms.toFixed(2).padStart(7)} ${node}`);
}
