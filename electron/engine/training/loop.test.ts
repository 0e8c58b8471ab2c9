import { describe, it, expect } from 'vitest';
import { problem } from '../../../shared/diagnostics/diagnostic.ts';
import { createRandom } from '../../../shared/util/random.ts';
import { Control, PAUSE, RUN, STOP } from './control.ts';
import { runTraining } from './loop.ts';
import type { LoopOptions, RunResult } from './run-options.ts';
import type { LoopEvent } from './reporter.ts';
import { MemorySink } from './run-sink.ts';
import { toyEngine, type ToyOptions } from './toy-engine.ts';
import { freshControl, toyOptions } from './toy-problem.ts';

interface Played { result: RunResult; events: LoopEvent[]; losses: number[]; sink: MemorySink; engine: ReturnType<typeof toyEngine> }

async function play(options: LoopOptions, toy: ToyOptions = {}, control: Control = freshControl(), sink = new MemorySink(), now?: () => number, events: LoopEvent[] = []): Promise<Played> {
  const losses: number[] = [];
  const engine = toyEngine(toy);
  const result = await runTraining({ engine, sink, onStep: (_, r) => losses.push(r.loss), ...(now ? { now } : {}) }, options, control, (e) => events.push(e));
  return { result, events, losses, sink, engine };
}

const states = (events: LoopEvent[]): string[] => events.flatMap((e) => (e.kind === 'progress' ? [e.progress.state] : [])).filter((s, i, all) => s !== all[i - 1]);

/** Where a run has held so far. */
const holds = (events: readonly LoopEvent[]): [number, number][] => events.flatMap((e) => (e.kind === 'progress' && e.progress.state === 'paused' ? [[e.progress.epoch, e.progress.step]] : []));
async function held(events: readonly LoopEvent[], times: number): Promise<void> {
  while (holds(events).length < times) await new Promise((r) => setTimeout(r, 5));
}

