/** What the net expects of pictures, why that is thought, and the choice to have it so, otherwise, or not at all. */
import { SegmentedControl } from '@mantine/core';
import { useState } from 'react';
import { preprocessingOf } from '../../../shared/compile/preprocessing.ts';
import { layers } from '../../../shared/layers/table.ts';
import type { Preprocessing, PreprocessingGuess } from '../../../shared/protocol/import-requests.ts';
import { useDocument } from '../../state/document.ts';
import { setPreprocessing } from '../../state/importing.ts';
import { FieldRow } from '../inspector/FieldRow.tsx';

const plain: Preprocessing = { order: 'rgb', scale: 1, mean: [0], deviation: [1] };
const sure: Readonly<Record<PreprocessingGuess['confidence'], string>> = { certain: '', likely: 'Likely: ', unsure: 'Perhaps: ' };

export function PreprocessingCard({ guess, grey }: { readonly guess: PreprocessingGuess; /** One channel has no order. */ readonly grey: boolean }) {
  const document = useDocument((s) => s.history.document);
  const now = preprocessingOf(document);
  // What was set last stays at hand while it is switched off.
  const [last, setLast] = useState<Preprocessing>(guess.values ?? plain);
  const set = (values: Preprocessing) => {
    setLast(values);
    setPreprocessing(values);
  };
  const values: Preprocessing = now ? { order: now.order, scale: now.scale, mean: [...now.mean], deviation: [...now.deviation] } : last;
  const { fields } = layers.rescale;
  return (
    <>
      <h3 className="section">Preprocessing of pictures</h3>
      <div className="preprocessing">
        <div className="head">
          <p>{sure[guess.confidence]}{guess.reason} <span className="dim">{guess.values ? 'A layer behind the Input does it, so that you can look at it, change it, and leave it out of an export.' : 'Nothing is put in; you can still add it here.'}</span></p>
          <SegmentedControl size="xs" w={150} style={{ flex: 'none' }} aria-label="Preprocessing" value={now ? 'on' : 'off'} data={[{ value: 'on', label: 'In the net' }, { value: 'off', label: 'None' }]} onChange={(v) => setPreprocessing(v === 'on' ? last : null)} />
        </div>
        {now && (
          <>
            {(grey ? (['scale', 'mean', 'deviation'] as const) : (['order', 'mean', 'scale', 'deviation'] as const)).map((key) => { const field = fields[key]; return field && <FieldRow key={key} field={field} value={values[key]} width={168} onChange={(v) => set({ ...values, [key]: v })} />; })}
            <span className="mono dim formula">y = (x · scale − mean) ÷ deviation, x from 0 to 1</span>
          </>
        )}
      </div>
    </>
  );
}
