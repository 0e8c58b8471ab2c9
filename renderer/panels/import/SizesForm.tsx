/** What must be known before a net is taken in: sizes that its file leaves open, and that edits would be lost. */
import { Button, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { ImportSummary } from '../../../shared/protocol/import-requests.ts';
import { hasUnsavedEdits, useDocument } from '../../state/document.ts';
import { closeImport, takeIn } from '../../state/importing.ts';
import { attempt } from '../../state/engine.ts';
import { bytes, whole } from '../../ui/format.ts';

const LARGEST = 65536;
const numberOf = (text: string): number | null => {
  const n = Number(text.trim());
  return text.trim() !== '' && Number.isInteger(n) && n >= 1 && n <= LARGEST ? n : null;
};

type Size = ImportSummary['openSizes'][number];
/** The input's shape with the axis in question as it is called: "[batch, 3, height, width]". */
function shapeText(summary: ImportSummary, { input, axis }: Size): React.ReactNode {
  const shape = summary.inputs.find((i) => i.name === input)?.shape;
  if (!shape) return `axis ${axis}`;
  return <>[{shape.map((d, i) => <span key={i}>{i > 0 && ', '}{i === axis ? <strong>{typeof d === 'string' && d !== '' ? d : '?'}</strong> : (d ?? (i === 0 ? 'batch' : '?'))}</span>)}]</>;
}

/** How many axes a name stands for besides the one that is shown. */
const others = (summary: ImportSummary, { key }: Size): number => summary.inputs.reduce((n, i) => n + (i.shape ?? []).filter((d) => d === key).length, 0) - 1;

export function SizesForm({ path, summary }: { readonly path: string; readonly summary: ImportSummary }) {
  const [texts, setTexts] = useState<Readonly<Record<string, string>>>(() => Object.fromEntries(summary.openSizes.map((s) => [s.key, s.hint === null ? '' : String(s.hint)])));
  const [tried, setTried] = useState(false);
  const unsaved = useDocument(hasUnsavedEdits);
  const sizes = Object.entries(texts).map(([key, text]) => [key, numberOf(text)] as const);
  const submit = () => {
    setTried(true);
    if (sizes.every(([, n]) => n !== null)) attempt(() => takeIn(path, summary.file, Object.fromEntries(sizes) as Record<string, number>));
  };
  return (
    <form className="import-form" onSubmit={(e) => { e.preventDefault(); submit(); }}>
      <p className="dim facts">{[bytes(summary.size), `${whole(summary.nodes)} nodes`, `opset ${summary.opset}`, summary.producer].filter(Boolean).join(' · ')}</p>
      {summary.openSizes.length > 0 && (
        <>
          <p>The file leaves {summary.openSizes.length === 1 ? 'a size' : 'some sizes'} of its input open. Shapes, parameters and costs are worked out for what you choose here.</p>
          <table>
            <thead><tr><th>Input</th><th>Shape</th><th style={{ width: 110 }}>Size</th></tr></thead>
            <tbody>
              {summary.openSizes.map((s, i) => (
                <tr key={s.key}>
                  <td className="mono">{s.input}</td>
                  <td className="mono">{shapeText(summary, s)}{others(summary, s) > 0 && <span className="dim"> and {others(summary, s)} more</span>}</td>
                  <td><TextInput size="xs" aria-label={`Size of ${s.key}`} {...(i === 0 ? { 'data-autofocus': true } : {})} classNames={{ input: 'mono' }} value={texts[s.key] ?? ''} placeholder="224" onChange={(e) => { const { value } = e.currentTarget; setTexts((t) => ({ ...t, [s.key]: value })); }}
                    error={tried && numberOf(texts[s.key] ?? '') === null ? `A whole number from 1 to ${whole(LARGEST)}` : null} /></td>
                </tr>
              ))}
            </tbody>
          </table>
          {summary.openSizes.some((s) => s.hint !== null) && <p className="dim facts">Sizes that stand here already are what the file itself suggests.</p>}
        </>
      )}
      {unsaved && <p className="unsaved">The open network has edits that are not saved. The imported net takes its place.</p>}
      <footer><Button variant="default" onClick={closeImport}>Cancel</Button><Button type="submit">Import</Button></footer>
    </form>
  );
}
