/** Sentences of the import report. Pure. */
import type { ImportProof, ImportReport } from '../../../shared/protocol/import-requests.ts';
import { short, whole } from '../../ui/format.ts';

/** [N, 3, 224, 224]; −1 is the batch. */
export const shapeText = (shape: readonly number[]): string => `[${shape.map((d) => (d === -1 ? 'N' : String(d))).join(', ')}]`;

/** 3.1e-7 as people write it: 3.1 × 10⁻⁷. */
export function power(n: number): string {
  if (n === 0) return '0';
  const [digits, exponent] = n.toExponential(1).split('e') as [string, string];
  const raised = [...String(Number(exponent))].map((c) => '⁰¹²³⁴⁵⁶⁷⁸⁹'[Number(c)] ?? '⁻').join('');
  return `${digits} × 10${raised}`;
}

/** What the comparison says; for one that was made. */
export function difference({ absolute, relative, tolerance, passed }: ImportProof): { readonly title: string; readonly detail: string } {
  if (relative === null) return { title: 'It does not answer as its file does.', detail: 'One of the two gives infinite numbers, or none, where the other does not.' };
  const size = relative === 0 ? 'Not a bit differs.' : `Largest difference: ${power(relative)} of the largest answer${absolute === null ? '' : `, ${power(absolute)} as it is`}; up to ${power(tolerance)} is rounding.`;
  return { title: passed ? 'It answers as its file does.' : 'It does not answer as its file does.', detail: size };
}

const counted = (n: number, one: string, many: string): string => (n === 1 ? `one ${one}` : `${whole(n)} ${many}`);

export function samplesText({ random, real }: ImportProof): string {
  const parts = [...(random > 0 ? [counted(random, 'sample of noise', 'samples of noise')] : []), ...(real > 0 ? [counted(real, 'photograph', 'photographs')] : [])];
  return parts.length === 0 ? '' : `Tried on ${parts.join(' and ')}.`;
}

/** How much of the net a gradient reaches, and what keeps it from the rest. */
export function trainableText({ parameters, trainable, operators }: ImportReport): string {
  const blocking = operators.filter((o) => o.why !== null).map((o) => o.op);
  if (parameters === 0) return 'The net has no parameters.';
  if (trainable === parameters) return `All ${short(parameters)} parameters.`;
  const rest = blocking.length === 0 ? 'the rest is statistics and constants, which training does not move' : `what lies before ${blocking.slice(0, 3).join(', ')} stays as it is`;
  return trainable === 0 ? `None of its ${short(parameters)} parameters: ${rest}.` : `${short(trainable)} of ${short(parameters)} parameters; ${rest}.`;
}
