/** npm run bench -- --memory: the process's memory over many steps of one run, and over many runs; flat lines are the goal. */
import { compile } from '../../shared/compile/compile.ts';
import { initialWeights } from '../../shared/compile/weights.ts';
import { elementCount } from '../../shared/shapes/shape.ts';
import { findTemplate } from '../../shared/templates/templates.ts';
import { TrainingConfigSchema } from '../../shared/training/config.ts';
import { required } from '../../shared/util/assert.ts';
import { live } from '../../electron/engine/runtime/session.ts';
import type { TrainingDevice, TrainingSession } from '../../electron/engine/training/engine.ts';
import { engineOf } from '../../electron/engine/training/engines.ts';

const BATCH = 8;
const POINTS = 8;
const RUN_STEPS = 25;

const { network } = compile(required(findTemplate('lenet-5-digits'), 'template').build());
const batch = {
  inputs: Float32Array.from({ length: BATCH * elementCount(network.layers[0]?.shape ?? []) }, (_, i) => ((i * 2654435761) >>> 0) / 2 ** 32),
  targets: Int32Array.from({ length: BATCH }, (_, i) => i % 10),
  size: BATCH,
};

/** Megabytes of the whole process, its garbage collected where node runs with --expose-gc. */
function megabytes(): number {
  (globalThis as { gc?: () => void }).gc?.();
  return process.memoryUsage.rss() / 1e6;
}

const open = (device: TrainingDevice): Promise<TrainingSession> =>
  engineOf(device).open(network, TrainingConfigSchema.parse({ batchSize: BATCH }), initialWeights(network, 1), { element: 'float32', offset: 0, scale: 1 });

async function train(session: TrainingSession, steps: number): Promise<void> {
  for (let s = 0; s < steps; s++) await session.step(batch, 0.001);
}

const line = (name: string, values: readonly number[]): void => console.log(`| ${name} | ${values.map((v) => v.toFixed(1)).join(' | ')} |`);

/** Prints megabytes along `steps` steps, then after each run of `runs`, each with its evaluation and a look at a layer. */
export async function memory(device: TrainingDevice, steps = 2000, runs = 20): Promise<void> {
  console.log(`\n${device}: MB of the process along ${steps} steps of ${network.name} at batch ${BATCH}, after warming up.`);
  const session = await open(device);
  await train(session, Math.ceil(steps / 10));
  const along = [megabytes()];
  for (let i = 0; i < POINTS; i++) {
    await train(session, Math.ceil(steps / POINTS));
    along.push(megabytes());
  }
  line('steps', along.map((_, i) => Math.ceil(steps / POINTS) * i));
  line('MB', along);
  await session.dispose();
  console.log(`MB after each of ${runs} runs of ${RUN_STEPS} steps, an evaluation, a look at a layer and a checkpoint:`);
  const after: number[] = [];
  for (let r = 0; r < runs; r++) {
    const run = await open(device);
    await train(run, RUN_STEPS);
    await run.evaluate(batch);
    await run.forward(batch, [network.layers[1]?.id ?? '']);
    await run.restore(await run.snapshot());
    await run.dispose();
    after.push(megabytes());
  }
  line('MB', after);
  console.log(`Sessions still open: ${live.sessions}.`);
}
