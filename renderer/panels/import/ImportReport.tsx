/** What became of a file: numbers, proof, layers and operators, preprocessing with a choice, labels. */
import { Button, Loader } from '@mantine/core';
import { IconAlertTriangle, IconCircleCheck } from '@tabler/icons-react';
import { families, isLayerType, layerSpec } from '../../../shared/layers/table.ts';
import type { ImportReport } from '../../../shared/protocol/import-requests.ts';
import { openFineTune } from '../../state/finetune.ts';
import { closeImport } from '../../state/importing.ts';
import { bytes, short, whole } from '../../ui/format.ts';
import { familyColor } from '../../ui/theme.ts';
import { PreprocessingCard } from './PreprocessingCard.tsx';
import { difference, samplesText, shapeText, trainableText } from './report-words.ts';

function Proof({ proof, widened }: Pick<ImportReport, 'proof' | 'widened'>) {
  if (!proof) return <div className="proof" role="status" data-state="running"><Loader size={15} /><span>Comparing with the file in ONNX Runtime …</span></div>;
  if (proof.error !== null) return <div className="proof" role="alert" data-state="failed"><IconAlertTriangle size={17} stroke={1.8} aria-hidden /><span><strong>It could not be compared with its file.</strong> {proof.error}</span></div>;
  const { title, detail } = difference(proof);
  return (
    <div className="proof" role={proof.passed ? 'status' : 'alert'} data-state={proof.passed ? 'passed' : 'failed'}>
      {proof.passed ? <IconCircleCheck size={17} stroke={1.8} aria-hidden /> : <IconAlertTriangle size={17} stroke={1.8} aria-hidden />}
      <span><strong>{title}</strong> {detail} <span className="dim">{samplesText(proof)}{widened === 'float16' && ' The file rounds to half precision at each step; the net here does not.'}</span></span>
    </div>
  );
}

const sum = (rows: readonly { readonly count: number }[]): number => rows.reduce((n, r) => n + r.count, 0);

function Layers({ report }: { readonly report: ImportReport }) {
  return (
    <>
      <h3 className="section">Layers recognised<span className="mono dim">{whole(sum(report.layers))}</span></h3>
      <div className="list">
        {report.layers.map(({ type, count }) => {
          const spec = isLayerType(type) ? layerSpec(type) : null;
          return (
            <div key={type}>
              <span className="glyph" style={{ background: familyColor[spec?.family ?? 'io'] }} aria-hidden>{families[spec?.family ?? 'io'].glyph}</span>
              <span className="grow ellipsis">{spec?.label ?? type}</span><span className="mono">{whole(count)}</span>
            </div>
          );
        })}
        {report.layers.length === 0 && <p className="dim">None; every operator is kept as it is.</p>}
      </div>
      {report.groups.length > 0 && (
        <>
          <h3 className="section">Patterns folded into groups<span className="mono dim">{whole(sum(report.groups))}</span></h3>
          <div className="list">{report.groups.map((g) => <div key={g.name}><span className="grow ellipsis">{g.name}</span><span className="mono">{whole(g.count)}</span></div>)}</div>
        </>
      )}
    </>
  );
}

function Operators({ report }: { readonly report: ImportReport }) {
  return (
    <>
      <h3 className="section">Operators kept as they are<span className="mono dim">{whole(sum(report.operators))}</span></h3>
      {report.operators.length === 0 && <p className="dim" style={{ margin: 0 }}>None: every node is a layer that you know from the palette.</p>}
      {report.operators.map(({ op, domain, count, why }) => (
        <div className="operator" key={`${domain} ${op}`}>
          <div><span className="mono">{op}</span>{domain !== '' && <span className="dim">{domain}</span>}<span className="mono dim">×{whole(count)}</span><span style={{ flex: 1 }} /><span className="tag" data-good={why === null}>{why === null ? 'trains' : 'frozen'}</span></div>
          {why !== null && <p className="dim why">{why}</p>}
        </div>
      ))}
    </>
  );
}

function Borders({ report }: { readonly report: ImportReport }) {
  const rows = [...report.inputs.map((b) => ({ ...b, side: 'Input' })), ...report.outputs.map((b) => ({ ...b, side: 'Output' }))];
  return (
    <table className="borders"><tbody>
      {rows.map((b) => <tr key={`${b.side} ${b.name}`}><td>{b.side}</td><td className="mono">{b.name}</td><td className="mono dim">{b.element} {shapeText(b.shape)}</td><td className="dim">{b.perm ? `turned to ${shapeText(b.perm.map((p) => b.shape[p] ?? 0))}` : ''}</td></tr>)}
    </tbody></table>
  );
}

export function ImportReportView({ report }: { readonly report: ImportReport }) {
  const kept = sum(report.operators);
  const about = [[report.producer, report.producerVersion].filter(Boolean).join(' '), `opset ${report.opset}`, `IR ${report.irVersion}`, bytes(report.size)].filter(Boolean).join(' · ');
  return (
    <div className="import-report">
      <div className="scroll">
        <p className="dim about">{about}</p>
        <div className="totals">
          <div><strong>{whole(report.nodes)}</strong><span className="dim">nodes{report.folded > 0 ? `, ${whole(report.folded)} folded away` : ' in the file'}</span></div>
          <div><strong>{whole(sum(report.layers))}</strong><span className="dim">layers recognised</span></div>
          <div><strong>{whole(kept)}</strong><span className="dim">{kept === 1 ? 'operator kept' : 'operators kept'}</span></div>
          <div><strong>{short(report.parameters)}</strong><span className="dim">parameters, {bytes(report.weightBytes)}{report.widened && `, ${report.widened} in the file`}</span></div>
        </div>
        <Proof proof={report.proof} widened={report.widened} />
        <h3 className="section">What can learn</h3>
        <p className="labels">{trainableText(report)}</p>
        {report.preprocessing && <PreprocessingCard guess={report.preprocessing} grey={!report.inputs.some((i) => i.shape.includes(3))} />}
        <div className="columns">
          <div><Layers report={report} /></div>
          <div>
            <Operators report={report} />
            <h3 className="section">Inputs and outputs</h3>
            <Borders report={report} />
            {report.labels && <><h3 className="section">Class names<span className="mono dim">{whole(report.labels.count)}</span></h3><p className="labels">{report.labels.first.join(', ')}{report.labels.first.length < report.labels.count ? ' …' : ''} <span className="dim">({report.labels.source})</span></p></>}
            {report.notes.length > 0 && <><h3 className="section">Good to know</h3><ul>{report.notes.map((n) => <li key={n}>{n}</li>)}</ul></>}
          </div>
        </div>
      </div>
      <footer>
        <span className="dim">You find this again under Import report in the menu.</span>
        <Button variant="default" onClick={() => { closeImport(); openFineTune(); }}>Replace head …</Button>
        <Button onClick={closeImport} data-autofocus>Open on the canvas</Button>
      </footer>
    </div>
  );
}
