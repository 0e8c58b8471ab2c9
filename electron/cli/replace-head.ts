/** netloom replace-head: a project whose net ends in other layers, ready to be trained on other classes. */
import { resolve } from 'node:path';
import { compile } from '../../shared/compile/compile.ts';
import { headCuts, replaceHead, type HeadCut } from '../../shared/compile/head.ts';
import { problem, render, severityOf } from '../../shared/diagnostics/diagnostic.ts';
import type { DataRef } from '../../shared/protocol/values.ts';
import { formatShape } from '../../shared/shapes/shape.ts';
import { finetuned, finetuneDefaults, finetuneRate } from '../../shared/training/finetune.ts';
import { openDataset } from '../engine/datasets/open.ts';
import { saveProject } from '../engine/projects/project.ts';
import { weightsFor } from '../engine/training/model-state.ts';
import { numberFlag, type ParsedCommand } from './args.ts';
import { open, resources, type Outcome } from './opened.ts';
import { replaceHeadCommand } from './replace-head-words.ts';

const refuse = (expected: string, got: string) => problem('request.usage', { label: 'netloom' }, { expected, got });
const number = (n: number): string => n.toLocaleString('en-US');
const heads = ['linear', 'pool-dropout-dense'] as const;

/** The cut that is meant, by its id or the name people see; null for the proposed one. */
function named(cuts: readonly HeadCut[], word: string | boolean | undefined, option: string): string | null {
  if (word === undefined || word === 'auto') return null;
  const found = cuts.find((c) => c.layer === word) ?? cuts.find((c) => c.name === word);
  if (found) return found.layer;
  const some = cuts.slice(-5).map((c) => c.layer);
  throw refuse(`--${option} as a layer that everything passes through${some.length > 0 ? `, such as ${some.join(', ')}` : ''}`, String(word));
}

/** Pictures come in the size that the net takes. */
const fitted = (data: DataRef, input: readonly number[] | undefined): DataRef => (data.kind === 'pictures' && input?.length === 3 && input[1] === input[2] && (input[0] === 1 || input[0] === 3)
  ? { ...data, side: input[1] as number, colour: input[0] === 1 ? 'grey' : 'rgb' } : data);

/** Throws request.usage for words that do not fit, finetune.* for a net that cannot be cut so, and what opening and saving throw. */
export async function replaceHeadOf(p: ParsedCommand): Promise<Outcome> {
  const { flags } = p;
  const opened = await open(p.words[0] as string, flags);
  const { project } = opened;
  const out = typeof flags.out === 'string' ? resolve(flags.out) : opened.folder;
  if (out === null) throw refuse(`netloom ${replaceHeadCommand.usage}`, 'a template and no --out');
  const given = numberFlag(flags, 'classes', { min: 2, max: 100_000, whole: true });
  const input = compile(project.document).network.layers.find((l) => l.inputs.length === 0)?.shape;
  const data = fitted(opened.data, input);
  const dataset = flags.data === undefined ? null : await openDataset(data, resources());
  const classes = given ?? dataset?.classes.length;
  if (classes === undefined) throw refuse('--data path, whose classes the new head tells apart, or --classes n', 'neither');
  if (dataset && given !== undefined && given !== dataset.classes.length) throw refuse(`--classes ${dataset.classes.length}, as the data has, or none`, String(given));
  const cuts = headCuts(project.document);
  const cut = named(cuts, flags.cut, 'cut');
  const shape = cuts.find((c) => (cut === null ? c.proposed : c.layer === cut))?.shape ?? [];
  const head = flags.head === undefined ? heads[shape.length > 1 ? 1 : 0] : heads.find((h) => h === flags.head);
  if (!head) throw refuse(`--head ${heads.join(' or ')}`, String(flags.head));
  const freeze = flags.freeze === 'none' ? null : flags.freeze === undefined || flags.freeze === 'cut' ? 'cut' : named(cuts, flags.freeze, 'freeze');
  const rate = (name: string) => numberFlag(flags, name, { min: 1e-9, max: 100 });
  const made = replaceHead(project.document, {
    cut, head, classes, freeze, normalise: flags['no-normalise'] !== true, dropout: numberFlag(flags, 'dropout', { min: 0, max: 0.95 }) ?? finetuneDefaults.dropout, trunkRate: rate('trunk-rate') ?? finetuneDefaults.trunkRate, labels: dataset?.classes ?? [],
  });
  const every = numberFlag(flags, 'thaw', { min: 1, max: 100_000, whole: true });
  const training = finetuned(project.training, {
    learningRate: rate('lr') ?? finetuneRate(freeze === 'cut'), headAlone: freeze === 'cut', layerRates: made.layerRates, keepStatistics: flags['train-norms'] !== true,
    unfreezing: every === undefined || freeze === null ? null : { every, rate: finetuneDefaults.blockRate },
  });
  const { network, problems } = compile(made.document, { classes, ...(dataset ? { sampleShape: dataset.shape } : {}) });
  const sentences = problems.map((q) => ({ severity: severityOf(q.diagnostic), sentence: render(q.diagnostic).sentence }));
  await saveProject(out, { document: made.document, training, data, weights: weightsFor(network, project.weights, training.seed).weights });
  const answer = { cut: made.cut, shape, head, classes, labels: dataset?.classes ?? [], freeze: freeze === 'cut' ? made.cut : freeze, parameters: made.parameters, trainable: made.trainable, problems: sentences, savedTo: out };
  const text = [
    `Cut behind ${made.cut} (${formatShape(shape)}); ${head === 'linear' ? 'a dense layer' : 'pool, dropout and a dense layer'} for ${number(classes)} classes.`,
    `${number(made.trainable)} of ${number(made.parameters)} parameters train${answer.freeze === null ? '' : `; frozen up to ${answer.freeze}`}.`,
    ...(project.weights ? [] : ['The net was untrained: what is kept are its seeded first weights.']),
    ...sentences.map((s) => `${s.severity}: ${s.sentence}`), `Saved to ${out}`,
  ].join('\n');
  return { data: answer, text };
}
