/** The reference nets have as many parameters as their papers, Keras or PyTorch count. */
import { describe, expect, it } from 'vitest';
import { compile } from '../compile/compile.ts';
import { findTemplate, templates } from './templates.ts';

const counts: Readonly<Record<string, readonly [parameters: number, classes: number, source: string]>> = {
  'lenet-5': [61_706, 10, 'LeCun et al. (1998) with full connections: 156 + 2416 + 48 120 + 10 164 + 850'],
  'mnist-cnn': [1_199_882, 10, 'model.summary() of Keras’ mnist_cnn.py'],
  'vgg-small': [2_196_810, 10, 'the same layers in PyTorch'],
  'vgg-11': [9_228_362, 10, 'the same layers in PyTorch; 2752 fewer than with biases before the norms'],
  'resnet-18': [11_173_962, 10, 'kuangliu/pytorch-cifar'],
  'densenet-bc': [769_162, 10, 'the same layers in PyTorch; 0.8 million in the paper’s table 2'],
  'mobilenet-v2': [2_236_682, 10, 'torchvision: 3 504 872 for 1000 classes, of which 1280·990 + 990 fewer'],
  'u-net': [467_202, 2, 'the same layers in PyTorch'],
};

describe('reference nets', () => {
  it.each(Object.entries(counts))('%s: %o', (id, [parameters, classes]) => {
    const compiled = compile(findTemplate(id)?.build() ?? expect.fail('no such template'));
    expect({ parameters: compiled.network.parameters, classes: compiled.network.layers.at(-1)?.shape[0], problems: compiled.problems.map((p) => p.diagnostic.code) }).toEqual({ parameters, classes, problems: [] });
  });

  it('say what they are, each under its own name', () => {
    for (const key of ['id', 'label', 'description'] as const) expect(new Set(templates.map((t) => t[key])).size).toBe(templates.length);
    for (const t of templates) expect(t.build().origin).toBe(`template:${t.id}`);
  });
});
