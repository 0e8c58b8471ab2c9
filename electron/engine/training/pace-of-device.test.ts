import { describe, expect, it } from 'vitest';
import { diagnostic, problem, type Diagnostic } from '../../../shared/diagnostics/diagnostic.ts';
import type { TrainingConfig } from '../../../shared/training/config.ts';
import { epochOrder } from './batches.ts';
import type { Batch, TrainingEngine } from './engine.ts';
import { PaceControl, paceOfDevice, type PaceOptions } from './pace-of-device.ts';
import { toyEngine } from './toy-engine.ts';
import { toyOptions } from './toy-problem.ts';

/** The toy's steps take what `costs` says in milliseconds, in turn and then the last again, on a clock that nothing else moves. */
function race(costs: readonly number[], change: Partial<TrainingConfig> = {}, beforeStep: (step: number, control: PaceControl) => void = () => undefined, seconds = 2, notes?: readonly Diagnostic[]) {
  const { network, config, dataset, split, weights } = toyOptions({ featureCache: false, ...change });
  const control = new PaceControl();
  const log = { batches: [] as Batch[], rates: [] as number[], opened: [] as TrainingConfig[], disposed: 0 };
  let clock = 500;
  const toy = toyEngine({ beforeStep: (step) => { clock += costs[Math.min(step, costs.length) - 1] ?? 0; beforeStep(step, control); } });
  const engine: TrainingEngine = {
    open: async (...given) => {
      log.opened.push(given[1]);
      const session = await toy.open(...given);
      return {
        ...session,
        ...(notes ? { missing: () => notes } : {}),
        step: (batch, rate) => {
          log.batches.push(batch);
          log.rates.push(rate);
          return session.step(batch, rate);
        },
        dispose: () => {
          log.disposed++;
          return session.dispose();
        },
      };
    },
  };
  const options: PaceOptions = { network, config, weights, dataset, split, seconds, control: control.words };
  return { answer: paceOfDevice(engine, options, () => clock), log, control, options, toy };
}

describe('paceOfDevice', () => {
  it('leaves the first step out, goes on until the seconds are over, and answers the median', async () => {
    // After the warm-up 100, 300, 900 and 800 ms: the fourth passes two seconds.
    const { answer, log, control } = race([5000, 100, 300, 900, 800, 1]);
    expect(await answer).toEqual({ samples: 10, steps: 4, stepMs: 550, notes: [], features: null });
    expect([log.batches.length, log.disposed]).toEqual([5, 1]);
    expect([control.phase, control.timed]).toEqual(['timing', { steps: 4, ms: 2100 }]);
  });

  it('takes the middle of an odd number of steps', async () => {
    expect(await race([0, 700, 600, 800]).answer).toEqual({ samples: 10, steps: 3, stepMs: 700, notes: [], features: null });
  });

  it('counts one step that takes longer than all the time, and takes another after one that does not', async () => {
    expect(await race([9, 7000]).answer).toEqual({ samples: 10, steps: 1, stepMs: 7000, notes: [], features: null });
    expect(await race([9, 1900, 1700]).answer).toEqual({ samples: 10, steps: 2, stepMs: 1800, notes: [], features: null });
  });

  it('feeds the batches of the first epoch in their order, from the beginning again where they end', async () => {
    const { answer, log, options } = race([0, 200]);
    await answer;
    const order = epochOrder(options.split.train, options.config.seed, 0);
    // 75 samples are seven batches of ten; eleven steps are fed.
    expect(log.batches.map((b) => [...(b.samples as Int32Array)])).toEqual(Array.from({ length: 11 }, (_, k) => [...order.subarray((k % 7) * 10, (k % 7) * 10 + 10)]));
    expect(new Set(log.rates)).toEqual(new Set([options.config.learningRate]));
  });

  it('with accumulation times whole steps of the optimiser', async () => {
    // Batches of 100, 100 and 400 ms: a step takes 600, whichever of them it begins with.
    const { answer, log } = race([100, 100, 400, 100, 100, 400, 100, 100, 400, 100, 100, 400, 100, 100, 400], { accumulation: 3 });
    expect(await answer).toEqual({ samples: 30, steps: 4, stepMs: 600, notes: [], features: null });
    expect(log.batches).toHaveLength(15);
  });

  it('takes batches no larger than the training set, and counts class weights out', async () => {
    const { answer, log } = race([0, 2000], { batchSize: 512, loss: { kind: 'cross-entropy', labelSmoothing: 0, classWeights: 'balanced' } });
    expect(await answer).toMatchObject({ samples: 75 });
    expect(log.opened).toMatchObject([{ batchSize: 75, loss: { classWeights: [1, 1, 1] } }]);
  });

  it('brings what the session has to say of the net', async () => {
    const note = diagnostic('engine.cpu-fallback', { label: 'webgpu' }, { device: 'webgpu', ops: ['NonZero'] });
    const { answer } = race([0, 2000], {}, undefined, 2, [note]);
    expect(await answer).toMatchObject({ notes: [note] });
  });

  it('leaves the weights it was given as they were', async () => {
    const { answer, options, toy } = race([0, 100]);
    await answer;
    expect(toy.steps).toBe(21);
    expect([...(options.weights.get('dense.kernel')?.data ?? [])]).toEqual(new Array(12).fill(0));
  });

  it('ends within a batch when it is cancelled, in the warm-up and later, and frees the session', async () => {
    for (const at of [1, 4]) {
      const { answer, log } = race([0, 100], {}, (step, control) => { if (step === at) control.cancel(); });
      expect(await answer).toBeNull();
      expect([log.batches.length, log.disposed]).toEqual([at, 1]);
    }
    const gathering = race([0, 100], { accumulation: 4 }, (step, control) => { if (step === 6) control.cancel(); });
    expect(await gathering.answer).toBeNull();
    expect([gathering.log.batches.length, gathering.log.disposed]).toEqual([6, 1]);
  });

  it('opens nothing when it was cancelled before its turn', async () => {
    const control = new PaceControl();
    control.cancel();
    const { network, config, dataset, split, weights } = toyOptions({ featureCache: false });
    const engine: TrainingEngine = { open: () => Promise.reject(new Error('opened')) };
    expect(await paceOfDevice(engine, { network, config, weights, dataset, split, seconds: 2, control: control.words })).toBeNull();
  });

  it('frees the session of a device that gives out, and says what it said', async () => {
    const full = problem('engine.out-of-memory', { label: 'GPU' }, { device: 'GPU', reason: 'full' });
    const { answer, log } = race([0, 100], {}, (step) => { if (step === 3) throw full; });
    await expect(answer).rejects.toBe(full);
    expect(log.disposed).toBe(1);
  });
});
