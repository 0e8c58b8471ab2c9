/** What the dialog says of the files before they are written. */
import { describe, expect, it } from 'vitest';
import { ExportOptionsSchema, type ExportPlan } from '../../../shared/protocol/export-requests.ts';
import { fileStem, filesOf, inputLines, outputLines, progressOf, stageWords } from './export-words.ts';

const plan: ExportPlan = {
  inputs: [{ name: 'input', element: 'float32', shape: [3, 224, 224], batched: true, classes: false, scores: false }],
  outputs: [{ name: 'output', element: 'float32', shape: [1000], batched: true, classes: true, scores: true }, { name: 'output_2', element: 'int64', shape: [4], batched: false, classes: false, scores: false }],
  weights: 1_000_000, constants: 400, operators: 10, batchNorms: 2, prepares: true, maximum: 255, trained: true,
};
const options = (change: Record<string, unknown>) => ExportOptionsSchema.parse(change);

describe('the words of an export', () => {
  it('tell what goes in and comes out', () => {
    expect(inputLines(plan, options({}))).toEqual([{ name: 'input', type: 'float32 [N, 3, 224, 224]', meaning: 'values from 0 to 1' }]);
    expect(inputLines(plan, options({ batch: 8, input: 'stored' }))).toEqual([{ name: 'input', type: 'float32 [8, 3, 224, 224]', meaning: 'values from 0 to 255' }]);
    expect(outputLines(plan, options({ softmax: true }))).toEqual([{ name: 'output', type: 'float32 [N, 1000]', meaning: 'probabilities' }, { name: 'output_2', type: 'int64 [4]', meaning: '' }]);
  });

  it('tell the files, the weights where they lie', () => {
    expect(filesOf(plan, options({}), 'net.onnx')).toEqual([{ name: 'net.onnx', size: 1_002_000 }, { name: 'net.verify.json', size: null }]);
    expect(filesOf(plan, options({ weights: 'beside' }), 'net.onnx').map((f) => [f.name, f.size])).toEqual([['net.onnx', 2000], ['net.onnx.data', 1_000_000], ['net.verify.json', null]]);
  });

  it('tell how far it is, and never go back', () => {
    expect(stageWords({ stage: 'proving', done: 3, total: 32 }, 'net')).toBe('Comparing it with the net here: 3 of 32 samples');
    const along = (['building', 'writing', 'proving'] as const).map((stage) => progressOf({ stage, done: 0, total: 5 }));
    expect(along).toEqual([...along].sort((a, b) => a - b));
    expect(progressOf({ stage: 'proving', done: 5, total: 5 })).toBe(100);
  });

  it('name files that any system takes', () => expect([fileStem('LeNet-5 / digits'), fileStem('')]).toEqual(['LeNet-5-digits', 'network']));
});
