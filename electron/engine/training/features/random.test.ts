/** Random nets, frozen at random: wherever one may be parted, trunk and head together are the whole, in a step and in use. */
import { expect, it } from 'vitest';
import { cutsOf, fixedLayers, splitAt } from '../../../../shared/compile/cuts.ts';
import type { Network } from '../../../../shared/compile/network.ts';
import { elementCount } from '../../../../shared/shapes/shape.ts';
import { TrainingConfigSchema } from '../../../../shared/training/config.ts';
import { createRandom, deriveSeed } from '../../../../shared/util/random.ts';
import type { Batch, Weights } from '../engine.ts';
import { createOnnxEngine } from '../onnx-engine.ts';
import { CLASSES, drawPlan, inner, movedWeights, networkOf } from '../random-nets.harness.ts';

const BATCH = 4;
const NETS = 40;
const config = TrainingConfigSchema.parse({ batchSize: BATCH, optimizer: { kind: 'sgd' } });
const plain = { element: 'float32', offset: 0, scale: 1 } as const;

async function step(network: Network, weights: Weights, batch: Batch) {
  const own = new Map(network.layers.flatMap((l) => l.weights.map((w) => [w.fullName, weights.get(w.fullName) as { shape: readonly number[]; data: Float32Array }] as const)));
  const session = await createOnnxEngine('cpu').open(network, config, own, plain);
  const { lossSum, correct } = await session.evaluate(batch);
  const { loss } = await session.step(batch, 0.01);
  const after = (await session.snapshot()).weights;
  await session.dispose();
  return { loss, lossSum, correct, after };
}

/** Cuts that were tried over all nets: the test must not pass by finding none. */
let tried = 0;

it(`${NETS} random nets compute the same in one piece and in two`, async () => {
  for (let seed = 1; seed <= NETS; seed++) {
    const random = createRandom(deriveSeed(seed, 'frozen'));
    const whole = networkOf(drawPlan(seed, 3 + (seed % 5), inner[seed % inner.length] as (typeof inner)[number]));
    const upTo = random.below(whole.layers.length);
    const network: Network = { ...whole, layers: whole.layers.map((l, i) => ({ ...l, frozen: i <= upTo || random.next() < 0.2 })) };
    const fixed = fixedLayers(network, config);
    const cuts = cutsOf(network).filter((c) => fixed.has(c.id) && splitAt(network, c).head.layers.some((l) => !l.frozen && l.parameters > 0));
    const cut = cuts[random.below(Math.max(1, cuts.length))];
    if (!cut) continue;
    tried++;
    const weights = movedWeights(network, seed);
    const shape = network.layers[0]?.shape ?? [];
    const batch: Batch = { inputs: Float32Array.from({ length: BATCH * elementCount(shape) }, () => random.normal()), targets: Int32Array.from({ length: BATCH }, () => random.below(CLASSES)), size: BATCH };
    const { trunk, head } = splitAt(network, cut);
    const trunkWeights = new Map(trunk.layers.flatMap((l) => l.weights.map((w) => [w.fullName, weights.get(w.fullName) as { shape: readonly number[]; data: Float32Array }] as const)));
    const session = await createOnnxEngine('cpu').open(trunk, config, trunkWeights, plain);
    const features = (await session.forward(batch, [cut.id])).get(cut.id)?.data as Float32Array;
    await session.dispose();
    const [one, two] = [await step(network, weights, batch), await step(head, weights, { ...batch, inputs: features })];
    const what = `seed ${seed}, cut behind ${cut.id}`;
    expect([two.loss, two.lossSum, two.correct], what).toEqual([expect.closeTo(one.loss, 4), expect.closeTo(one.lossSum, 3), one.correct]);
    for (const [name, w] of two.after) expect(Math.max(...w.data.map((v, i) => Math.abs(v - (one.after.get(name)?.data[i] ?? NaN)))), `${what}: ${name}`).toBeLessThan(1e-4);
    // What the head does not hold stayed as it was.
    for (const [name, w] of one.after) if (!two.after.has(name)) expect(w.data, `${what}: ${name}`).toEqual(weights.get(name)?.data);
  }
  expect(tried).toBeGreaterThan(NETS / 3);
});
