/** The command line as a process: answers on stdout, sentences on stderr, exit codes. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as ort from 'onnxruntime-node';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { required } from '../../shared/util/assert.ts';
import type { OperatorNode } from '../../shared/graph/document.ts';
import type { Device } from '../../shared/protocol/values.ts';
import { Sketch } from '../../shared/templates/build.ts';
import { tinyNames, tinyNet } from '../engine/importing/tiny-net.harness.ts';
import { decodeModel } from '../engine/onnx-io/model.ts';
import { installPure } from '../engine/tensorflow/installed.harness.ts';
import { helpText, parseCommand } from './args.ts';
import { progressLine, trainedLines } from './progress.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'netloom-cli-'));
// A bundle of its own, so that the test needs no build before it; inside the repository, where the native packages resolve.
const out = join(root, 'out', `test-${process.pid}`);

beforeAll(async () => {
  const { bundles } = (await import(new URL('../../.dev/build.mjs', import.meta.url).href)) as { bundles: { outfile: string }[] };
  const esbuild = await import('esbuild');
  await Promise.all(bundles.filter((b) => /(cli|engine|worker)/.test(b.outfile)).map((b) => esbuild.build({ ...b, outfile: b.outfile.replace(join(root, 'out'), out) })));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
  rmSync(out, { recursive: true, force: true });
});

function netloom(...args: string[]) {
  const r = spawnSync(process.execPath, [join(out, 'cli', 'index.mjs'), ...args], { cwd: folder, encoding: 'utf8', env: { ...process.env, NETLOOM_HOME: join(folder, 'home'), NETLOOM_RESOURCES: join(root, 'resources') } });
  return { code: r.status, out: r.stdout, err: r.stderr };
}
const json = (...args: string[]) => JSON.parse(netloom(...args, '--json').out) as Record<string, unknown>;

describe('netloom', () => {
  it('info counts LeNet-5 as published', () => {
    const info = json('info', 'template:lenet-5');
    expect([info.parameters, info.macs, (info.layers as unknown[]).length]).toEqual([61706, 416520, 10]);
  });

  it('info counts ResNet-18 as published, at its own size and at another', () => {
    expect(json('info', 'template:resnet-18').parameters).toBe(11_689_512);
    const small = json('info', 'template:resnet-18?size=32&channels=3&classes=10');
    expect([small.parameters, (small.layers as { shape: number[] }[])[0]?.shape, small.problems]).toEqual([11_173_962, [32, 32, 3], []]);
  });

  it('trains, saves, evaluates, predicts and exports the same net', async () => {
    const trained = json('train', 'template:lenet-5-digits', '--epochs', '3', '--out', 'net');
    expect(trained.accuracy).toBeGreaterThan(0.8);
    expect(json('evaluate', 'net').accuracy).toBe(trained.accuracy);
    const white = join(folder, 'p.png');
    await sharp({ create: { width: 20, height: 20, channels: 3, background: '#fff' } }).png().toFile(white);
    const { predictions } = json('predict', 'net', white, '--top', '10') as { predictions: { index: number; probability: number }[] };
    const exported = json('export', 'net', '--out', 'net.onnx');
    expect(exported.maxDifference).toBeLessThan(1e-5);
    const session = await ort.InferenceSession.create(join(folder, 'net.onnx'));
    const { output } = await session.run({ input: new ort.Tensor('float32', new Float32Array(64).fill(1), [1, 1, 8, 8]) });
    for (const p of predictions) expect(p.probability).toBeCloseTo((output?.data as Float32Array)[p.index] as number, 5);
    await session.release();
  });

  it.each<[string[], number, RegExp]>([
    [['trian', 'x'], 2, /^netloom: expected one of train, .*, got trian\. netloom --help lists the commands\.\n$/],
    [['train'], 2, /expected netloom train <project>.*, got no <project>\./],
    [['train', 'template:lenet-5-digits', '--epochs', 'many'], 2, /expected --epochs as a whole number from 1 to 100000, got many/],
    [['info', 'template:nothing'], 2, /expected template:<id> with an id of netloom templates, got template:nothing/],
    [['info', 'template:resnet-18?width=3'], 2, /expected template:resnet-18 with size, channels, classes, got width/],
    [['info', 'template:resnet-18?size=4'], 2, /expected size as a whole number from 8 to 4096, got 4/],
    [['info', 'no-such-folder'], 1, /^no-such-folder: expected a folder with a network\.json of Netloom, got nothing at .*\n$/],
    [['train', 'template:lenet-5'], 1, /^input: expected an Input of 8×8×1, as the data set has, got 28×28×1\. .*\n$/],
    [['train', 'template:u-net-small?size=8&channels=1'], 1, /^output: expected one answer for a sample, .*, got 8×8×2\. .*\n$/],
    [['export', 'template:mlp', '--out', 'x.onnx', '--opset', '16'], 2, /expected --opset as a whole number from 17 to 18, got 16/],
    [['export', 'template:mlp'], 2, /expected netloom export <project> --out net\.onnx, got no --out/],
    [['devices', 'all'], 2, /expected netloom devices .*, got all beside it\./],
    [['train', 'template:mlp?size=8&channels=1&classes=10', '--out', 'no-device', '--device', 'tpu'], 2, /expected --device as one of auto, .*cpu.*, tensorflow, got tpu/],
    [['devices', '--seconds', '1'], 2, /expected --race <project> with --seconds, got --seconds alone/],
    [['devices', '--race', 'template:mlp', '--seconds', '0'], 2, /expected --seconds as a number from 0\.01 to 60, got 0/],
  ])('%j is refused in one sentence', (args, code, sentence) => {
    const r = netloom(...args);
    expect([r.code, r.out]).toEqual([code, '']);
    expect(r.err).toMatch(sentence);
    expect(existsSync(join(folder, 'no-device'))).toBe(false);
  });

  it('exports a net that is not the data’s, proved on noise', () => {
    const exported = json('export', 'template:lenet-5', '--out', 'own-size.onnx');
    expect(exported.maxDifference).toBeLessThan(1e-5);
    const { graph, metadata } = decodeModel(readFileSync(join(folder, 'own-size.onnx')));
    expect([graph.inputs[0]?.type.shape.slice(1), metadata.classes]).toEqual([[1, 28, 28], undefined]);
  });

  it('exports in every form at once, with its proof beside', async () => {
    const answer = json('export', 'template:small-resnet?size=8&channels=1', '--out', 'sub/all.onnx', '--external', '--batch', '2', '--fold-batch-norm', '--softmax', '--preprocessing', '--opset', '17', '--card', 'For tests.') as { passed: boolean; files: { name: string; sha256: string }[]; proof: { samples: number; absolute: number } };
    expect([answer.passed, answer.files.map((f) => f.name), answer.proof.samples]).toEqual([true, ['all.onnx', 'all.onnx.data', 'all.verify.json'], 32]);
    expect(readdirSync(join(folder, 'sub')).sort()).toEqual(['all.onnx', 'all.onnx.data', 'all.verify.json']);
    for (const { name, sha256 } of answer.files) expect(createHash('sha256').update(readFileSync(join(folder, 'sub', name))).digest('hex')).toBe(sha256);
    // Whoever has the three files can repeat the proof with any runtime.
    interface Kept { name: string; shape: number[]; data: string }
    const record = JSON.parse(readFileSync(join(folder, 'sub', 'all.verify.json'), 'utf8')) as { passed: boolean; tolerance: number; inputs: Kept[]; outputs: Kept[]; files: unknown[]; options: { opset: number } };
    const numbers = (t: Kept) => new Float32Array(Uint8Array.from(Buffer.from(t.data, 'base64')).buffer);
    const session = await ort.InferenceSession.create(join(folder, 'sub', 'all.onnx'), { logSeverityLevel: 3 });
    const [input, output] = [record.inputs[0] as Kept, record.outputs[0] as Kept];
    const again = (await session.run({ [input.name]: new ort.Tensor('float32', numbers(input), input.shape) }))[output.name];
    await session.release();
    expect([record.passed, record.options.opset, record.files, input.shape]).toEqual([true, 17, answer.files.slice(0, 2), [2, 1, 8, 8]]);
    expect(Math.max(...numbers(input))).toBe(16);
    numbers(output).forEach((v, i) => expect(Math.abs(v - ((again?.data as Float32Array)[i] as number))).toBeLessThan(record.tolerance));
  });

  it('imports a net of another tool, with its class names and what its pictures should be, and predicts as its file does', async () => {
    writeFileSync(join(folder, 'tiny.onnx'), tinyNet());
    const report = json('import', 'tiny.onnx', '--out', 'tiny', '--size', 'height=28', '--size', 'width=28') as { proof: { passed: boolean; real: number }; preprocessing: { values: object }; savedTo: string };
    expect([report.proof.passed, report.proof.real, report.savedTo]).toEqual([true, 2, join(folder, 'tiny')]);
    expect(report.preprocessing.values).toEqual({ order: 'rgb', scale: 1, mean: [0.1307], deviation: [0.3081] });
    expect(netloom('import', 'tiny.onnx', '--out', 'plain', '--no-preprocessing', '--size', 'height=28', '--size', 'width=28').code).toBe(0);
    const grey = join(folder, 'grey.png');
    const pixels = Buffer.from(Array.from({ length: 28 * 28 }, (_, i) => (i * 37) % 256));
    await sharp(pixels, { raw: { width: 28, height: 28, channels: 1 } }).png().toFile(grey);
    const session = await ort.InferenceSession.create(join(folder, 'tiny.onnx'));
    for (const [project, prepare] of [['tiny', (v: number) => (v / 255 - 0.1307) / 0.3081], ['plain', (v: number) => v / 255]] as const) {
      const { scores } = await session.run({ pixels: new ort.Tensor('float32', Float32Array.from(pixels, prepare), [1, 1, 28, 28]) });
      const powers = Array.from(scores?.data as Float32Array, Math.exp);
      const { predictions } = json('predict', project, grey, '--top', '10') as { predictions: { index: number; label: string; probability: number }[] };
      expect(predictions).toHaveLength(10);
      for (const p of predictions) {
        expect(p.probability).toBeCloseTo((powers[p.index] as number) / powers.reduce((a, b) => a + b, 0), 5);
        expect(p.label).toBe(tinyNames[p.index]);
      }
    }
    await session.release();
  });

  it.each<[string[], RegExp]>([
    [['import', 'tiny.onnx'], /expected netloom import <net\.onnx> --out <project>.*, got no --out/],
    [['import', 'tiny.onnx', '--out', 'x', '--size', 'height=28'], /expected --size width=n, as tiny\.onnx leaves axis 3 of its input pixels open, got no such --size/],
    [['import', 'tiny.onnx', '--out', 'x', '--size', 'depth=3', '--size', 'height=28', '--size', 'width=28'], /expected a --size of height, width, got --size depth/],
    [['import', 'tiny.onnx', '--out', 'x', '--size', 'height'], /expected --size name=n with a whole number above 0, got --size height/],
  ])('%j is refused in one sentence, and nothing is written', (args, sentence) => {
    writeFileSync(join(folder, 'tiny.onnx'), tinyNet());
    const r = netloom(...args);
    expect([r.code, r.out, existsSync(join(folder, 'x'))]).toEqual([2, '', false]);
    expect(r.err).toMatch(sentence);
    expect(existsSync(join(folder, 'no-device'))).toBe(false);
  });

  it('replaces a head: what is kept stays, what is new learns the classes it is for', () => {
    netloom('train', 'template:lenet-5-digits', '--epochs', '2', '--out', 'first');
    const made = json('replace-head', 'first', '--data', join(root, 'resources', 'data', 'digits.csv.gz'), '--out', 'second');
    expect(made).toMatchObject({ shape: [64], head: 'linear', classes: 10, parameters: 13706 + 128, trainable: 650 + 128, problems: [] });
    const trained = json('train', 'second', '--epochs', '8', '--lr', '0.01');
    expect(trained.accuracy).toBeGreaterThan(0.8);
    const [before, after] = ['first', 'second'].map((p) => readFileSync(join(folder, p, 'weights', 'model.safetensors')));
    expect(after?.equals(before as Buffer)).toBe(false);
    expect(json('replace-head', 'first', '--classes', '3', '--freeze', 'none', '--head', 'pool-dropout-dense', '--cut', 'pool 2', '--out', 'third')).toMatchObject({ shape: [32, 2, 2], freeze: null, trainable: 4899 + 64, parameters: 4899 + 64 });
    expect(json('replace-head', 'first', '--classes', '3', '--no-normalise', '--out', 'fourth')).toMatchObject({ trainable: 64 * 3 + 3 });
    expect(netloom('replace-head', 'first').err).toMatch(/expected --data path, whose classes the new head tells apart, or --classes n, got neither/);
    expect(netloom('replace-head', 'first', '--classes', '3', '--cut', 'nowhere').err).toMatch(/expected --cut as a layer that everything passes through, such as .*, got nowhere/);
  });

  it('exports the training step, proved over five steps', () => {
    const answer = json('export', 'template:lenet-5-digits', '--out', 'step.onnx', '--training') as { passed: boolean; files: { name: string }[]; proof: { samples: number; relative: number } };
    expect([answer.passed, answer.files.map((f) => f.name), answer.proof.samples % 5]).toEqual([true, ['step.onnx', 'step.safetensors', 'step.verify.json'], 0]);
    expect(answer.proof.relative).toBeLessThan(1e-4);
  });

  it('a failed command leaves no file', () => {
    expect([netloom('export', 'template:blank', '--out', 'x.onnx').code, existsSync(join(folder, 'x.onnx'))]).toEqual([1, false]);
    expect([netloom('export', 'template:mlp', '--out', 'new/x.onnx', '--no-preprocessing').code, existsSync(join(folder, 'new'))]).toEqual([1, false]);
  });

  it('lists pretrained nets, and says what keeps one from being fetched', () => {
    const { builtIn, downloads } = json('hub') as unknown as { builtIn: { id: string }[]; downloads: { card: { id: string }; download: { state: string } }[] };
    expect([builtIn.some((c) => c.id === 'lenet-5-digits'), downloads.length, downloads.every((d) => d.download.state === 'absent')]).toEqual([true, 29, true]);
    const r = netloom('hub', '--get', 'nobody');
    expect([r.code, r.out]).toEqual([1, '']);
    expect(r.err).toMatch(/expected a net of the hub, got nobody/);
  });

  it('races the devices on a project, and says why the others do not run', () => {
    const { fastest, batch, devices } = json('devices', '--race', 'template:lenet-5-digits', '--seconds', '0.1', '--batch', '8') as { fastest: string; batch: number; devices: { id: string; samplesPerSecond: number | null; stepMs: number | null; reason: string | null }[] };
    const ran = devices.filter((d) => d.samplesPerSecond !== null);
    expect([batch, fastest, ran.some((d) => d.id === 'cpu')]).toEqual([8, devices[0]?.id, true]);
    for (const d of ran) expect((d.samplesPerSecond as number) * (d.stepMs as number)).toBeCloseTo(8000, 6);
    for (const d of devices) expect(d.reason === null).toBe(d.samplesPerSecond !== null);
    expect(ran.map((d) => d.samplesPerSecond)).toEqual(ran.map((d) => d.samplesPerSecond).toSorted((a, b) => (b as number) - (a as number)));
    const words = netloom('devices', '--race', 'template:lenet-5-digits', '--seconds', '0.1');
    expect([words.code, words.err]).toEqual([0, expect.stringContaining('Timing ')]);
    expect(words.out).toMatch(/^samples\/s .*\n(.*\n)+Fastest: \w+ \(netloom train template:lenet-5-digits --device \w+\)\n$/);
  });

  it('trains on TensorFlow to the same numbers, and nothing that it prints comes between them', async () => {
    await installPure(join(folder, 'home'));
    const train = (device: string) => json('train', 'template:mlp?size=8&channels=1&classes=10', '--epochs', '1', '--batch', '256', '--device', device);
    const [tensorflow, cpu] = [train('tensorflow'), train('cpu')];
    expect([tensorflow.device, cpu.device]).toEqual(['tensorflow', 'cpu']);
    expect(Math.abs((tensorflow.loss as number) / (cpu.loss as number) - 1)).toBeLessThan(1e-3);
  });

  it('says what a device does not train before anything is written', async () => {
    await installPure(join(folder, 'home'));
    const s = new Sketch();
    const flat = s.add('flatten', {}, [s.add('input', { kind: 'image', height: 8, width: 8, channels: 1 }, [])]);
    s.add('output', {}, [s.add('dense', { units: 10, activation: 'softmax' }, [flat])]);
    const document = s.document('bent', 'test');
    const bend: OperatorNode = { kind: 'operator', id: 'bend', name: 'Bend', op: 'Sinh', domain: '', opset: 18, attributes: {}, operands: [{ port: 'x' }], outputs: ['y'], position: { x: 0, y: 0 } };
    const wires = document.graph.wires.flatMap((w) => (w.from.node === flat ? [{ ...w, to: { node: 'bend', port: 'x' } }, { id: 'bent', from: { node: 'bend', port: 'y' }, to: w.to }] : [w]));
    mkdirSync(join(folder, 'bent'));
    writeFileSync(join(folder, 'bent', 'network.json'), JSON.stringify({ ...document, graph: { nodes: [...document.graph.nodes, bend], wires } }));
    const r = netloom('train', 'bent', '--out', 'not-written', '--epochs', '1', '--device', 'tensorflow');
    expect([r.out, existsSync(join(folder, 'not-written'))]).toEqual(['', false]);
    expect(r.err).toMatch(/Bend: expected a layer that TensorFlow trains, got the operator Sinh\. Train on another device/);
    expect(json('train', 'bent', '--epochs', '1', '--batch', '256', '--device', 'cpu').device).toBe('cpu');
  });

  it('lists templates and devices; helps', () => {
    const lenet = (json('templates') as unknown as { id: string; label: string; year: number; defaults: unknown }[]).find((t) => t.id === 'lenet-5');
    expect([lenet?.label, lenet?.year, lenet?.defaults]).toEqual(['LeNet-5', 1998, { size: 28, channels: 1, classes: 10 }]);
    const devices = json('devices') as unknown as Device[];
    expect(devices.find((d) => d.id === 'cpu')?.available).toBe(true);
    // Its reason, and each command on a line of its own.
    const tensorflow = required(devices.find((d) => d.id === 'tensorflow'), 'TensorFlow');
    const lines = netloom('devices').out.split('\n').map((line) => line.trim());
    expect(lines).toEqual(expect.arrayContaining([tensorflow.detail, ...(tensorflow.commands ?? []).map((c) => c.command)]));
    expect(netloom('--help').out).toBe(helpText());
    expect(parseCommand(['predict', 'a', 'b', '--top', '2'])).toEqual({ command: 'predict', words: ['a', 'b'], flags: { top: '2' } });
  });
});

it('the bar says what a person wants to know', () => {
  const line = progressLine({ run: 'r', state: 'running', epoch: 2, epochs: 4, step: 5, stepsPerEpoch: 10, speed: 1234.4, remaining: 75, device: 'cpu', deviceReason: '', bestAccuracy: 0.981, bestEpoch: 1, error: null }, 8);
  expect(line).toBe('[###-----]  epoch 2/4  1234 img/s  1:15 left  best 98.1 %');
});

it('a run is told by what it came to, and by its best epoch once there is one', () => {
  const trained = { state: 'stopped', epochs: 1, device: 'cpu', seconds: 61, accuracy: 0.5, loss: 0.6931, bestAccuracy: 0.75, bestEpoch: 1 } as const;
  expect(trainedLines(trained)).toEqual(['Stopped after 1 epoch on CPU in 1:01', 'Validation: accuracy 50.0 %, loss 0.6931; best 75.0 % in epoch 1']);
  expect(trainedLines({ ...trained, epochs: 0, bestAccuracy: null, bestEpoch: null })).toEqual(['Stopped after 0 epochs on CPU in 1:01', 'Validation: accuracy 50.0 %, loss 0.6931']);
});
