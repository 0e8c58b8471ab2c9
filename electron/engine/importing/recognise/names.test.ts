/** Names that people gave are kept, names that exporters made are not. */
import { expect, it } from 'vitest';
import { sensible } from './names.ts';

it.each([
  ['layer1.0.conv1.weight', 'layer1.0.conv1'], ['features.3.block.6.fc1.weight', 'features.3.block.6.fc1'], ['/layers/layers.0/mlp/mlp.0/MatMul', 'mlp.0'], ['expanded_conv_project_W', 'expanded_conv_project'],
  ['Conv_12', null], ['node_7', null], ['onnx::MatMul_799', null], ['conv2d_13', null], ['batch_normalization_4', null], ['492', null], ['/Add_2', null], ['', null], ['a name of more letters than anybody wants to read in a box', null],
])('%s', (hint, name) => {
  expect(sensible(hint)).toBe(name);
});
