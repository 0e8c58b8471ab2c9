/** npm run bench -- --compile: from a drawn document to a training session that is loaded, by stage. */
import { compile } from '../../shared/compile/compile.ts';
import { lowerForward } from '../../shared/compile/lower.ts';
import { initialWeights } from '../../shared/compile/weights.ts';
import { findTemplate } from '../../shared/templates/templates.ts';
import { TrainingConfigSchema } from '../../shared/training/config.ts';
import { required } from '../../shared/util/assert.ts';
import { buildStepGraph } from '../../electron/engine/autodiff/step-graph.ts';
import { encodeModel } from '../../electron/engine/onnx-io/model.ts';
import { cpuBlock } from '../../electron/engine/runtime/blocks.ts';
import { RuntimeSession } from '../../electron/engine/runtime/session.ts';

const ROUNDS = 3;
const config = TrainingConfigSchema.parse({ batchSize: 8, optimizer: { kind: 'sgd', momentum: 0.9 } });

/** Prints the best of three rounds, in seconds; the first weights are drawn besides and not counted as compiling. */
export async function compileTimes(ids: readonly string[]): Promise<void> {
  console.log(`Seconds from document to loaded training session on the CPU at batch ${config.batchSize}, best of ${ROUNDS}.\n\n| net | layers | step's nodes | compile | differentiate and lower | encode | load | total | first weights |\n|---|--:|--:|--:|--:|--:|--:|--:|--:|`);
  // Once for all nets: which blocked kernels this processor has.
  const block = await cpuBlock();
  for (const id of ids) {
    const document = required(findTemplate(id), id).build();
    let best: { row: number[]; total: number; layers: number; nodes: number } | null = null;
    for (let round = 0; round < ROUNDS; round++) {
      const marks = [performance.now()];
      const { network } = compile(document);
      marks.push(performance.now());
      const { graph } = buildStepGraph(lowerForward(network, { batch: config.batchSize, training: true }), { ...config, loss: 'cross-entropy', device: 'cpu', block, accumulation: null, input: { element: 'uint8', offset: 0, scale: 1 / 255 } });
      marks.push(performance.now());
      const bytes = encodeModel(graph);
      marks.push(performance.now());
      const session = await RuntimeSession.open(bytes, { device: 'cpu' });
      marks.push(performance.now());
      await session.dispose();
      const began = performance.now();
      initialWeights(network, 1);
      const row = [...marks.slice(1).map((m, i) => m - (marks[i] as number)), (marks.at(-1) as number) - (marks[0] as number), performance.now() - began].map((ms) => ms / 1000);
      const total = row.at(-2) as number;
      if (!best || total < best.total) best = { row, total, layers: network.layers.length, nodes: graph.nodes.length };
    }
    const { row, layers, nodes } = required(best, id);
    console.log(`| ${id} | ${layers} | ${nodes.toLocaleString('en-US')} | ${row.map((s) => s.toFixed(2)).join(' | ')} |`);
  }
}
