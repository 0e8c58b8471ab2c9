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

it('a run that goes on elsewhere is listed with both devices', async () => {
  const { ask, engine } = tried;
  const document = required(findTemplate('lenet-5-digits'), 'template').build();
  const config = TrainingConfigSchema.parse({ batchSize: 64, epochs: 500, device: 'cpu' });
  const sitting = async (from: { kind: 'fresh' } | { kind: 'checkpoint'; run: string }) => {
    // The last it writes of a run comes before this word of it.
    const ended = new Promise<void>((resolve) => {
      const off = engine.onEvent((m) => {
        if (m.kind !== 'event' || m.event !== 'log' || !JSON.stringify(m.data).includes('Run stopped')) return;
        off();
        resolve();
      });
    });
    await ask('training.start', { document, config, data: { kind: 'builtin', id: 'digits' }, from, probe: 0 });
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
