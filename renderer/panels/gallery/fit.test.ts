/** Templates are offered at the size of the loaded data where they can be made for it. */
import { describe, expect, it } from 'vitest';
import { findTemplate, templates, type Template } from '../../../shared/templates/templates.ts';
import { describeOptions, fitOf, search } from './fit.ts';

const get = (id: string): Template => findTemplate(id) ?? expect.fail(`no template ${id}`);
const data = (shape: readonly number[], classes = 10) => ({ shape: [...shape], classes: Array.from({ length: classes }, (_, i) => `c${i}`) });

describe('the size a template opens at', () => {
  it('is that of the loaded pictures', () => {
    expect(fitOf(get('resnet-18'), data([1, 28, 28], 7))).toEqual({ data: { size: 28, channels: 1, classes: 7 }, reason: null });
    expect(fitOf(get('u-net'), data([3, 32, 32]))).toEqual({ data: { size: 32, channels: 3, classes: 2 }, reason: expect.stringContaining('not trained on it') as string });
  });
  it('is the paper’s where they do not fit, and says why', () => {
    expect(fitOf(get('alexnet'), data([1, 8, 8])).reason).toBe('The loaded pictures are 8×8; this net needs 15×15 or more.');
    expect(fitOf(get('alexnet'), data([3, 32, 48])).data).toBeNull();
    expect(fitOf(get('mlp'), data([13])).reason).toBe('The loaded data has no pictures.');
    expect(fitOf(get('mlp'), null)).toEqual({ data: null, reason: null });
  });
  it('reads as people write it', () => {
    expect(describeOptions(get('vgg-16'), get('vgg-16').defaults)).toBe('224×224×3, 1,000 classes');
    expect(describeOptions(get('autoencoder'), get('autoencoder').defaults)).toBe('28×28×1');
  });
});

describe('the search', () => {
  const ids = (query: string) => search(templates, query).map((t) => t.id);
  it('finds by name with or without hyphens, author, year and subject', () => {
    expect(ids('resnet 50')[0]).toBe('resnet-50');
    expect(ids('resnet-50')[0]).toBe('resnet-50');
    expect(ids('krizhevsky')).toEqual(['alexnet-groups', 'alexnet']);
    expect(ids('2012')).toContain('alexnet-groups');
    expect(ids('segmentation')).toContain('u-net');
    expect(ids('nothing of the kind')).toEqual([]);
  });
  it('shows all for no words', () => expect(ids('  ')).toEqual(templates.map((t) => t.id)));
});
