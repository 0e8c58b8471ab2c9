/** An ONNX file becomes a drawn net: read, brought into one form, recognised, compiled; and a report of all that. */
import { compile } from '../../../shared/compile/compile.ts';
import type { Network } from '../../../shared/compile/network.ts';
import { preprocessingOf } from '../../../shared/compile/preprocessing.ts';
import { NetloomError, severityOf } from '../../../shared/diagnostics/diagnostic.ts';
import type { Document } from '../../../shared/graph/document.ts';
import type { ImportReport, ImportSummary } from '../../../shared/protocol/import-requests.ts';
import { elementCount } from '../../../shared/shapes/shape.ts';
import { readModel, readOutline } from '../onnx-io/read.ts';
import type { SourceModel } from '../onnx-io/source.ts';
import { labelsInFile } from './file-labels.ts';
import type { NormalModel } from './normal.ts';
import { normalise, openSizes } from './normalise/normalise.ts';
import type { ProofSubject } from './proof.ts';
import { classesOf, guessPreprocessing, pictureInput, withKept } from './preprocessing.ts';
import { recognise } from './recognise/recognise.ts';
import type { Border, Recognised } from './recognise/recognised.ts';

export interface Imported {
  readonly document: Document;
  readonly subject: ProofSubject;
  readonly report: ImportReport;
}

export interface ImportOptions {
  /** Sizes by key of an open size; what is left out must have a hint. */
  readonly sizes?: Readonly<Record<string, number>>;
  /** What the net is called; the file's name without its ending unless told. */
  readonly name?: string;
  progress?(stage: 'reading' | 'normalising' | 'recognising' | 'compiling'): void;
}

const producerOf = (m: SourceModel): string => [m.producer, m.producerVersion].filter(Boolean).join(' ');

/** What a file is and which sizes it leaves open. Throws what reading it throws. */
export async function inspectOnnx(path: string): Promise<ImportSummary> {
  const m = await readOutline(path);
  return {
    file: m.file, size: m.size, producer: producerOf(m), irVersion: m.irVersion, opset: m.opsets[''] ?? 0, nodes: m.graph.nodes.length,
    inputs: m.graph.inputs.map((v) => ({ name: v.name, element: v.type?.element ?? 'no tensor', shape: v.type?.shape ? [...v.type.shape] : null })),
    outputs: m.graph.outputs.map((v) => v.name),
    openSizes: [...openSizes(m)],
  };
}

const counted = (record: Readonly<Record<string, number>>): [string, number][] => Object.entries(record).sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1));

/** Inputs or outputs as the net here has them; −1 is a free batch. */
function bordersOf(model: NormalModel, borders: readonly Border[], values: NormalModel['graph']['inputs']): ImportReport['inputs'] {
  return values.map(({ name, type }) => {
    const perm = borders.find((b) => b.name === name)?.perm;
    return { name, element: type.element, shape: type.shape.map((d, i) => (i === 0 && model.batched.has(name) ? -1 : d)), perm: perm ? [...perm] : null };
  });
}

/** Class names in a report; the document has them all. */
export const LABELS_SHOWN = 5;

function reportOf(source: SourceModel, model: NormalModel, found: Recognised, network: Network, labels: readonly string[] | null): ImportReport {
  return {
    file: source.file, size: source.size, producer: source.producer, producerVersion: source.producerVersion, irVersion: source.irVersion, opset: source.opsets[''] ?? 0,
    nodes: model.nodes, folded: model.folded,
    layers: counted(found.layers).map(([type, count]) => ({ type, count })),
    groups: counted(found.groups).map(([name, count]) => ({ name, count })),
    operators: counted(found.operators).map(([op, count]) => ({ op, domain: '', count, why: null })),
    parameters: network.parameters,
    trainable: network.parameters,
    weightBytes: network.layers.reduce((sum, l) => sum + l.weights.reduce((n, w) => n + 4 * elementCount(w.shape), 0), 0),
    widened: model.widened,
    inputs: bordersOf(model, found.inputs, model.graph.inputs),
    outputs: bordersOf(model, found.outputs, model.graph.outputs),
    preprocessing: withKept(guessPreprocessing(source, model.graph), preprocessingOf(found.document), pictureInput(model.graph)?.channels ?? 1), labels: labels ? { count: labels.length, source: 'from the file', first: labels.slice(0, LABELS_SHOWN) } : null, notes: notesOf(source, model), proof: null,
  };
}

/** What is worth knowing beside the numbers. */
function notesOf(source: SourceModel, model: NormalModel): string[] {
  return [
    ...(source.functions.length > 0 ? [`${source.functions.length} functions of the file are written out.`] : []),
    ...(model.batched.size === 0 ? ['The net holds the batch it was saved with; it runs and exports, and is trained once it takes any number of samples.'] : []),
    ...(model.varying.size > 0 ? [`The shape of ${model.varying.size} values depends on the data; what is drawn is that of one trial.`] : []),
  ];
}

/** Draws a model that was read. Throws as importOnnx does, but for what reading throws. */
export async function drawModel(source: SourceModel, options: ImportOptions = {}): Promise<Imported> {
  const tell = (stage: Parameters<NonNullable<ImportOptions['progress']>>[0]) => options.progress?.(stage);
  tell('normalising');
  const model = await normalise(source, { sizes: options.sizes ?? {} });
  tell('recognising');
  const found = recognise(model, options.name ?? (source.file.replace(/\.onnx$/i, '') || 'network'));
  tell('compiling');
  const { network, problems } = compile(found.document);
  const fault = problems.find((p) => severityOf(p.diagnostic) === 'error');
  if (fault) throw new NetloomError(fault.diagnostic);
  const subject: ProofSubject = { network, weights: found.weights, inputs: found.inputs, outputs: found.outputs };
  const classes = classesOf(model.graph);
  const labels = classes === null ? null : labelsInFile(source.metadata, classes);
  const document = { ...found.document, origin: source.file, ...(labels ? { labels } : {}) };
  return { document, subject, report: reportOf(source, model, found, network, labels) };
}

/**
 * Reads a file with what lies beside it, and draws it. Throws onnx.* where the file cannot be read or brought into one form,
 * graph.* and shape.* where what is drawn does not fit together.
 */
export async function importOnnx(path: string, options: ImportOptions = {}): Promise<Imported> {
  options.progress?.('reading');
  return drawModel(await readModel(path), options);
}
