/** Random nets of the layer table on both engines, some of their layers frozen. */
import { expect, it } from 'vitest';
import { createRandom, deriveSeed } from '../../../shared/util/random.ts';
import { documentOf, drawPlan, inner, movedWeights, networkOf, type Plan } from '../training/random-nets.harness.ts';
import { differences } from './layers.harness.ts';

/** More, or from another seed on, to look further. */
const NETS = Number(process.env.NETLOOM_TEST_NETS ?? 24);
const FIRST = Number(process.env.NETLOOM_TEST_SEED ?? 1);

const planOf = (seed: number): Plan => drawPlan(seed, 2 + (seed % 6), inner[(seed * 7) % inner.length] as (typeof inner)[number]);
/** A norm of one number answers zeros, and the next norm divides their rounding by nearly nothing. */
const flat = (plan: Plan): boolean => plan.some((p) => p.type === 'layer-norm' && p.params.over === 'channels' && p.shape[0] === 1);

it.each(Array.from({ length: NETS }, (_, i) => FIRST + i).filter((seed) => !flat(planOf(seed))))('net %i', async (seed) => {
  const plan = planOf(seed);
  const random = createRandom(deriveSeed(seed, 'frozen'));
  const frozen = seed % 3 === 0 ? new Set(documentOf(plan).graph.nodes.filter(() => random.next() < 0.3).map((n) => n.id)) : new Set<string>();
  const network = networkOf(plan, frozen);
  expect(await differences(network, movedWeights(network, seed), { config: { optimizer: { kind: 'sgd', momentum: 0.5 }, seed } }, 1e-3)).toEqual({});
});
