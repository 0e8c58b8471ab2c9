import { describe, expect, it } from 'vitest';
import { problem } from '../../../shared/diagnostics/diagnostic.ts';
import type { DevicePace } from '../../../shared/protocol/race-requests.ts';
import type { RaceRow } from '../../state/race.ts';
import { epochTime, fastest, leftOut, speed, verdict, winner } from './race-words.ts';

const ran = (device: string, samplesPerSecond: number): RaceRow => ({ device, name: device.toUpperCase(), state: 'done', progress: null, pace: { ok: true, device, samples: 32, steps: 9, stepMs: 32_000 / samplesPerSecond, samplesPerSecond, epochSeconds: 1000 / samplesPerSecond, notes: [], features: null } });
const refused = (device: string): RaceRow => ({ ...ran(device, 1), pace: { ok: false, device, error: problem('engine.precision', { label: 'Precision' }, { device }).diagnostic } });
const skipped = (device: string): RaceRow => ({ ...ran(device, 1), state: 'skipped', pace: null });
const waiting = (device: string): RaceRow => ({ ...ran(device, 1), state: 'waiting', pace: null });

describe('the words of a race', () => {
  it.each([
    [[ran('cpu', 100), ran('gpu', 240)], 'GPU is fastest: 2.4 times as fast as CPU.'],
    [[ran('cpu', 10), ran('gpu', 5), ran('card', 512)], 'CARD is fastest: 51 times as fast as CPU.'],
    [[ran('cpu', 100), ran('gpu', 108)], 'GPU and CPU are about equally fast.'],
    [[ran('cpu', 100), refused('gpu')], 'Only CPU trained this net.'],
    [[ran('cpu', 100)], 'CPU is the only device that can train here.'],
    [[refused('cpu'), waiting('gpu')], null],
    [[ran('cpu', 100), skipped('gpu')], 'Only CPU was timed before the cancel.'],
    [[ran('cpu', 100), ran('gpu', 50), skipped('card')], 'CPU is fastest: 2.0 times as fast as GPU. Not all were timed.'],
  ] as const)('names the outcome %#', (rows, sentence) => {
    expect(verdict(rows)).toBe(sentence);
  });

  it('the fastest is the one with most samples a second, wherever it stands', () => {
    expect([fastest([ran('a', 3), refused('b'), ran('c', 7), ran('d', 5)])?.device, fastest([waiting('a')])]).toEqual(['c', null]);
    expect([winner([ran('a', 3), ran('c', 7)]), winner([ran('a', 3), refused('b')]), winner([])]).toEqual(['c', null, null]);
  });

  it('says what of a training the times leave out', () => {
    const { pace, ...row } = ran('cpu', 100);
    const onFeatures = { ...row, pace: { ...(pace as DevicePace & { ok: true }), features: 'Pool 3' } };
    expect([leftOut([ran('cpu', 100)], false), leftOut([refused('cpu')], false)]).toEqual(['', '']);
    expect(leftOut([refused('gpu'), onFeatures], false)).toBe('As in training, the steps read kept features of the frozen layers up to “Pool 3”. Computing these, once before the first epoch, is not in the times.');
    expect(leftOut([ran('cpu', 100)], true)).toBe('The steps are those of the first epoch; as frozen blocks join, they take longer.');
    expect(leftOut([onFeatures], true).split('. ')).toHaveLength(3);
  });

  it('numbers have the digits that a short timing knows', () => {
    expect([12_345, 999.6, 123.4, 43.21, 0.12345].map(speed)).toEqual(['12,300', '1,000', '123', '43.2', '0.123']);
    expect([0.2, 4.21, 9.96, 42.3, 59.7, 75, 7260].map(epochTime)).toEqual(['under a second', '4.2 s', '10 s', '42 s', '1:00 min', '1:15 min', '2 h 1 min']);
  });
});
