/** One layer: its fields by its own schema, the arithmetic, the cost, the maps, a sentence of explanation. */
import { activationBytes } from '../../../shared/analysis/memory.ts';
import { render } from '../../../shared/diagnostics/diagnostic.ts';
import type { DrawnNode, GraphPath, LayerNode } from '../../../shared/graph/document.ts';
import { graphAt } from '../../../shared/graph/apply.ts';
import { groupAround } from '../../../shared/graph/group-ports.ts';
import type { NetworkLayer } from '../../../shared/compile/network.ts';
import { isLayerType, layerSpec } from '../../../shared/layers/table.ts';
import { formatValue } from '../../../shared/layers/value-type.ts';
import { formatShape } from '../../../shared/shapes/shape.ts';
import { describe } from '../../canvas/describe.ts';
import { edit, layerAt, problemsAt, useDocument } from '../../state/document.ts';
import { useSession } from '../../state/session.ts';
import { useTold } from '../../state/told.ts';
import { isFormula, takesFormula } from '../formulas.ts';
import { bytes, short, whole } from '../../ui/format.ts';
import { MapCanvas } from '../../ui/MapCanvas.tsx';
import { TimeHere } from '../analysis/TimeHere.tsx';
import { Commands } from './Commands.tsx';
import { FieldRow } from './FieldRow.tsx';
import { Freeze } from './Freeze.tsx';
import { FormulaMenu } from './FormulaMenu.tsx';
import { FormulaRow } from './FormulaRow.tsx';
import { Labels } from './Labels.tsx';
import { Name } from './Name.tsx';
import { Note } from './Note.tsx';
import { OperatorCard } from './OperatorCard.tsx';

function Fields({ node, computed }: { node: LayerNode; computed: Readonly<Record<string, unknown>> | undefined }) {
  const path = useDocument((s) => s.path);
  const document_ = useDocument((s) => s.history.document);
  if (!isLayerType(node.layer)) return null;
  const spec = layerSpec(node.layer);
  const around = groupAround(document_, path);
  const values = { ...Object.fromEntries(Object.entries(spec.fields).map(([k, f]) => [k, f.default])), ...node.params };
  // Whether a field shows rests on numbers, which formulas have only where the net is known.
  const known = { ...values, ...computed };
  return Object.entries(spec.fields).filter(([, f]) => f.visible?.(known) ?? true).map(([name, field]) => {
    const set = (v: unknown) => edit({ kind: 'set-params', path, id: node.id, params: { ...node.params, [name]: v } }, `Set ${field.label.toLowerCase()} of ${node.name}`, `${node.id}.${name}`);
    const row = { field, value: values[name], onChange: set };
    const menu = around && takesFormula(field) ? <FormulaMenu {...row} node={node} name={name} around={around} computed={computed?.[name]} /> : null;
    return isFormula(values[name]) ? <FormulaRow key={name} {...row} computed={computed?.[name]} menu={menu} /> : <FieldRow key={name} {...row} menu={menu} />;
  });
}

/** Types told in one line; an operator lists its outputs by name above. */
const MOST_TYPES = 2;

function Numbers({ layer, batch, at }: { layer: NetworkLayer; batch: number; at: GraphPath }) {
  const activations = activationBytes(layer, batch);
  return (
    <>
      <div className="card">
        {layer.inputShapes.length > 0 && <div className="row"><span className="dim">In</span><span className="mono">{layer.inputShapes.map(formatShape).join(' and ')}</span></div>}
        <div className="row"><span className="dim">Out</span><strong className="mono" data-testid="out-shape">{layer.types.length > MOST_TYPES ? `${layer.types.length} values` : layer.types.map(formatValue).join(' and ')}</strong></div>
        {layer.arithmetic.map((line) => <div key={line} className="mono dim sum">{line}</div>)}
      </div>
      <div className="card">
        <div className="row"><span className="dim">Parameters</span><span className="mono" data-testid="parameters">{whole(layer.parameters)}</span></div>
        {layer.parameterArithmetic && <div className="mono dim sum">{layer.parameterArithmetic}</div>}
        <div className="row"><span className="dim">Multiply-adds</span><span className="mono">{short(layer.macs)}</span></div>
        <div className="row"><span className="dim">Activations, batch {batch}</span><span className="mono">{activations > 0 ? bytes(activations) : 'none of its own'}</span></div>
        {layer.receptiveField && <div className="row"><span className="dim">Receptive field</span><span className="mono">{layer.receptiveField.join(' × ')}</span></div>}
        <TimeHere at={at} />
      </div>
    </>
  );
}

function Maps({ node, id }: { node: DrawnNode; id: string }) {
  const maps = useSession((s) => s.maps);
  const mine = maps?.layers.find((l) => l.layer === id);
  if (!mine || !maps) return null;
  const what = mine.height > 1 ? `${mine.channels} ${mine.channels === 1 ? 'map' : 'maps'}` : `${mine.channels} numbers`;
  return (
    <div className="card">
      <strong>{what}, sample {maps.sample}</strong>
      <div style={{ margin: '8px 0 6px' }}><MapCanvas maps={mine} width={242} height={140} label={`Maps of ${node.name} for sample ${maps.sample}`} /></div>
      <div className="mono dim">{mine.minimum.toFixed(2)} to {mine.maximum.toFixed(2)}</div>
    </div>
  );
}

export function NodeInspector({ node }: { node: DrawnNode }) {
  const { compiled } = useTold();
  const path = useDocument((s) => s.path);
  const batch = useSession((s) => s.config.batchSize);
  const layer = layerAt(compiled, path, node.id);
  const { glyph, color, label } = describe(node);
  const document_ = useDocument((s) => s.history.document);
  const spec = node.kind === 'operator' ? layerSpec('operator') : node.kind === 'layer' && isLayerType(node.layer) ? layerSpec(node.layer) : null;
  const answers = spec !== null && spec.outputs.length === 0 && (layer?.params ?? {}).task !== 'regression';
  return (
    <>
      <div style={{ display: 'flex', alignItems: 'center', gap: 8 }}>
        <span className="glyph" style={{ background: color }} aria-hidden>{glyph}</span>
        <Name key={node.name} node={node} path={path} />
        <span className="dim">{label}</span>
      </div>
      <div style={{ margin: '4px 0 10px -4px' }}><Commands bypassed={node.bypassed === true} /></div>
      {problemsAt(compiled, path, node.id).map((d) => <p key={`${d.code} ${d.place.field ?? ''}`} role="alert" className="wrong">{render(d).sentence}</p>)}
      {node.kind === 'layer' && <Fields node={node} computed={layer?.params} />}
      {(layer?.parameters ?? 0) > 0 && <Freeze frozen={layer?.frozen === true} />}
      {node.kind === 'operator' && <OperatorCard node={node} graph={graphAt(document_, path)} layer={layer} />}
      {answers && <Labels count={layer?.shape.length === 1 ? (layer.shape[0] ?? null) : null} />}
      {layer && <Numbers layer={layer} batch={batch} at={[...path, node.id]} />}
      {layer && <Maps node={node} id={layer.id} />}
      {spec && <p className="dim teaching">{spec.teaching.text}<span className="mono">{spec.teaching.formula}</span></p>}
      <Note node={node} path={path} />
    </>
  );
}
