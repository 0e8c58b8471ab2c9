/** The modern nets beside what is published of them: parameters to the last one, multiply-adds within 1 %, shapes stage by stage. */
import { describe, expect, it } from 'vitest';
import { compile } from '../compile/compile.ts';
import { mobileTemplates } from './modern-mobile.ts';
import { modernTemplates } from './modern.ts';
import { Sketch } from './build.ts';
import { modernBlocks } from './blocks-modern.ts';

const templates = [...mobileTemplates, ...modernTemplates];

interface Published { readonly parameters: number; readonly macs: number; readonly stages: readonly (readonly [stage: string, ...shape: number[]])[]; readonly source: string }
const published: Readonly<Record<string, Published>> = {
  'mobilenet-v1': { parameters: 4_231_976, macs: 569e6, source: 'keras.applications.MobileNet, trainable; the paper’s table 4', stages: [['stage 1', 64, 112, 112], ['stage 2', 128, 56, 56], ['stage 3', 256, 28, 28], ['stage 4', 512, 14, 14], ['stage 5', 1024, 7, 7]] },
  'mobilenet-v2': { parameters: 3_504_872, macs: 301e6, source: 'torchvision', stages: [['stage 1', 16, 112, 112], ['stage 2', 24, 56, 56], ['stage 3', 32, 28, 28], ['stage 4', 64, 14, 14], ['stage 5', 96, 14, 14], ['stage 6', 160, 7, 7], ['stage 7', 320, 7, 7]] },
  'mobilenet-v3-small': { parameters: 2_542_856, macs: 57e6, source: 'torchvision', stages: [['stage 1', 16, 56, 56], ['stage 2', 24, 28, 28], ['stage 3', 40, 14, 14], ['stage 4', 48, 14, 14], ['stage 5', 96, 7, 7]] },
  'shufflenet-v2': { parameters: 2_278_604, macs: 146e6, source: 'torchvision; the paper’s table 8', stages: [['stage 2', 116, 28, 28], ['stage 3', 232, 14, 14], ['stage 4', 464, 7, 7]] },
  'efficientnet-b0': { parameters: 5_288_548, macs: 386e6, source: 'torchvision', stages: [['stage 1', 16, 112, 112], ['stage 2', 24, 56, 56], ['stage 3', 40, 28, 28], ['stage 4', 80, 14, 14], ['stage 5', 112, 14, 14], ['stage 6', 192, 7, 7], ['stage 7', 320, 7, 7]] },
  'convnext-tiny': { parameters: 28_589_128, macs: 4.456e9, source: 'torchvision', stages: [['stage 1', 96, 56, 56], ['stage 2', 192, 28, 28], ['stage 3', 384, 14, 14], ['stage 4', 768, 7, 7]] },
  'vit-tiny': { parameters: 5_717_416, macs: 1.26e9, source: 'timm, vit_tiny_patch16_224', stages: [['encoder', 192, 197]] },
  'vit-b-16': { parameters: 86_567_656, macs: 17.564e9, source: 'torchvision', stages: [['encoder', 768, 197]] },
};

describe('modern nets at 224×224×3 and 1000 classes', () => {
  it.each(Object.entries(published))('%s', (id, { parameters, macs, stages }) => {
    const { network, problems } = compile((templates.find((t) => t.id === id) ?? expect.fail('no such template')).build());
    const ends = stages.map(([stage]) => [stage, ...(network.layers.findLast((l) => l.name === stage || l.name.startsWith(`${stage} `))?.shape ?? [])]);
    expect({ parameters: network.parameters, ends, problems: problems.map((p) => p.diagnostic), classes: network.layers.at(-1)?.shape }).toEqual({ parameters, ends: stages, problems: [], classes: [1000] });
    expect(Math.abs(network.macs / macs - 1)).toBeLessThan(0.01);
  });

  it('are all here', () => expect(templates.map((t) => t.id).sort()).toEqual(Object.keys(published).sort()));

  it.each(templates)('$id is a function of size, channels and classes', ({ build, smallest }) => {
    for (const [size, channels, classes] of [[32, 1, 7], [smallest, 3, 2], [96, 3, 10]] as const) {
      const { network, problems } = compile(build({ size, channels, classes }));
      expect([problems.map((p) => p.diagnostic), network.layers[0]?.shape, network.layers.at(-1)?.shape]).toEqual([[], [channels, size, size], [classes]]);
    }
  });

  it('MobileNetV2 keeps the form that is usual for 32×32: torchvision’s count without 990 classes', () => {
    expect(compile(templates.find((t) => t.id === 'mobilenet-v2')?.build({ size: 32, classes: 10 }) ?? expect.fail()).network.parameters).toBe(3_504_872 - 990 * 1281);
  });

  it('leave more and more blocks out: EfficientNet’s and ConvNeXt’s rates grow evenly', () => {
    const rates = (id: string) => compile(templates.find((t) => t.id === id)?.build() ?? expect.fail()).network.layers.flatMap((l) => (l.type === 'stochastic-depth' ? [l.params.rate as unknown as number] : []));
    rates('convnext-tiny').forEach((rate, i) => expect(rate).toBeCloseTo((0.1 * i) / 17, 10));
    // The first block of each stage has no shortcut and cannot be left out.
    const efficient = [2, 4, 6, 7, 9, 10, 12, 13, 14].map((block) => (0.2 * block) / 16);
    rates('efficientnet-b0').forEach((rate, i) => expect(rate).toBeCloseTo(efficient[i] as number, 10));
    expect([rates('convnext-tiny').length, rates('efficientnet-b0').length]).toEqual([18, 9]);
  });
});

describe('modern blocks', () => {
  const inputs: Readonly<Record<string, readonly number[]>> = { 'squeeze-excite': [64, 8, 8], convnext: [96, 8, 8], 'shuffle-unit': [116, 8, 8], 'shuffle-down': [24, 8, 8], attention: [192, 17], transformer: [192, 17] };
  it.each(modernBlocks)('$id stands on its own as it leaves the palette', ({ id, build }) => {
    const [channels, height, width] = inputs[id] ?? [24, 8, 8];
    const s = new Sketch();
    const x = s.add('input', width === undefined ? { kind: 'sequence', channels, length: height } : { kind: 'image', channels, height, width }, []);
    s.add('output', { task: 'regression' }, [s.place(build(), x)]);
    const { network, problems } = compile(s.document('block', 'test'));
    expect(problems.map((p) => p.diagnostic)).toEqual([]);
    expect(network.layers.at(-1)?.shape).toEqual({ 'inverted-residual-down': [32, 4, 4], 'shuffle-down': [116, 4, 4] }[id] ?? network.layers[0]?.shape);
    expect(build().block).toBe(id);
  });
});
