/** Preprocessing that went out inside a file comes in as the layer that it was. */
import { expect, it } from 'vitest';
import { compile } from '../../../shared/compile/compile.ts';
import { preprocessingOf, withPreprocessing } from '../../../shared/compile/preprocessing.ts';
import { initialWeights } from '../../../shared/compile/weights.ts';
import type { Preprocessing } from '../../../shared/protocol/import-requests.ts';
import { findTemplate } from '../../../shared/templates/templates.ts';
import { ExportOptionsSchema } from '../../../shared/protocol/export-requests.ts';
import { required } from '../../../shared/util/assert.ts';
import { exportOnnx } from '../onnx-io/export.ts';
import { decodeSource } from '../onnx-io/read.ts';
import { drawModel } from './import.ts';
import { compareWithFile } from './proof.ts';

const imageNet: Preprocessing = { order: 'rgb', scale: 1, mean: [0.485, 0.456, 0.406], deviation: [0.229, 0.224, 0.225] };
const caffe: Preprocessing = { order: 'bgr', scale: 255, mean: [103.94, 116.78, 123.68], deviation: [1] };

it.each([['torchvision', imageNet], ['Caffe', caffe]] as const)('%s', async (_name, values) => {
  const document = withPreprocessing(required(findTemplate('tiny-cnn-32'), 'template').build({ size: 32, channels: 3, classes: 10 }), values);
  const { network } = compile(document);
  const weights = initialWeights(network, 1);
  const file = (input: 'unit' | 'stored' | 'prepared') => exportOnnx(network, weights, { classes: [], maximum: 255 }, ExportOptionsSchema.parse({ input }));

  const inside = file('unit');
  const unit = await drawModel(decodeSource(inside, 'unit.onnx'));
  expect([preprocessingOf(unit.document), unit.report.preprocessing?.values, unit.report.operators]).toEqual([values, values, []]);
  expect(withPreprocessing(unit.document, unit.report.preprocessing?.values ?? null)).toEqual(unit.document);
  expect((await compareWithFile(inside, unit.subject)).relative).toBeLessThan(1e-6);

  // A file that takes bytes divides them first: with what brings 0…1 to bytes before it, that is what it was.
  const stored = await drawModel(decodeSource(file('stored'), 'stored.onnx'));
  expect(stored.report.operators).toEqual([]);
  const again = preprocessingOf(withPreprocessing(stored.document, stored.report.preprocessing?.values ?? null));
  expect(again).toEqual(values);

  // What was left out of the file is told by its metadata.
  const prepared = await drawModel(decodeSource(file('prepared'), 'prepared.onnx'));
  expect([preprocessingOf(prepared.document), prepared.report.preprocessing?.values]).toEqual([null, values]);
});