describe('runTraining', () => {
  it('runs every epoch without the short last batch, validates every sample and learns', async () => {
    const { result, losses, engine, events, sink } = await play(toyOptions());
    expect(losses.length).toBe(3 * 7);
    expect(engine.evaluated).toEqual([10, 10, 5, 10, 10, 5, 10, 10, 5]);
    expect(result.state).toBe('finished');
    expect(result.progress).toMatchObject({ epoch: 3, epochs: 3, step: 7, stepsPerEpoch: 7, state: 'finished' });
    expect(losses[20]).toBeLessThan((losses[0] as number) / 2);
    expect(result.progress.bestAccuracy).toBeGreaterThan(0.8);
    expect(states(events)).toEqual(['preparing', 'running', 'finished']);
    const points = events.flatMap((e) => (e.kind === 'points' ? e.points : []));
    expect(points).toEqual(sink.points);
    // Fewer than 400 steps: every step is a point of its own, and every epoch ends with a validation.
    expect(points.filter((p) => p.loss !== undefined).map((p) => p.loss)).toEqual(losses.map((l) => expect.closeTo(l, 5)));
    expect(points.filter((p) => p.validationLoss !== undefined).map((p) => p.epoch)).toEqual([1, 2, 3]);
  });

  it('keeps a curve of a long run small without losing a step', async () => {
    const { events, losses } = await play(toyOptions({ epochs: 200 }));
    const points = events.flatMap((e) => (e.kind === 'points' ? e.points : [])).filter((p) => p.loss !== undefined);
    expect(losses.length).toBe(1400);
    expect(points.length).toBeLessThan(1000);
    expect(points[points.length - 1]?.step).toBe(1400);
  });

  it('uses a smaller batch when there are fewer training samples', async () => {
    const { losses } = await play(toyOptions({ batchSize: 500 }));
    expect(losses.length).toBe(3);
  });

  it('is the same for the same seed and another for another', async () => {
    const [a, b, c] = [await play(toyOptions()), await play(toyOptions()), await play(toyOptions({ seed: 8 }))];
    expect(b.losses).toEqual(a.losses);
    expect(c.losses).not.toEqual(a.losses);
  });

  it('goes on from a stop anywhere as if it had never stopped', async () => {
    const whole = await play(toyOptions());
    for (const stopAfter of [0, 1, 6, 7, 12, 20]) {
      const control = freshControl();
      if (stopAfter === 0) control.command = STOP;
      const first = await play(toyOptions(), { beforeStep: (s) => void (s === stopAfter && (control.command = STOP)) }, control);
      expect(first.result.state).toBe('stopped');
      expect(first.losses.length).toBe(stopAfter);
      const second = await play(toyOptions({}, { resume: structuredClone(first.sink.last) as NonNullable<typeof first.sink.last> }));
      expect([...first.losses, ...second.losses]).toEqual(whole.losses);
      expect([...first.sink.points, ...second.sink.points]).toEqual(whole.sink.points);
      expect(second.result.last).toEqual(whole.result.last);
      expect(second.result.progress.bestEpoch).toBe(whole.result.progress.bestEpoch);
    }
  });

  it('goes on from a stop in the middle of a validation', async () => {
    const whole = await play(toyOptions());
    const control = freshControl();
    let batches = 0;
    const first = await play(toyOptions(), { beforeEvaluate: () => void (++batches === 5 && (control.command = STOP)) }, control);
    expect(first.losses.length).toBe(14);
    const second = await play(toyOptions({}, { resume: first.sink.last as NonNullable<typeof first.sink.last> }));
    expect([...first.sink.points, ...second.sink.points]).toEqual(whole.sink.points);
  });

  it('keeps its state every so many steps where that is asked', async () => {
    const sink = new MemorySink();
    const steps: number[] = [];
    const write = sink.checkpoint.bind(sink);
    sink.checkpoint = (c) => write(c).finally(() => steps.push(c.position.step));
    await play(toyOptions({ checkpointSteps: 3, epochs: 2 }), {}, freshControl(), sink, () => 0);
    // Seven steps an epoch, whose end is kept too.
    expect(steps).toEqual([3, 6, 7, 10, 13, 14]);
  });

  it('goes on from the last checkpoint when it was killed after it', async () => {
    const whole = await play(toyOptions());
    let time = 0;
    const sink = new MemorySink();
    const kept: NonNullable<typeof sink.last>[] = [];
    const write = sink.checkpoint.bind(sink);
    sink.checkpoint = (c) => write(c).finally(() => kept.push(structuredClone(c)));
    await play(toyOptions({ checkpointSeconds: 2 }), { beforeStep: () => void (time += 1000) }, freshControl(), sink, () => time);
    expect(kept.map((c) => c.position.step)).toEqual([2, 4, 6, 7, 9, 11, 13, 14, 16, 18, 20, 21]);
    for (const resume of kept) {
      const again = await play(toyOptions({}, { resume }));
      expect(again.losses).toEqual(whole.losses.slice(resume.position.step));
    }
  });

  it('pauses and resumes within one step', async () => {
    const control = freshControl();
    const events: LoopEvent[] = [];
    const played = play(toyOptions(), { beforeStep: (s) => void (s === 4 && (control.command = PAUSE)) }, control, new MemorySink(), undefined, events);
    await held(events, 1);
    control.command = RUN;
    const { losses, result } = await played;
    expect(holds(events)).toEqual([[1, 4]]);
    expect(states(events)).toEqual(['preparing', 'running', 'paused', 'running', 'finished']);
    expect(losses).toEqual((await play(toyOptions())).losses);
    expect(result.state).toBe('finished');
  });

  it('goes on by one batch, and to the end of the epoch', async () => {
    const control = freshControl();
    const events: LoopEvent[] = [];
    const seen: number[] = [];
    const played = play(toyOptions(), { beforeStep: (s) => { seen.push(s); if (s === 4) control.command = PAUSE; } }, control, new MemorySink(), undefined, events);
    const stood: number[] = [];
    for (const stride of ['batch', 'epoch', 'epoch', null] as const) {
      await held(events, stood.length + 1);
      // Time enough for what must not happen.
      await new Promise((r) => setTimeout(r, 50));
      stood.push(seen.length);
      control.goOn(stride);
    }
    expect(stood).toEqual([4, 5, 7, 14]);
    expect((await played).losses).toEqual((await play(toyOptions())).losses);
    // It held with the first epoch's validation done.
    expect(holds(events)).toEqual([[1, 4], [1, 5], [2, 0], [3, 0]]);
  });

  it('stops while paused', async () => {
    const control = freshControl();
    const events: LoopEvent[] = [];
    const played = play(toyOptions(), { beforeStep: (s) => void (s === 4 && (control.command = PAUSE)) }, control, new MemorySink(), undefined, events);
    await held(events, 1);
    control.command = STOP;
    const { result, losses } = await played;
    expect(result.state).toBe('stopped');
    expect(losses.length).toBe(4);
  });

  it('takes a new learning rate from the next step and keeps it over a resume', async () => {
    const control = freshControl();
    const first = await play(toyOptions(), { beforeStep: (s) => { if (s === 3) control.setLearningRate(0.25); if (s === 5) control.command = STOP; } }, control);
    expect(first.sink.points.map((p) => p.learningRate)).toEqual([0.5, 0.5, 0.5, 0.25, 0.25]);
    expect(first.sink.last?.position.learningRate).toBe(0.25);
  });

  it('sends maps on credit only, never two for one', async () => {
    const control = freshControl();
    control.probe = 7;
    control.wantMaps();
    control.wantMaps();
    const { events } = await play(toyOptions(), {}, control);
    const frames = events.flatMap((e) => (e.kind === 'maps' ? [e.frame] : []));
    expect(frames.length).toBe(1);
    expect(frames[0]).toMatchObject({ sample: 7, label: 1, step: 0 });
    expect(frames[0]?.layers.map((l) => l.layer)).toEqual(['input', 'dense']);
    expect(frames[0]?.prediction.reduce((a, b) => a + b)).toBeCloseTo(1);
  });

  it('sends no more than ten frames and twenty messages a second', async () => {
    const control = freshControl();
    let time = 0;
    const { events } = await play(toyOptions({ epochs: 100 }), { beforeStep: () => { time += 5; control.wantMaps(); } }, control, new MemorySink(), () => time);
    const seconds = time / 1000;
    expect(events.filter((e) => e.kind === 'maps').length).toBeLessThanOrEqual(10 * seconds + 1);
    expect(events.filter((e) => e.kind === 'maps').length).toBeGreaterThan(5 * seconds);
    const between = events.filter((e) => e.kind === 'points').length - 100;
    expect(between).toBeLessThanOrEqual(20 * seconds);
  });

  it('measures speed over the last second and the time left', async () => {
    let time = 0;
    const { events } = await play(toyOptions({ epochs: 10 }), { beforeStep: () => void (time += 100) }, freshControl(), new MemorySink(), () => time);
    const middle = events.flatMap((e) => (e.kind === 'progress' && e.progress.epoch === 6 && e.progress.step === 3 ? [e.progress] : []))[0];
    expect(middle?.speed).toBeCloseTo(100);
    expect(middle?.remaining).toBeCloseTo((70 - 38) * 0.1);
  });

  it('stops at the last healthy checkpoint and names the layer when numbers overflow', async () => {
    const options = toyOptions({ learningRate: 100 });
    const dataset = { ...options.dataset, values: options.dataset.values.map((v) => v * 1e30) as Float32Array };
    const { result, sink } = await play({ ...options, dataset });
    expect(result.state).toBe('failed');
    expect(result.error).toMatchObject({ code: 'training.not-finite', place: { node: 'dense' } });
    expect(result.last).toEqual(sink.last?.snapshot.weights ?? options.weights);
    expect(sink.runState).toBe('failed');
  });

  it('names the layer whose weights are not finite before a step is taken: an engine may overlook it', async () => {
    const spoiled = Float32Array.from({ length: 12 }, () => createRandom(1).normal());
    spoiled[5] = Infinity;
    let taken = 0;
    const { result } = await play(toyOptions({}, { weights: new Map([['dense.kernel', { shape: [3, 4], data: spoiled }]]) }), { beforeStep: () => void taken++ });
    expect(taken).toBe(0);
    expect(result.error).toMatchObject({ code: 'training.not-finite', place: { node: 'dense' }, args: { what: 'weights', step: 1 } });
  });

  it('fails with the sentence of whoever failed and keeps the weights in memory', async () => {
    const sink = new MemorySink();
    sink.checkpoint = () => Promise.reject(problem('request.invalid', { label: 'disk' }, { expected: 'space', got: 'none' }));
    const { result, losses } = await play(toyOptions(), {}, freshControl(), sink);
    expect(losses.length).toBe(7);
    expect(result).toMatchObject({ state: 'failed', error: { code: 'request.invalid' } });
    expect(result.last.get('dense.kernel')?.data.some((v) => v !== 0)).toBe(true);
  });

  it('refuses an empty training set in words', async () => {
    const { result } = await play(toyOptions({}, { split: { train: new Int32Array(), validation: Int32Array.of(1) } }));
    expect(result.error?.code).toBe('training.no-samples');
  });
});
