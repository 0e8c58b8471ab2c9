/** The report says its numbers as people do. */
import { expect, it } from 'vitest';
import type { ImportProof, ImportReport } from '../../../shared/protocol/import-requests.ts';
import { difference, power, samplesText, shapeText, trainableText } from './report-words.ts';

const proof = (more: Partial<ImportProof>): ImportProof => ({ absolute: 2e-6, relative: 3.14e-7, tolerance: 1e-4, passed: true, random: 3, real: 2, error: null, ...more });
const report = (parameters: number, trainable: number, ...why: (string | null)[]): ImportReport => ({
  file: '', size: 0, producer: '', producerVersion: '', irVersion: 8, opset: 18, nodes: 0, folded: 0, layers: [], groups: [], operators: why.map((w, i) => ({ op: `Op${i}`, domain: '', count: 1, why: w })),
  parameters, trainable, weightBytes: 0, widened: null, inputs: [], outputs: [], preprocessing: null, labels: null, notes: [], proof: null,
});

it('writes powers and shapes', () => {
  expect([power(3.14e-7), power(0), power(12000), shapeText([-1, 3, 224, 224]), shapeText([])]).toEqual(['3.1 × 10⁻⁷', '0', '1.2 × 10⁴', '[N, 3, 224, 224]', '[]']);
});

it('tells how far the two nets are apart, and on what they were tried', () => {
  expect(difference(proof({}))).toEqual({ title: 'It answers as its file does.', detail: 'Largest difference: 3.1 × 10⁻⁷ of the largest answer, 2.0 × 10⁻⁶ as it is; up to 1.0 × 10⁻⁴ is rounding.' });
  expect(difference(proof({ absolute: 0, relative: 0 })).detail).toBe('Not a bit differs.');
  expect(difference(proof({ passed: false, relative: null })).title).toBe('It does not answer as its file does.');
  expect([samplesText(proof({})), samplesText(proof({ random: 1, real: 0 })), samplesText(proof({ random: 0, real: 0 }))]).toEqual(['Tried on 3 samples of noise and 2 photographs.', 'Tried on one sample of noise.', '']);
});

it('tells what can learn and what keeps the rest from it', () => {
  expect([trainableText(report(0, 0)), trainableText(report(500, 500)), trainableText(report(500, 480))]).toEqual(['The net has no parameters.', 'All 500 parameters.', '480 of 500 parameters; the rest is statistics and constants, which training does not move.']);
  expect(trainableText(report(500, 0, null, 'no rule'))).toBe('None of its 500 parameters: what lies before Op1 stays as it is.');
});
