/** What will be in the files, as the choices stand. */
import type { ExportOptions, ExportPlan } from '../../../shared/protocol/export-requests.ts';
import { bytes, whole } from '../../ui/format.ts';
import { filesOf, inputLines, outputLines, type BorderLine } from './export-words.ts';

const Border = ({ line }: { readonly line: BorderLine }) => <li><strong className="mono">{line.name}</strong><span className="mono dim">{line.type}</span>{line.meaning !== '' && <span className="dim">{line.meaning}</span>}</li>;

export function ExportSummary({ plan, options, name }: { readonly plan: ExportPlan; readonly options: ExportOptions; readonly name: string }) {
  const normalised = options.foldBatchNorm ? 0 : plan.batchNorms;
  return (
    <aside className="summary" aria-label="In the file">
      <h2 className="section">Goes in</h2>
      <ul>{inputLines(plan, options).map((l) => <Border key={l.name} line={l} />)}</ul>
      <h2 className="section">Comes out</h2>
      <ul>{outputLines(plan, options).map((l) => <Border key={l.name} line={l} />)}</ul>
      <h2 className="section">Files</h2>
      <ul className="files">{filesOf(plan, options, name).map((f) => <li key={f.name}><span className="ellipsis">{f.name}</span><span className="mono dim">{f.size === null ? 'proof' : `≈ ${bytes(f.size)}`}</span></li>)}</ul>
      <p className="dim note">{whole(plan.operators)} operators{normalised > 0 ? `, ${normalised} of them batch norms` : ''}. Before you get it the file is loaded again and compared with the net here; if it differs there is no file.</p>
      {!plan.trained && <p className="warn note">The net is untrained: its first weights go out.</p>}
    </aside>
  );
}
