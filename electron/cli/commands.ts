/** What each command does: an answer as data, and its words for people. */
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compile } from '../../shared/compile/compile.ts';
import { titleOf, type Network } from '../../shared/compile/network.ts';
import { NetloomError, problem, render, severityOf } from '../../shared/diagnostics/diagnostic.ts';
import type { EventData } from '../../shared/protocol/events.ts';
import type { FeatureState } from '../../shared/protocol/finetune-requests.ts';
import type { Progress } from '../../shared/protocol/values.ts';
import { formatShape } from '../../shared/shapes/shape.ts';
import { templates } from '../../shared/templates/templates.ts';
import { TrainingConfigSchema, type TrainingConfig } from '../../shared/training/config.ts';
import { startRun } from '../engine/handlers/training.ts';
import { insightHandlers } from '../engine/handlers/insight.ts';
import type { Workspace } from '../engine/handlers/workspace.ts';
import { saveProject } from '../engine/projects/project.ts';
import { listRuns } from '../engine/projects/runs.ts';
import { trainingDevices } from '../engine/training/devices.ts';
import { startServer } from '../server/server.ts';
import { numberFlag, type ParsedCommand } from './args.ts';
import { devicesOf } from './devices.ts';
import { exportNet } from './export.ts';
import { hubNets } from './hub.ts';
import { importNet } from './import.ts';
import { open, withEngine, type Outcome } from './opened.ts';
import { predictPicture } from './predict.ts';
import { createProgress, percent, trainedLines } from './progress.ts';
import { replaceHeadOf } from './replace-head.ts';
import { table } from './table.ts';

const number = (n: number): string => n.toLocaleString('en-US');

async function info(p: ParsedCommand): Promise<Outcome> {
  const { project } = await open(p.words[0] as string, p.flags);
  const { network, problems } = compile(project.document);
  const layers = network.layers.map((l) => ({ name: l.name, type: l.type, shape: l.shape.length === 3 ? [l.shape[1], l.shape[2], l.shape[0]] : l.shape, parameters: l.parameters, macs: l.macs, receptiveField: l.receptiveField }));
  const sentences = problems.map((q) => ({ severity: severityOf(q.diagnostic), sentence: render(q.diagnostic).sentence }));
  const rows = [['layer', 'type', 'shape', 'parameters', 'multiply-adds'], ...network.layers.map((l) => [l.name, titleOf(l), formatShape(l.shape), number(l.parameters), number(l.macs)])];
  const text = [network.name, table(rows), `${number(network.parameters)} parameters, ${number(network.macs)} multiply-adds`, ...sentences.map((s) => `${s.severity}: ${s.sentence}`)].join('\n');
  return { data: { name: network.name, parameters: network.parameters, macs: network.macs, layers, problems: sentences }, text };
}

function configOf(base: TrainingConfig, { flags }: ParsedCommand): TrainingConfig {
  const whole = (name: string, min: number, max: number) => numberFlag(flags, name, { min, max, whole: true });
  const changes = { epochs: whole('epochs', 1, 100000), batchSize: whole('batch', 1, 65536), seed: whole('seed', 0, 0xffffffff), learningRate: numberFlag(flags, 'lr', { min: 1e-9, max: 100 }), device: flags.device };
  return TrainingConfigSchema.parse({ ...base, ...Object.fromEntries(Object.entries(changes).filter(([, v]) => v !== undefined)) });
}

/** Before anything is written: a word that names no device, one whose device is not here, and what the device does not train. */
async function requireDevice(w: Workspace, network: Network, config: TrainingConfig, { flags }: ParsedCommand): Promise<void> {
  const ids = ['auto', ...(await trainingDevices()).map((d) => d.id)];
  if (typeof flags.device === 'string' && !ids.includes(flags.device)) throw problem('request.usage', { label: 'netloom' }, { expected: `--device as one of ${ids.join(', ')}`, got: flags.device === '' ? 'nothing' : flags.device });
  await w.device(network, config);
}

