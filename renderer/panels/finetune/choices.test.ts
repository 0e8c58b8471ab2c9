import { describe, expect, it } from 'vitest';
import { findTemplate } from '../../../shared/templates/templates.ts';
import type { Document } from '../../../shared/graph/document.ts';
import { compile } from '../../../shared/compile/compile.ts';
import { defaultTrainingConfig } from '../../../shared/training/config.ts';
import { configOf, firstChoices, freezeChoices, headCuts, headOf, withCut, withFrozen, type Choices } from './choices.ts';

const net = (findTemplate('lenet-5-digits') as { build(): Document }).build();
const cuts = headCuts(net);
const first = firstChoices(cuts) as Choices;
const classes = ['a', 'b', 'c'];

describe('the dialog’s choices', () => {
  it('begin with the proposed cut, all that is kept frozen, and a head that fits it', () => {
    expect(cuts.find((c) => c.layer === first.cut)?.proposed).toBe(true);
    expect([first.head, first.freeze]).toEqual(['linear', 'cut']);
    expect(firstChoices(cuts.filter((c) => c.shape.length > 1))?.head).toBe('pool-dropout-dense');
    expect(firstChoices([])).toBe(null);
  });

  it('give a net that compiles for the data’s classes, and settings that go with it', () => {
    const head = headOf(net, { ...first, freeze: cuts[0]?.layer ?? '' }, classes);
    expect(compile(head.document, { classes: 3 }).problems).toEqual([]);
    const base = { ...defaultTrainingConfig(), epochs: 7, batchSize: 5 };
    const config = configOf(base, { ...first, freeze: cuts[0]?.layer ?? '', trunkRate: 0.2, learningRate: 0.003, every: 4 }, head);
    expect(config).toMatchObject({ epochs: 7, batchSize: 5, learningRate: 0.003, keepStatistics: true, layerRates: head.layerRates, unfreezing: { every: 4 } });
    expect(configOf(base, { ...first, freeze: null, every: 4 }, head).unfreezing).toBe(null);
  });

  it('take a smaller rate once learned layers train too, unless somebody has set one', () => {
    const all = withFrozen(first, null);
    expect(all.learningRate).toBeLessThan(first.learningRate);
    expect(withFrozen(all, 'cut').learningRate).toBe(first.learningRate);
    expect(withFrozen({ ...first, learningRate: 0.123 }, null)).toMatchObject({ freeze: null, learningRate: 0.123 });
  });

  it('freeze only what the cut keeps', () => {
    const [early, late] = [cuts[1]?.layer ?? '', cuts[4]?.layer ?? ''];
    expect(freezeChoices(cuts, late).map((c) => c.layer)).toEqual(cuts.slice(0, 4).map((c) => c.layer));
    expect(withCut({ ...first, freeze: late }, cuts, early)).toMatchObject({ cut: early, freeze: 'cut' });
    expect(withCut({ ...first, freeze: early }, cuts, late)).toMatchObject({ cut: late, freeze: early });
    expect(withCut({ ...first, freeze: null }, cuts, early).freeze).toBe(null);
  });
});
