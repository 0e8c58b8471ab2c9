/** What was written, and how it was proved. */
import { CopyButton } from '@mantine/core';
import { IconCheck, IconCircleCheck, IconCopy } from '@tabler/icons-react';
import type { ExportAnswer } from '../../../shared/protocol/export-requests.ts';
import type { Kind } from '../../state/exporting.ts';
import { bytes, whole } from '../../ui/format.ts';

const amount = (difference: number): string => (difference === 0 ? '0' : difference.toExponential(1));

export function ExportResult({ answer, kind }: { readonly answer: ExportAnswer; readonly kind: Kind }) {
  const { proof, files } = answer;
  const what = kind === 'training' ? 'losses' : 'answers';
  return (
    <div className="result">
      <div className="verdict" role="status">
        <IconCircleCheck size={20} stroke={1.8} aria-hidden />
        <div>
          <strong>Exported and checked</strong>
          <p>The file was loaded again and its {what} on {whole(proof.samples)} samples of {proof.data} compared with the net here: the largest difference is {amount(proof.absolute)}.</p>
        </div>
      </div>
      <div className="totals">
        <div><strong className="mono">{amount(proof.absolute)}</strong><span className="dim">largest difference</span></div>
        <div><strong className="mono">{amount(proof.relative)}</strong><span className="dim">{kind === 'training' ? 'of the loss' : 'of the largest answer'}</span></div>
        <div><strong className="mono">{proof.tolerance.toExponential(0)}</strong><span className="dim">passes up to</span></div>
      </div>
      <h2 className="section">{answer.path === null ? `In ${answer.download?.name ?? ''}` : answer.path}</h2>
      <ul className="files">
        {files.map((f) => (
          <li key={f.name}>
            <span className="ellipsis">{f.name}</span>
            <span className="mono dim" title={`SHA-256 ${f.sha256}`}>{f.sha256.slice(0, 12)}…</span>
            <CopyButton value={f.sha256}>{({ copied, copy }) => <button type="button" className="icon-button" aria-label={`Copy the SHA-256 of ${f.name}`} onClick={copy}>{copied ? <IconCheck size={14} stroke={1.8} /> : <IconCopy size={14} stroke={1.7} />}</button>}</CopyButton>
            <span className="mono">{bytes(f.size)}</span>
          </li>
        ))}
      </ul>
      <p className="dim note">The proof, with {kind === 'training' ? 'the losses of both' : 'what went in and what came out'}, is kept in {files.at(-1)?.name}. Compared in {proof.runtime} on the {proof.device === 'cpu' ? 'processor' : proof.device}.</p>
    </div>
  );
}
