/** Export: the net, its training step, or a copy for the gallery; what will be in the files, how far they are, and their proof. */
import { Button, Modal, Progress, SegmentedControl, TextInput } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import { NetloomError, render } from '../../../shared/diagnostics/diagnostic.ts';
import { defaultExportOptions, type ExportPlan } from '../../../shared/protocol/export-requests.ts';
import { currentDocument, useDocument } from '../../state/document.ts';
import { bridge } from '../../state/engine.ts';
import { cancelExport, forgetExport, runExport, showExport, useExport, type Kind } from '../../state/exporting.ts';
import { useSession } from '../../state/session.ts';
import { setUi, useUi } from '../../state/ui.ts';
import { ExportResult } from './ExportResult.tsx';
import { ExportSummary } from './ExportSummary.tsx';
import { fileStem, progressOf, stageWords, trainingFiles } from './export-words.ts';
import { settingRows } from '../train/settings-rows.ts';
import { ModelForm } from './ModelForm.tsx';
import { NetForm } from './NetForm.tsx';
import './export.css';

/** What an export would hold; the sentence where the net cannot leave as it is. */
function usePlan(): ExportPlan | string | null {
  const document = useDocument((s) => s.history.document);
  const data = useSession((s) => s.data);
  const [plan, setPlan] = useState<ExportPlan | string | null>(null);
  useEffect(() => {
    let stale = false;
    const done = (next: ExportPlan | string) => { if (!stale) setPlan(next); };
    bridge.request('export.plan', { document, data }).then(done, (e: unknown) => done(e instanceof NetloomError ? render(e.diagnostic).sentence : String(e)));
    return () => { stale = true; };
  }, [document, data]);
  return plan;
}

/** The word of the training settings for a choice. */
function choiceLabel(setting: string, value: string): string {
  const field = settingRows.find((r) => r.path.join('.') === `${setting}.kind`)?.field;
  return (field && 'options' in field ? field.options.find((o) => o.value === value)?.label : undefined) ?? value;
}

function TrainingText({ name }: { readonly name: string }) {
  const { batchSize, optimizer, loss } = useSession((s) => s.config);
  return (
    <div className="prose">
      <p>The whole training step as one ONNX graph: forward, loss, gradients and the optimiser. Another ONNX Runtime goes on training with it, in Python, on a phone or in a browser.</p>
      <p>It is made of plain operators for batches of {batchSize}, with {choiceLabel('optimizer', optimizer.kind)} and {choiceLabel('loss', loss.kind).toLowerCase()} as set under Train. Weights and the optimiser’s first state lie beside it as safetensors; after each step the output <code className="mono">new:x</code> is fed again as <code className="mono">x</code>. How to feed it stands in the file itself.</p>
      <p>Before you get it, five steps are trained with it from disk and the losses compared with the engine’s own.</p>
      <ul className="files">{trainingFiles(name).map((f) => <li key={f}><span className="ellipsis">{f}</span></li>)}</ul>
    </div>
  );
}

function Content({ onClose }: { readonly onClose: () => void }) {
  const plan = usePlan();
  const { kind, progress, answer, error } = useExport();
  const [options, setOptions] = useState(defaultExportOptions);
  const native = bridge.shell.dialogs;
  const primary = useRef<HTMLButtonElement>(null);
  const [place, setPlace] = useState<'download' | 'folder'>('download');
  const [path, setPath] = useState<string | null>(null);
  const stem = fileStem(currentDocument().name);
  const name = kind === 'training' ? `${stem}-training.onnx` : `${stem}.onnx`;
  const target = path ?? `~/${name}`;

  const start = async () => {
    const chosen = native ? await native.saveFile(name) : place === 'folder' ? target : null;
    // On the desktop no path means that the person thought better of it.
    if (native && chosen === null) return;
    await runExport(chosen, kind === 'net' ? options : null);
  };
  const ready = plan !== null;
  // The plan comes after the dialog has looked for something to focus.
  useEffect(() => { primary.current?.focus(); }, [ready]);
  if (plan === null) return <div className="export-dialog" aria-busy />;
  if (answer) {
    return (
      <div className="export-dialog" data-short>
        <div className="scroll"><ExportResult answer={answer} kind={kind} /></div>
        <footer><span className="grow" /><Button variant="default" onClick={forgetExport}>Export another way</Button><Button onClick={onClose} data-autofocus>Done</Button></footer>
      </div>
    );
  }
  const busy = progress !== null;
  return (
    <div className="export-dialog">
      <div className="kinds"><SegmentedControl fullWidth size="xs" aria-label="What to export" disabled={busy} value={kind} onChange={(v) => { showExport(v as Kind); setPath(null); forgetExport(); }} data={[{ value: 'net', label: 'Trained net' }, { value: 'training', label: 'Training step' }, { value: 'model', label: 'My models' }]} /></div>
      {kind === 'model' ? <ModelForm trained={typeof plan !== 'string' && plan.trained} onClose={onClose} />
        : typeof plan === 'string' ? <><p className="wrong refused" role="alert">{plan}</p><footer><span className="grow" /><Button variant="default" onClick={onClose}>Close</Button></footer></> : (
        <>
          <fieldset className={kind === 'net' ? 'scroll columns' : 'scroll'} disabled={busy}>
            {kind === 'net' ? <><div className="form"><NetForm plan={plan} options={options} onChange={(change) => setOptions((o) => ({ ...o, ...change }))} /></div><ExportSummary plan={plan} options={options} name={name} /></> : <TrainingText name={name} />}
          </fieldset>
          <footer>
            {progress ? <div className="working" role="status"><span>{stageWords(progress, kind)}</span><Progress size="sm" value={progressOf(progress)} aria-label="Export" /></div>
              : error ? <p className="wrong grow" role="alert">{error}</p>
              : native ? <span className="grow dim">You choose the place next.</span>
              : (
                <span className="destination">
                  <SegmentedControl size="xs" aria-label="Where to" value={place} onChange={(v) => setPlace(v as typeof place)} data={[{ value: 'download', label: 'Download' }, { value: 'folder', label: 'To a folder' }]} />
                  {place === 'folder' ? <TextInput size="xs" aria-label="Path" classNames={{ input: 'mono' }} value={target} onChange={(e) => setPath(e.currentTarget.value)} /> : <span className="dim ellipsis">{name.replace(/\.onnx$/, '.zip')}, with its proof</span>}
                </span>
              )}
            <Button variant="default" onClick={busy ? cancelExport : error ? forgetExport : onClose}>{error ? 'Back' : 'Cancel'}</Button>
            <Button ref={primary} loading={busy} disabled={place === 'folder' && !native && target.trim() === ''} onClick={() => void start()}>{native ? 'Export…' : place === 'download' ? 'Download' : 'Export'}</Button>
          </footer>
        </>
      )}
    </div>
  );
}

export function ExportDialog() {
  const opened = useUi((s) => s.dialog === 'export');
  const close = () => {
    if (useExport.getState().progress) cancelExport();
    forgetExport();
    setUi({ dialog: null });
  };
  return <Modal opened={opened} onClose={close} title="Export" size="min(820px, 94vw)" classNames={{ body: 'export-body', content: 'export-content', header: 'gallery-header' }}><Content onClose={close} /></Modal>;
}
