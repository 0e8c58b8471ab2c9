/** How the net goes out: every choice with a word on what it does. */
import { NumberInput, SegmentedControl, Switch, Textarea } from '@mantine/core';
import type { ReactNode } from 'react';
import type { ExportOptions, ExportPlan } from '../../../shared/protocol/export-requests.ts';

interface Props { readonly plan: ExportPlan; readonly options: ExportOptions; readonly onChange: (change: Partial<ExportOptions>) => void }

function Choice({ label, hint, children }: { readonly label: string; readonly hint: string; readonly children: ReactNode }) {
  return (
    <div className="choice">
      <span className="what">{label}<span className="dim">{hint}</span></span>
      {children}
    </div>
  );
}

export function NetForm({ plan, options, onChange }: Props) {
  const scores = plan.outputs.some((o) => o.scores);
  const samples = plan.inputs.length === 1 && plan.inputs[0]?.batched === true && plan.inputs[0].element === 'float32';
  const inputs = [
    { value: 'unit', label: '0 to 1' },
    ...(samples && plan.maximum !== 1 ? [{ value: 'stored', label: `0 to ${plan.maximum}` }] : []),
    ...(plan.prepares ? [{ value: 'prepared', label: 'Prepared' }] : []),
  ];
  const inputHints = { unit: plan.prepares ? 'The net’s own preprocessing is in the file.' : 'Whoever feeds it scales first.', stored: 'As the data holds them; the scale is in the file.', prepared: 'Preprocessing is left out, and noted in the metadata.' };
  return (
    <>
      <section>
        <h2 className="section">What goes in and comes out</h2>
        {inputs.length > 1 && <Choice label="Input values" hint={inputHints[options.input]}><SegmentedControl size="xs" aria-label="Input values" value={options.input} onChange={(v) => onChange({ input: v as ExportOptions['input'] })} data={inputs} /></Choice>}
        <Choice label="Batch" hint={options.batch === null ? 'Any number of samples at once.' : 'Always as many; some runtimes are faster so.'}>
          <span className="pair">
            <SegmentedControl size="xs" aria-label="Batch" value={options.batch === null ? 'any' : 'fixed'} onChange={(v) => onChange({ batch: v === 'any' ? null : 1 })} data={[{ value: 'any', label: 'Any' }, { value: 'fixed', label: 'Fixed' }]} />
            {options.batch !== null && <NumberInput size="xs" w={76} aria-label="Samples at once" value={options.batch} min={1} max={65536} allowDecimal={false} onChange={(v) => typeof v === 'number' && v >= 1 && v <= 65536 && onChange({ batch: v })} />}
          </span>
        </Choice>
        <Choice label="Answer probabilities" hint={scores ? 'A softmax behind the scores.' : plan.outputs.some((o) => o.classes) ? 'It answers them already.' : 'The net does not tell classes apart.'}><Switch size="xs" aria-label="Answer probabilities" disabled={!scores} checked={scores && options.softmax} onChange={(e) => onChange({ softmax: e.currentTarget.checked })} /></Choice>
      </section>
      <section>
        <h2 className="section">How it is written</h2>
        <Choice label="Weights" hint={options.weights === 'inside' ? 'One file, up to 2 GB.' : 'A .data file beside the model.'}><SegmentedControl size="xs" aria-label="Weights" value={options.weights} onChange={(v) => onChange({ weights: v as ExportOptions['weights'] })} data={[{ value: 'inside', label: 'Inside' }, { value: 'beside', label: 'Beside' }]} /></Choice>
        <Choice label="Fold batch norms" hint={plan.batchNorms === 0 ? 'There are none.' : `${plan.batchNorms} become part of the layer before, where that is possible.`}><Switch size="xs" aria-label="Fold batch norms" disabled={plan.batchNorms === 0} checked={plan.batchNorms > 0 && options.foldBatchNorm} onChange={(e) => onChange({ foldBatchNorm: e.currentTarget.checked })} /></Choice>
        <Choice label="Opset" hint={options.opset === 18 ? 'ONNX 1.13 and newer.' : 'For older runtimes, from ONNX 1.12.'}><SegmentedControl size="xs" aria-label="Opset" value={String(options.opset)} onChange={(v) => onChange({ opset: v === '17' ? 17 : 18 })} data={['18', '17']} /></Choice>
      </section>
      <section>
        <h2 className="section">What it says of itself</h2>
        <Choice label="Names of the classes" hint="In the metadata, as “classes”."><Switch size="xs" aria-label="Names of the classes" checked={options.labels} onChange={(e) => onChange({ labels: e.currentTarget.checked })} /></Choice>
        <Choice label="Input range and accuracy" hint="Range, mean, deviation, best accuracy, date."><Switch size="xs" aria-label="Input range and accuracy" checked={options.metadata} onChange={(e) => onChange({ metadata: e.currentTarget.checked })} /></Choice>
        <Textarea size="xs" label="About this net" placeholder="What it was trained for, on which data, and where it fails" autosize minRows={2} maxRows={5} maxLength={20000} value={options.card} onChange={(e) => onChange({ card: e.currentTarget.value })} />
      </section>
    </>
  );
}
