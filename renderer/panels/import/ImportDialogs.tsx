/** Every dialog of an import: the path, the wait, what must be asked, what went wrong, the report. */
import { Button, Loader, Modal, Progress } from '@mantine/core';
import { useEffect } from 'react';
import { bridge } from '../../state/engine.ts';
import { chooseImport, closeImport, importPath, useImport, watchRestarts, type ImportStage } from '../../state/importing.ts';
import { percent } from '../../ui/format.ts';
import { PathDialog } from '../dialogs/PathDialog.tsx';
import { DropZone } from './DropZone.tsx';
import { ImportReportView } from './ImportReport.tsx';
import { SizesForm } from './SizesForm.tsx';
import './import.css';

const HINT = 'A file that ends in .onnx, of any tool and opset. You can also drop it onto the window, anywhere.';

function Waiting({ stage }: { readonly stage: Extract<ImportStage, { kind: 'sending' | 'looking' | 'importing' }> }) {
  const words = { sending: 'Handing the file over', looking: 'Reading the file', importing: 'Recognising layers' }[stage.kind];
  return (
    <div className="import-wait" role="status">
      {stage.kind === 'sending' ? <><span>{words}, {percent(stage.share)}</span><Progress value={stage.share * 100} size="sm" aria-label={words} /></> : <div><Loader size={16} /><span>{words} …</span></div>}
      <div style={{ justifyContent: 'end' }}><Button variant="default" onClick={closeImport}>Cancel</Button></div>
    </div>
  );
}

function Failed({ stage }: { readonly stage: Extract<ImportStage, { kind: 'failed' }> }) {
  const browser = bridge.shell.dialogs === null;
  return (
    <div className="import-form">
      <p role="alert" className="wrong">{stage.what}</p>
      <p className="dim">{stage.next}{browser && ' Files that belong together are dropped onto the window together.'}</p>
      <p className="dim">What was open is as it was.</p>
      <footer><Button variant="default" onClick={chooseImport}>Another file …</Button><Button data-autofocus onClick={closeImport}>Close</Button></footer>
    </div>
  );
}

export function ImportDialogs() {
  useEffect(watchRestarts, []);
  const stage = useImport((s) => s.stage);
  const report = useImport((s) => s.report);
  const waiting = stage.kind === 'sending' || stage.kind === 'looking' || stage.kind === 'importing';
  const name = stage.kind === 'asking' ? stage.summary.file : 'name' in stage ? stage.name : '';
  return (
    <>
      <DropZone />
      <PathDialog opened={stage.kind === 'choosing'} title="Import an ONNX net" hint={HINT} action="Import" pick="file" onClose={() => { if (useImport.getState().stage.kind === 'choosing') closeImport(); }} onChoose={importPath} />
      <Modal opened={waiting || stage.kind === 'asking' || stage.kind === 'failed'} onClose={closeImport} title={stage.kind === 'failed' ? `${name} was not imported` : `Import ${name}`} size={stage.kind === 'asking' ? 520 : 440} closeOnClickOutside={!waiting}>
        {waiting && <Waiting stage={stage} />}
        {stage.kind === 'asking' && <SizesForm path={stage.path} summary={stage.summary} />}
        {stage.kind === 'failed' && <Failed stage={stage} />}
      </Modal>
      <Modal opened={stage.kind === 'report' && report !== null} onClose={closeImport} title={`Imported ${report?.file ?? ''}`} size="min(880px, 94vw)" classNames={{ body: 'import-report-body', content: 'import-report-content', header: 'gallery-header' }}>
        {report && <ImportReportView report={report} />}
      </Modal>
    </>
  );
}
