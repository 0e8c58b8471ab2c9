/** netloom export: the net, or its whole training step, as ONNX files with their proof. */
import { resolve } from 'node:path';
import { problem } from '../../shared/diagnostics/diagnostic.ts';
import { ExportOptionsSchema, type ExportAnswer } from '../../shared/protocol/export-requests.ts';
import { exportHandlers } from '../engine/handlers/export.ts';
import { numberFlag, type ParsedCommand } from './args.ts';
import { open, withEngine, type Outcome } from './opened.ts';

const refuse = (expected: string, got: string) => problem('request.usage', { label: 'netloom' }, { expected, got });

function optionsOf({ flags }: ParsedCommand) {
  const opset = numberFlag(flags, 'opset', { min: 17, max: 18, whole: true });
  const batch = flags.batch === 'dynamic' ? undefined : numberFlag(flags, 'batch', { min: 1, max: 65536, whole: true });
  if (flags.preprocessing === true && flags['no-preprocessing'] === true) throw refuse('--preprocessing or --no-preprocessing', 'both');
  return ExportOptionsSchema.parse({
    weights: flags.external === true ? 'beside' : 'inside', foldBatchNorm: flags['fold-batch-norm'] === true, softmax: flags.softmax === true,
    input: flags.preprocessing === true ? 'stored' : flags['no-preprocessing'] === true ? 'prepared' : 'unit',
    ...(opset === undefined ? {} : { opset }), ...(batch === undefined ? {} : { batch }), ...(typeof flags.card === 'string' ? { card: flags.card } : {}),
  });
}

function words({ path, files, size, proof }: ExportAnswer): string {
  const lines = files.map((f) => `  ${f.name}  ${f.size.toLocaleString('en-US')} bytes  sha256 ${f.sha256}`);
  const proved = `${proof.samples} samples of ${proof.data} in ${proof.runtime}: largest difference from the net here ${proof.absolute.toExponential(1)} (${proof.relative.toExponential(1)} of the largest answer; passes up to ${proof.tolerance})`;
  return [`Wrote ${path ?? ''}, ${size.toLocaleString('en-US')} bytes`, ...lines, proved].join('\n');
}

/** Exit code 0 when the files stand and answer as the net does, 1 when they do not (then there are none), 130 when it was interrupted. */
export async function exportNet(p: ParsedCommand): Promise<Outcome> {
  if (typeof p.flags.out !== 'string') throw refuse('netloom export <project> --out net.onnx', 'no --out');
  const options = optionsOf(p);
  const opened = await open(p.words[0] as string, p.flags);
  const { document, training } = opened.project;
  const path = resolve(p.flags.out);
  if (!opened.project.weights) process.stderr.write('The net is untrained: its seeded first weights are exported.\n');
  return withEngine(opened, async (w) => {
    const stop = () => void exportHandlers['export.cancel'](w, {});
    process.on('SIGINT', stop);
    try {
      const net = { document, path, data: opened.data };
      const answer = await (p.flags.training === true ? exportHandlers['export.training'](w, { ...net, config: training }) : exportHandlers['export.onnx'](w, { ...net, options }));
      if (!answer) return { data: { path: null, passed: false }, text: 'Cancelled: nothing was written.', code: 130 };
      const { download: _, ...rest } = answer;
      return { data: { ...rest, passed: true }, text: words(answer) };
    } finally {
      process.off('SIGINT', stop);
    }
  });
}
