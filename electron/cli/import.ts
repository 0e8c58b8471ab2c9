/** netloom import: a project of somebody else's net, its report, and whether both answer the same. */
import { basename, resolve } from 'node:path';
import { withPreprocessing } from '../../shared/compile/preprocessing.ts';
import { problem } from '../../shared/diagnostics/diagnostic.ts';
import { isLayerType, layerSpec } from '../../shared/layers/table.ts';
import type { ImportReport } from '../../shared/protocol/import-requests.ts';
import { TrainingConfigSchema } from '../../shared/training/config.ts';
import { inspectOnnx } from '../engine/importing/import.ts';
import { drawFile, proofOf } from '../engine/handlers/import.ts';
import { saveProject } from '../engine/projects/project.ts';
import type { ParsedCommand } from './args.ts';
import { withEngine, type Outcome } from './opened.ts';
import { importCommand } from './import-words.ts';

/** Exit code of an import whose net does not answer as its file does. */
const DIFFERS = 3;

const usage = (expected: string, got: string) => problem('request.usage', { label: 'netloom' }, { expected, got });
const number = (n: number): string => n.toLocaleString('en-US');

/** "height=224" each, as sizes by name. */
function sizesOf(given: unknown): Record<string, number> {
  const texts = Array.isArray(given) ? (given as string[]) : [];
  return Object.fromEntries(texts.map((text) => {
    const at = text.lastIndexOf('=');
    const size = Number(text.slice(at + 1));
    if (at < 1 || !Number.isInteger(size) || size < 1) throw usage('--size name=n with a whole number above 0', `--size ${text}`);
    return [text.slice(0, at), size] as const;
  }));
}

function proofText({ proof }: ImportReport): string {
  if (!proof) return 'Not compared with its file.';
  if (proof.error !== null) return `Could not be compared with its file. ${proof.error}`;
  const samples = `${proof.random} samples of noise${proof.real > 0 ? ` and ${proof.real} photographs` : ''}`;
  const size = proof.relative === null ? 'not to be measured' : proof.relative === 0 ? 'none' : `${proof.relative.toExponential(1)} of the largest answer`;
  return `${proof.passed ? 'Answers as its file does' : 'DIFFERS FROM ITS FILE'}: largest difference ${size} over ${samples}; up to ${proof.tolerance} is rounding.`;
}

function words(report: ImportReport, out: string): string {
  const layers = report.layers.map(({ type, count }) => `${count} ${isLayerType(type) ? layerSpec(type).label : type}`).join(', ');
  const operators = report.operators.map((o) => `  ${o.op} ×${o.count}: ${o.why ?? 'trains'}`);
  const p = report.preprocessing;
  const values = p?.values ? `${p.values.order.toUpperCase()}, (x · ${p.values.scale} − [${p.values.mean.join(', ')}]) ÷ [${p.values.deviation.join(', ')}]` : 'none';
  return [
    `${report.file}: ${[report.producer, report.producerVersion].filter(Boolean).join(' ') || 'unknown producer'}, opset ${report.opset}, IR ${report.irVersion}, ${number(report.size)} bytes`,
    `${number(report.nodes)} nodes, ${number(report.folded)} folded; ${number(report.parameters)} parameters, ${number(report.trainable)} of them can learn`,
    `Layers: ${layers || 'none'}`,
    ...(report.groups.length > 0 ? [`Groups: ${report.groups.map((g) => `${g.count} ${g.name}`).join(', ')}`] : []),
    ...(operators.length > 0 ? ['Operators kept as they are:', ...operators] : []),
    ...(p ? [`Preprocessing: ${values} (${p.confidence}: ${p.reason})`] : []),
    ...(report.labels ? [`Class names: ${number(report.labels.count)}, ${report.labels.source}: ${report.labels.first.join(', ')} …`] : []),
    ...report.notes, proofText(report), `Wrote ${out}`,
  ].join('\n');
}

/** Code 0 where the net answers as its file does, 3 where it does not. Throws what importing and saving throw; then nothing is written. */
export async function importNet(p: ParsedCommand): Promise<Outcome> {
  if (typeof p.flags.out !== 'string') throw usage(`netloom ${importCommand.usage}`, 'no --out');
  const [path, out] = [resolve(p.words[0] as string), resolve(p.flags.out)];
  const sizes = sizesOf(p.flags.size);
  const { openSizes } = await inspectOnnx(path);
  const missing = openSizes.find((s) => sizes[s.key] === undefined && s.hint === null);
  if (missing) throw usage(`--size ${missing.key}=n, as ${basename(path)} leaves axis ${missing.axis} of its input ${missing.input} open`, 'no such --size');
  const unknown = Object.keys(sizes).find((key) => !openSizes.some((s) => s.key === key));
  if (unknown !== undefined) throw usage(openSizes.length === 0 ? 'no --size, as the file leaves none open' : `a --size of ${openSizes.map((s) => s.key).join(', ')}`, `--size ${unknown}`);
  const given = Object.fromEntries(openSizes.map((s) => [s.key, sizes[s.key] ?? s.hint ?? 1]));
  const training = TrainingConfigSchema.parse({});
  const data = { kind: 'builtin', id: 'digits' } as const;
  const nothing = { document: { version: 1, name: '', graph: { nodes: [], wires: [] }, weights: null, origin: null }, training, data, weights: null } as const;
  return withEngine({ project: nothing, folder: null, data }, async (w) => {
    const imported = await drawFile(w, path, { sizes: given, ...(typeof p.flags.name === 'string' ? { name: p.flags.name } : {}) });
    const proof = await proofOf(w, path, imported);
    const report: ImportReport = { ...imported.report, proof };
    const document = p.flags['no-preprocessing'] === true ? imported.document : withPreprocessing(imported.document, report.preprocessing?.values ?? null);
    await saveProject(out, { document, training, data, weights: imported.subject.weights });
    return { data: { ...report, savedTo: out }, text: words(report, out), ...(proof.passed ? {} : { code: DIFFERS }) };
  });
}
