import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRun, readCheckpoint, readCurve, readRun } from '../projects/runs.ts';
import { checkpointOf, openFileSink } from './file-sink.ts';
import type { Checkpoint } from './run-sink.ts';

let home: string;
beforeAll(async () => { home = await mkdtemp(join(tmpdir(), 'netloom-test-')); });
afterAll(() => rm(home, { recursive: true, force: true }));

const newRun = (id: string) => createRun(home, { id, name: 'n', started: '', state: 'preparing', epochs: 1, bestAccuracy: null, finalLoss: null, seconds: 0, parameters: 0, device: 'cpu', settings: {} });
const tensor = (...values: number[]) => ({ shape: [values.length], data: Float32Array.from(values) });
const position: Checkpoint['position'] = { epoch: 1, stepInEpoch: 2, step: 9, learningRate: 0.1, bestAccuracy: 0.3, bestEpoch: 1, window: { loss: 1 / 3, correct: 4, samples: 8, steps: 1 }, seconds: 1.5, plateau: { factor: 0.1, best: 1 / 7, bad: 2, cooldown: 1 }, stopping: { best: -1 / 3, bad: 4 } };

describe('a run’s folder', () => {
  it('gives a checkpoint back to the bit', async () => {
    const folder = await newRun('a');
    // A weight and a state of one name must not meet.
    const checkpoint: Checkpoint = { snapshot: { weights: new Map([['x', tensor(1 / 3, -0)]]), state: new Map([['x', tensor(7)]]), step: 9 }, position };
    await openFileSink(folder).checkpoint(checkpoint);
    const { tensors, position: place } = await readCheckpoint(folder);
    expect(checkpointOf(tensors, place)).toEqual(checkpoint);
    expect(() => checkpointOf(tensors, { step: 1 })).toThrow(/place in the run/);
  });

  it('keeps each point once when a killed run goes on from an earlier checkpoint', async () => {
    const folder = await newRun('b');
    const sink = openFileSink(folder);
    await sink.metrics([1, 2, 3, 4].map((step) => ({ step, epoch: step / 2, loss: step })));
    await sink.metrics([{ step: 4, epoch: 2, validationLoss: 1 }]);
    await sink.metrics([{ step: 3, epoch: 1.5, loss: 30 }, { step: 4, epoch: 2, loss: 40 }, { step: 4, epoch: 2, validationLoss: 10 }]);
    expect((await readCurve(folder)).map((p) => p.loss ?? p.validationLoss)).toEqual([1, 2, 30, 40, 10]);
    await sink.state('stopped', position);
    expect(await readRun(folder)).toMatchObject({ state: 'stopped', bestAccuracy: 0.3, finalLoss: 40, seconds: 1.5 });
  });
});
