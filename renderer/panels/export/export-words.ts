/** What the export dialog says: what will be in the files, and how the work stands. */
import type { ExportOptions, ExportPlan } from '../../../shared/protocol/export-requests.ts';
import type { EventData } from '../../../shared/protocol/events.ts';
import type { Kind } from '../../state/exporting.ts';

export interface BorderLine { readonly name: string; readonly type: string; readonly meaning: string }

const batchOf = (options: ExportOptions): string => (options.batch === null ? 'N' : String(options.batch));
const typeOf = (b: ExportPlan['inputs'][number], options: ExportOptions): string => `${b.element} [${[...(b.batched ? [batchOf(options)] : []), ...b.shape].join(', ')}]`;

const ranges: Readonly<Record<ExportOptions['input'], (maximum: number) => string>> = {
  unit: () => 'values from 0 to 1', stored: (maximum) => `values from 0 to ${maximum}`, prepared: () => 'values as the net’s preprocessing makes them',
};

export const inputLines = (plan: ExportPlan, options: ExportOptions): BorderLine[] => plan.inputs.map((b) => ({ name: b.name, type: typeOf(b, options), meaning: b.element === 'float32' && b.batched ? ranges[options.input](plan.maximum) : '' }));

export const outputLines = (plan: ExportPlan, options: ExportOptions): BorderLine[] =>
  plan.outputs.map((b) => ({ name: b.name, type: typeOf(b, options), meaning: b.scores ? (options.softmax ? 'probabilities' : 'scores') : '' }));

/** A node's name, operands and attributes take about this much. */
const BYTES_PER_OPERATOR = 160;

/** Names and sizes of the files; sizes about. */
export function filesOf(plan: ExportPlan, options: ExportOptions, name: string): readonly { readonly name: string; readonly size: number | null }[] {
  const graph = plan.constants + plan.operators * BYTES_PER_OPERATOR;
  const proof = { name: `${name.replace(/\.onnx$/i, '')}.verify.json`, size: null };
  return options.weights === 'inside' ? [{ name, size: graph + plan.weights }, proof] : [{ name, size: graph }, { name: `${name}.data`, size: plan.weights }, proof];
}

export const trainingFiles = (name: string): readonly string[] => [name, `${name.replace(/\.onnx$/i, '')}.safetensors`, `${name.replace(/\.onnx$/i, '')}.verify.json`];

/** How far along, as a person follows it. */
export function stageWords({ stage, done, total }: EventData<'export.progress'>, kind: Kind): string {
  switch (stage) {
    case 'building': return 'Building the file…';
    case 'writing': return 'Writing it…';
    case 'proving': return kind === 'training' ? `Training with it beside the net here: step ${done} of ${total}` : `Comparing it with the net here: ${done} of ${total} samples`;
  }
}

/** Share of the whole: the proof is most of the work. */
export const progressOf = ({ stage, done, total }: EventData<'export.progress'>): number => ({ building: 4, writing: 12, proving: 16 + (84 * done) / Math.max(1, total) })[stage];

/** A name that any file system takes. */
export const fileStem = (name: string): string => name.replaceAll(/[^\w-]+/g, '-') || 'network';
