import { describe, expect, it } from 'vitest';
import type { PretrainedCard } from '../../../shared/protocol/hub-requests.ts';
import { entriesOf, found, isHere, preprocessingText } from './entries.ts';

const card = (id: string, change: Partial<PretrainedCard>): PretrainedCard => ({ id, title: id, task: 'classification', data: 'ImageNet', classes: 1000, top1: null, top5: null, bytes: 1, input: [224, 224, 3], preprocessing: null, licence: 'MIT', source: '', year: null, ...change });
const rest = (id: string) => ({ id, state: 'absent' as const, received: 0, speed: null, remaining: null, error: null });
const entries = entriesOf([card('a', { bytes: 30, top1: 0.5, year: 2012 })], [], [card('b', { bytes: 10, top1: 0.7, source: 'K. He' }), card('c', { bytes: 20, year: 2018, data: 'COCO' })].map((c) => ({ card: { ...c, address: 'https://x/y.onnx' }, download: rest(c.id) })));
const ids = (query: string, order: Parameters<typeof found>[2]) => found(entries, query, order).map((e) => e.id).join('');

describe('the list of the hub', () => {
  it('is searched by every word and sorted; what nobody knows comes last', () => {
    expect([ids('', 'name'), ids('', 'size'), ids('', 'accuracy'), ids('', 'year')]).toEqual(['abc', 'bca', 'bac', 'cab']);
    expect([ids('imagenet', 'name'), ids('imagenet HE', 'name'), ids('coco', 'name'), ids('nothing', 'name')]).toEqual(['ab', 'b', 'c', '']);
  });

  it('opens what is here', () => {
    expect(entries.map(isHere)).toEqual([true, false, false]);
    expect(entriesOf([], [], [{ card: { ...card('d', {}), address: '' }, download: { ...rest('d'), state: 'stored' } }]).map(isHere)).toEqual([true]);
  });

  it('says preprocessing as a formula', () => {
    expect(preprocessingText({ order: 'rgb', scale: 255, mean: [127.5], deviation: [127.5] })).toBe('RGB, (x · 255 − 127.5) ÷ 127.5');
    expect(preprocessingText({ order: 'bgr', scale: 255, mean: [1, 2, 3], deviation: [1] })).toBe('BGR, x · 255 − [1, 2, 3]');
    expect(preprocessingText({ order: 'rgb', scale: 255, mean: [0], deviation: [1] })).toBe('RGB, x · 255');
  });
});
