/** Formulas of fields as text and back. */
import { describe, expect, it } from 'vitest';
import { layerSpec } from '../../shared/layers/table.ts';
import { formulaText, formulaValue, isFormula, takesFormula } from './formulas.ts';

const { filters, kernel, edges, bias, padding } = layerSpec('conv2d').fields as Record<string, never>;

describe('formulas of fields', () => {
  it('equal parts are one text, others stand one after another', () => {
    expect(['=a', ['=a', '=a'], ['=a', 3], [1, 2], true].map(formulaText)).toEqual(['a', 'a', 'a, 3', '1, 2', '1']);
  });
  it('one text stands for all parts; commas inside a function part nothing', () => {
    expect(formulaValue(filters as never, 'max(a, 2) * 2')).toEqual({ value: '=max(a, 2) * 2' });
    expect(formulaValue(kernel as never, 'a')).toEqual({ value: ['=a', '=a'] });
    expect(formulaValue(kernel as never, 'min(a, 3), =b')).toEqual({ value: ['=min(a, 3)', '=b'] });
    expect(formulaValue(edges as never, '1, 2')).toEqual({ wrong: 'Expected one formula, or 4 with commas between.' });
    expect(formulaValue(filters as never, '2 *')).toEqual({ wrong: 'Expected a number or a name at character 4, got the end.' });
  });
  it('are known where only a part is one; choices take none', () => {
    expect([isFormula([1, '=a']), isFormula([1, 2]), isFormula('same'), takesFormula(bias as never), takesFormula(padding as never)]).toEqual([true, false, false, true, false]);
  });
});