async function train(p: ParsedCommand): Promise<Outcome> {
  const opened = await open(p.words[0] as string, p.flags);
  const config = configOf(opened.project.training, p);
  const out = typeof p.flags.out === 'string' ? resolve(p.flags.out) : opened.folder;
  return withEngine({ ...opened, folder: out }, async (w) => {
    const dataset = await w.dataset(opened.data);
    const network = w.network(opened.project.document, dataset);
    await requireDevice(w, network, config, p);
    const resume = p.flags.resume === true ? (await listRuns(w.home)).find((r) => r.resumable)?.id : undefined;
    if (p.flags.resume === true && resume === undefined) throw problem('project.no-checkpoint', { label: p.words[0] as string }, {});
    // The folder becomes a project before the long work, so that a wrong --out is said at once.
    const project = { document: opened.project.document, training: config, data: opened.data, weights: opened.project.weights };
    if (out) await saveProject(out, project);
    const bar = createProgress(process.stderr);
    const began = Date.now();
    let last: Progress | null = null;
    w.onEvent((event, data) => {
      const features: FeatureState | null = event === 'training.features' ? (data as EventData<'training.features'>).features : null;
      if (features) bar.features(features);
      if (event !== 'training.progress') return;
      last = data as Progress;
      bar.show(last);
    });
    const { done, run } = await startRun(w, { network, config, dataset, weights: w.weightsOf(network, config.seed), probe: 0, ...(resume === undefined ? {} : { resume }) });
    let interrupted = false;
    const stop = () => {
      interrupted = true;
      if (w.host.training) w.host.stop();
    };
    process.on('SIGINT', stop);
    const result = await done;
    process.off('SIGINT', stop);
    bar.end();
    if (out) await saveProject(out, { ...project, weights: result.kept });
    if (result.error) throw new NetloomError(result.error);
    const seconds = (Date.now() - began) / 1000;
    const evaluation = await insightHandlers['evaluate.run'](w, { document: project.document, data: opened.data, validationSplit: config.validationSplit, seed: config.seed, loss: config.loss, split: 'validation' });
    const epochs = result.state === 'finished' ? result.progress.epoch : Math.max(0, result.progress.epoch - 1);
    const data = { run, state: result.state, epochs, accuracy: evaluation.accuracy, loss: evaluation.loss, bestAccuracy: result.progress.bestAccuracy, bestEpoch: result.progress.bestEpoch, seconds, device: result.progress.device, savedTo: out };
    const text = [...trainedLines(data), out ? `Saved to ${out}` : 'Nothing was saved: give --out <folder> to keep the weights.'].join('\n');
    return { data, text, ...(interrupted ? { code: 130 } : {}) };
  });
}

async function evaluate(p: ParsedCommand): Promise<Outcome> {
  const opened = await open(p.words[0] as string, p.flags);
  const split = p.flags.split ?? 'validation';
  if (split !== 'train' && split !== 'validation' && split !== 'all') throw problem('request.usage', { label: 'netloom' }, { expected: '--split train, validation or all', got: String(split) });
  const { document, training } = opened.project;
  return withEngine(opened, async (w) => {
    const e = await insightHandlers['evaluate.run'](w, { document, data: opened.data, validationSplit: training.validationSplit, seed: training.seed, loss: training.loss, split });
    const rows = [['class', 'precision', 'recall', 'F1', 'samples'], ...e.perClass.map((c, i) => [e.classes[i] ?? '', percent(c.precision), percent(c.recall), percent(c.f1), number(c.support)])];
    const note = opened.project.weights ? [] : ['The net is untrained: these are its seeded first weights.'];
    return { data: e, text: [`${number(e.samples)} ${split} samples: accuracy ${percent(e.accuracy)}, loss ${e.loss.toFixed(4)}`, table(rows), ...note].join('\n') };
  });
}

async function serve(p: ParsedCommand): Promise<Outcome> {
  const port = numberFlag(p.flags, 'port', { min: 0, max: 65535, whole: true }) ?? 0;
  const server = await startServer({ port, rendererDir: fileURLToPath(new URL('../renderer', import.meta.url)), engineScript: fileURLToPath(new URL('../engine/index.mjs', import.meta.url)) });
  process.stdout.write(`Netloom: ${server.address}\nPress Ctrl+C to stop.\n`);
  await new Promise<void>((done) => {
    process.once('SIGINT', done);
    process.once('SIGTERM', done);
  });
  await server.close();
  return { data: null, text: '' };
}

export const actions: Readonly<Record<ParsedCommand['command'], (p: ParsedCommand) => Promise<Outcome>>> = {
  info, train, evaluate, serve,
  predict: predictPicture,
  hub: hubNets,
  import: importNet,
  'replace-head': replaceHeadOf,
  export: exportNet,
  devices: devicesOf,
  templates: () => Promise.resolve({
    data: templates.map(({ build: _, ...rest }) => rest),
    text: table([['template', 'year', 'size', 'classes', 'what it is'], ...templates.map((t) => [t.id, t.year === null ? '' : String(t.year), `${t.defaults.size}×${t.defaults.size}×${t.defaults.channels}`, t.withoutClasses ? '' : number(t.defaults.classes), t.summary])]),
  }),
};
