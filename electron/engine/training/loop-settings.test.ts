/** What the settings do to a run: its rate, its end and what it leaves. */
import { describe, expect, it } from 'vitest';
import type { CurvePoint } from '../../../shared/protocol/values.ts';
import { Control } from './control.ts';
import type { TrainingEngine } from './engine.ts';
import { runTraining } from './loop.ts';
import type { LoopOptions } from './run-options.ts';
import type { LoopEvent } from './reporter.ts';
import { MemorySink } from './run-sink.ts';
import { toyEngine, type ToyOptions } from './toy-engine.ts';
import { toyOptions } from './toy-problem.ts';

async function play(options: LoopOptions, toy: ToyOptions = {}, control = new Control(), engine: TrainingEngine = toyEngine(toy)) {
  const events: LoopEvent[] = [];
  const sink = new MemorySink();
  const result = await runTraining({ engine, sink }, options, control, (e) => events.push(e));
  return { result, sink, events, points: sink.points };
}
const ratesOf = (points: readonly CurvePoint[]) => points.filter((p) => p.loss !== undefined).map((p) => p.learningRate);
const near = (values: readonly number[]) => values.map((v) => expect.closeTo(v, 8) as number);
/** The last epoch is spoiled by a rate that throws the weights far off. */
const spoilAt = (control: Control, step: number): ToyOptions => ({ beforeStep: (s) => void (s === step && control.setLearningRate(80)) });

describe('a run', () => {
  it('takes its rate from the schedule, seven steps an epoch', async () => {
    const { points } = await play(toyOptions({ schedule: { kind: 'exponential', factor: 0.5 } }));
    expect(ratesOf(points)).toEqual(near([0.5, 0.25, 0.125].flatMap((r) => new Array<number>(7).fill(r))));
  });

  it('counts steps of the optimiser where batches are gathered', async () => {
    const { points } = await play(toyOptions({ epochs: 2, accumulation: 2, warmup: { epochs: 4 / 3.5, from: 0 } }));
    expect(ratesOf(points)).toEqual(near([0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 4, 4, 4, 4].map((n) => n / 8)));
  });

  it('moves a rate that was set by hand along the schedule', async () => {
    const control = new Control();
    const { points } = await play(toyOptions({ epochs: 2, schedule: { kind: 'step', every: 1, factor: 0.1 } }), { beforeStep: (s) => void (s === 3 && control.setLearningRate(0.2)) }, control);
    expect(ratesOf(points)).toEqual(near([0.5, 0.5, 0.5, 0.2, 0.2, 0.2, 0.2, ...new Array<number>(7).fill(0.02)]));
  });

  it('lowers the rate on a plateau of the validation loss', async () => {
    const { points } = await play(toyOptions({ epochs: 4, schedule: { kind: 'plateau', patience: 0, threshold: 0.99, factor: 0.5, cooldown: 0, minimum: 0 } }));
    expect(ratesOf(points).filter((_, i) => i % 7 === 0)).toEqual(near([0.5, 0.5, 0.25, 0.125]));
  });

  it('leaves the weights of its best epoch, or those of its last where that is asked for', async () => {
    for (const keepBest of [true, false]) {
      const control = new Control();
      const { result, sink } = await play(toyOptions({ keepBest }), spoilAt(control, 15), control);
      expect(result.progress.bestEpoch).toBeLessThan(3);
      expect(result.last).not.toEqual(result.best);
      expect(result.best).toEqual(sink.bestWeights);
      expect(result.kept).toEqual(keepBest ? result.best : result.last);
    }
  });

  it('keeps the best of the sitting before', async () => {
    const control = new Control();
    const first = await play(toyOptions({ epochs: 2 }));
    const resume = first.sink.last;
    if (!resume || !first.result.best) throw new Error('no checkpoint');
    control.setLearningRate(80);
    const second = await play(toyOptions({ epochs: 3 }, { resume, best: first.result.best }), {}, control);
    expect(second.result.progress.bestEpoch).toBe(first.result.progress.bestEpoch);
    expect(second.result.kept).toEqual(first.result.best);
  });

  it('stops early, finished, and does not go on when it is resumed', async () => {
    const options = toyOptions({ epochs: 50, earlyStopping: { monitor: 'loss', patience: 2, minDelta: 10 } });
    const { result, sink, points } = await play(options);
    expect(result).toMatchObject({ state: 'finished', progress: { epoch: 3, epochs: 50, step: 7 } });
    expect(points.filter((p) => p.validationLoss !== undefined).length).toBe(3);
    const again = await play({ ...options, ...(sink.last ? { resume: sink.last } : {}) });
    expect(again.points).toEqual([]);
    expect(again.result.state).toBe('finished');
  });

  it('tells the gradient of each layer, not more often than four times a second, and what has no gradient', async () => {
    let time = 0;
    const toy = toyEngine({ beforeStep: () => void (time += 50) });
    const note = { code: 'onnx.no-gradient', place: { label: 'x' }, args: {} } as never;
    const engine: TrainingEngine = {
      open: async (...args) => {
        const session = await toy.open(...args);
        return { ...session, missing: () => [note], step: async (...a) => ({ ...(await session.step(...a)), layerNorms: { layers: ['dense'], norms: Float32Array.of(time) } }) };
      },
    };
    const events: LoopEvent[] = [];
    await runTraining({ engine, sink: new MemorySink(), now: () => time }, toyOptions({ epochs: 10 }), new Control(), (e) => events.push(e));
    const told = events.flatMap((e) => (e.kind === 'gradients' ? [e] : []));
    expect(told.length).toBeGreaterThan(8);
    expect(told.length).toBeLessThanOrEqual((70 * 50) / 250 + 1);
    // Each is the newest when it is told: step n ran at n · 50 ms.
    expect(told.every((e) => e.gradients.norms[0] === e.step * 50)).toBe(true);
    expect(events.filter((e) => e.kind === 'note')).toEqual([{ kind: 'note', note }]);
  });
});
