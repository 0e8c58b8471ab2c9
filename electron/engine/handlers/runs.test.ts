/** Runs as they are listed, after they were stopped and went on. */
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { findTemplate } from '../../../shared/templates/templates.ts';
import { TrainingConfigSchema } from '../../../shared/training/config.ts';
import { required } from '../../../shared/util/assert.ts';
import { updateRun } from '../projects/runs.ts';
import { startEngine, type TriedEngine } from './engine.harness.ts';

let tried: TriedEngine;
beforeAll(async () => { tried = await startEngine(); });
afterAll(() => tried.end());

const data = { kind: 'builtin', id: 'digits' } as const;
const document = required(findTemplate('lenet-5-digits'), 'template').build();
const config = TrainingConfigSchema.parse({ batchSize: 64, epochs: 500, device: 'cpu' });
/** Resolves when the run that is under way has been stopped: the last that is written of it comes before this word of it. */
const stopped = () => new Promise<void>((resolve) => {
  const off = tried.engine.onEvent((m) => {
    if (m.kind !== 'event' || m.event !== 'log' || !JSON.stringify(m.data).includes('Run stopped')) return;
    off();
    resolve();
  });
});

it('of two that are asked for at once one trains, and the other leaves nothing', async () => {
  const { ask } = tried;
  const ended = stopped();
  const start = () => ask('training.start', { document, config, data, from: { kind: 'fresh' }, probe: 0 });
  const [first, second] = await Promise.allSettled([start(), start()]);
  expect([first.status, second]).toMatchObject(['fulfilled', { status: 'rejected', reason: { diagnostic: { code: 'training.busy' } } }]);
  expect(await ask('runs.list', {})).toHaveLength(1);
  await ask('training.stop', {});
  await ended;
});

it('a run does not go on with another net, and is left as it was', async () => {
  const { ask } = tried;
  const ended = stopped();
  const { run } = await ask('training.start', { document, config, data, from: { kind: 'fresh' }, probe: 0 });
  await ask('training.stop', {});
  await ended;
  const before = await ask('runs.list', {});
  const other = required(findTemplate('mlp'), 'template').build();
  // What is frozen is computed ahead of the run, from weights that the checkpoint would have to bring.
  const frozen = { ...other, graph: { ...other.graph, nodes: other.graph.nodes.map((n) => (n.name === 'dense 1' ? { ...n, frozen: true } : n)) } };
  for (const net of [other, frozen]) {
    await expect(ask('training.start', { document: net, config, data, from: { kind: 'checkpoint', run }, probe: 0 })).rejects.toMatchObject({ diagnostic: { code: 'training.checkpoint-mismatch' } });
    expect(await ask('runs.list', {})).toEqual(before);
  }
  await ask('runs.delete', { run });
});

it('a run that goes on elsewhere is listed with both devices', async () => {
  const { ask, engine } = tried;
  const sitting = async (from: { kind: 'fresh' } | { kind: 'checkpoint'; run: string }) => {
    const ended = stopped();
    await ask('training.start', { document, config, data, from, probe: 0 });
    await ask('training.stop', {});
    await ended;
    return required((await ask('runs.list', {}))[0], 'run');
  };
  const first = await sitting({ kind: 'fresh' });
  expect(first).toMatchObject({ device: 'cpu', resumable: true });
  expect(first.devices).toBeUndefined();
  // As if it had been another machine's.
  await updateRun(join(engine.workspace.home, 'runs', first.id), { device: 'cuda' });
  expect(await sitting({ kind: 'checkpoint', run: first.id })).toMatchObject({ id: first.id, device: 'cpu', devices: [{ device: 'cuda', epoch: 1 }, { device: 'cpu', epoch: 1 }] });
});
