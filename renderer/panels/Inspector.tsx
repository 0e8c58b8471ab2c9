/** The inspector: fields by the layer's own schema, the arithmetic, the cost, the maps, a sentence of explanation. */
import { ActionIcon, SegmentedControl, Select, Switch, TextInput, Tooltip } from '@mantine/core';
import { useEffect, useState } from 'react';
import { render } from '../../shared/diagnostics/diagnostic.ts';
import type { DrawnNode, LayerNode } from '../../shared/graph/document.ts';
import { acceptsValue, describeField, type Field } from '../../shared/layers/fields.ts';
import { families, isLayerType, layerSpec } from '../../shared/layers/table.ts';
import { elementCount, formatShape } from '../../shared/shapes/shape.ts';
import { removeSelection, toggleFlag } from '../actions/edits.ts';
import { describe } from '../canvas/LayerNode.tsx';
import { currentGraph, edit, layerAt, problemsAt, useDocument } from '../state/document.ts';
import { useSession } from '../state/session.ts';
import { bytes, short, whole } from '../ui/format.ts';
import { MapCanvas } from '../ui/MapCanvas.tsx';
import { familyColor } from '../ui/theme.ts';
import { fieldText, fieldValue } from './fields.ts';

function TextField({ field, value, onChange }: { field: Field; value: unknown; onChange: (v: unknown) => void }) {
  const [text, setText] = useState(fieldText(field, value));
  const [wrong, setWrong] = useState<string | null>(null);
  useEffect(() => { setText(fieldText(field, value)); setWrong(null); }, [field, value]);
  const take = (typed: string) => {
    const v = fieldValue(field, typed);
    if (!acceptsValue(field, v)) return setWrong(`Expected ${describeField(field)}, got ${typed.trim() === '' ? 'nothing' : typed}.`);
    setWrong(null);
    if (JSON.stringify(v) !== JSON.stringify(value)) onChange(v);
  };
  return (
    <TextInput size="xs" w={134} aria-label={field.label} value={text} error={wrong} classNames={{ input: 'mono' }} onFocus={(e) => e.currentTarget.select()}
      onChange={(e) => { setText(e.currentTarget.value); const v = fieldValue(field, e.currentTarget.value); if (acceptsValue(field, v)) take(e.currentTarget.value); }}
      onBlur={(e) => take(e.currentTarget.value)} onKeyDown={(e) => { if (e.key === 'Enter') take(e.currentTarget.value); if (e.key === 'Escape') { setText(fieldText(field, value)); setWrong(null); } }} />
  );
}

function FieldRow({ field, value, onChange }: { field: Field; value: unknown; onChange: (v: unknown) => void }) {
  const changed = JSON.stringify(value) !== JSON.stringify(field.default);
  const control = () => {
    if (field.kind === 'bool') return <Switch size="xs" aria-label={field.label} checked={value === true} onChange={(e) => onChange(e.currentTarget.checked)} />;
    if (field.kind !== 'choice') return <TextField field={field} value={value} onChange={onChange} />;
    if (field.options.length <= 2) return <SegmentedControl size="xs" w={134} aria-label={field.label} value={String(value)} data={[...field.options]} onChange={onChange} />;
    return <Select size="xs" w={134} aria-label={field.label} value={String(value)} data={[...field.options]} allowDeselect={false} onChange={(v) => v !== null && onChange(v)} comboboxProps={{ withinPortal: true }} />;
  };
  return (
    <div className="row" style={{ alignItems: 'center', marginBottom: 6, minHeight: 30 }}>
      <Tooltip label={field.help} position="left"><span className="dim">{field.label}</span></Tooltip>
      <span style={{ display: 'flex', alignItems: 'center', gap: 2 }}>
        {changed && <ActionIcon size="xs" variant="subtle" color="gray" aria-label={`Reset ${field.label}`} title={`Reset to ${fieldText(field, field.default)}`} onClick={() => onChange(field.default)}>↺</ActionIcon>}
        {control()}
      </span>
    </div>
  );
}

function Fields({ node }: { node: LayerNode }) {
  const path = useDocument((s) => s.path);
  if (!isLayerType(node.layer)) return null;
  const spec = layerSpec(node.layer);
  const values = { ...Object.fromEntries(Object.entries(spec.fields).map(([k, f]) => [k, f.default])), ...node.params };
  const shown = Object.entries(spec.fields).filter(([, f]) => f.visible?.(values) ?? true);
  return (
    <>
      {shown.map(([name, field]) => (
        <FieldRow key={`${node.id}.${name}`} field={field} value={values[name]} onChange={(v) => edit({ kind: 'set-params', path, id: node.id, params: { ...node.params, [name]: v } }, `Set ${field.label.toLowerCase()} of ${node.name}`, `${node.id}.${name}`)} />
      ))}
    </>
  );
}

function NodeInspector({ node }: { node: DrawnNode }) {
  const compiled = useDocument((s) => s.compiled);
  const path = useDocument((s) => s.path);
  const batch = useSession((s) => s.config.batchSize);
  const maps = useSession((s) => s.maps);
  const layer = layerAt(compiled, path, node.id);
  const mine = maps?.layers.find((l) => l.layer === [...path, node.id].join('/'));
  const { family, label } = describe(node);
  const problems = problemsAt(compiled, path, node.id);
  const hasWeights = (layer?.parameters ?? 0) > 0;
  const teaching = node.kind === 'layer' && isLayerType(node.layer) ? layerSpec(node.layer).teaching : null;
  return (
    <>
      <div style={{ display: 'flex', alignItems: 'center', gap: 8, marginBottom: 12 }}>
        <span className="glyph" style={{ background: familyColor[family] }} aria-hidden>{families[family].glyph}</span>
        <TextInput variant="unstyled" size="sm" aria-label="Name" value={node.name} styles={{ input: { fontWeight: 600, fontSize: 14, height: 26, minHeight: 26 } }} style={{ flex: 1 }}
          onChange={(e) => e.currentTarget.value !== '' && edit({ kind: 'set-node', path, id: node.id, change: { name: e.currentTarget.value } }, 'Rename', `${node.id} name`)} />
        <span className="dim">{label}</span>
      </div>
      {problems.map((d) => <p key={d.code} role="alert" style={{ color: 'var(--error)', margin: '0 0 10px', lineHeight: 1.45 }}>{render(d).sentence}</p>)}
      {node.kind === 'layer' && <Fields node={node} />}
      {hasWeights && (
        <div className="row" style={{ alignItems: 'center', marginBottom: 6 }}>
          <Tooltip label="Frozen weights keep their values in training. Key L." position="left"><span className="dim">Weights</span></Tooltip>
          <SegmentedControl size="xs" w={134} aria-label="Freeze weights" value={node.frozen ? 'frozen' : 'trains'} data={[{ value: 'trains', label: 'Train' }, { value: 'frozen', label: 'Frozen' }]} onChange={() => toggleFlag('frozen', 'Freeze')} />
        </div>
      )}
      {layer && (
        <>
          <div className="card" style={{ marginTop: 10 }}>
            {layer.inputShapes.length > 0 && <div className="row"><span className="dim">In</span><span className="mono">{layer.inputShapes.map(formatShape).join(' and ')}</span></div>}
            <div className="row"><span className="dim">Out</span><strong className="mono" data-testid="out-shape">{formatShape(layer.shape)}</strong></div>
            {layer.arithmetic.map((line) => <div key={line} className="mono dim">{line}</div>)}
          </div>
          <div className="card" style={{ marginTop: 10 }}>
            <div className="row"><span className="dim">Parameters</span><span className="mono" data-testid="parameters">{whole(layer.parameters)}</span></div>
            {layer.parameterArithmetic && <div className="mono dim">{layer.parameterArithmetic}</div>}
            <div className="row"><span className="dim">Multiply-adds</span><span className="mono">{short(layer.macs)}</span></div>
            <div className="row"><span className="dim">Activations, batch {batch}</span><span className="mono">{bytes(elementCount(layer.shape) * 4 * batch)}</span></div>
            {layer.receptiveField && <div className="row"><span className="dim">Receptive field</span><span className="mono">{layer.receptiveField.join(' × ')}</span></div>}
          </div>
        </>
      )}
      {mine && maps && (
        <div className="card" style={{ marginTop: 10 }}>
          <strong>{mine.height > 1 ? `${mine.channels} ${mine.channels === 1 ? 'map' : 'maps'}` : `${mine.channels} numbers`}, sample {maps.sample}</strong>
          <div style={{ marginTop: 8 }}><MapCanvas maps={mine} width={244} height={140} label={`Maps of ${node.name} for sample ${maps.sample}`} /></div>
          <div className="mono dim" style={{ marginTop: 6 }}>{mine.minimum.toFixed(2)} to {mine.maximum.toFixed(2)}</div>
        </div>
      )}
      {teaching && <p className="dim" style={{ lineHeight: 1.55 }}>{teaching.text}<br /><span className="mono">{teaching.formula}</span></p>}
    </>
  );
}

function NetSummary() {
  const { network } = useDocument((s) => s.compiled);
  const name = useDocument((s) => s.history.document.name);
  return (
    <>
      <h2 style={{ fontSize: 14, margin: '2px 0 12px' }}>{name}</h2>
      <div className="card">
        <div className="row"><span className="dim">Layers</span><span className="mono">{network.layers.length}</span></div>
        <div className="row"><span className="dim">Parameters</span><span className="mono">{whole(network.parameters)}</span></div>
        <div className="row"><span className="dim">Multiply-adds</span><span className="mono">{short(network.macs)}</span></div>
      </div>
      <p className="dim" style={{ lineHeight: 1.55 }}>Select a layer to see and change its parameters, the arithmetic of its shape, and what comes out of it.</p>
    </>
  );
}

export function Inspector() {
  const nodes = useDocument((s) => s.nodes);
  useDocument((s) => s.history.document);
  const selected = currentGraph().nodes.filter((n) => nodes.has(n.id));
  const [only] = selected;
  return (
    <aside className="pane" aria-label="Inspector" style={{ padding: 14 }}>
      {selected.length === 1 && only ? <NodeInspector key={only.id} node={only} /> : selected.length > 1 ? (
        <>
          <h2 style={{ fontSize: 14, margin: '2px 0 12px' }}>{selected.length} layers</h2>
          <div style={{ display: 'grid', gap: 6, justifyItems: 'start' }}>
            <button className="tab" onClick={() => toggleFlag('frozen', 'Freeze')}>Freeze or unfreeze</button>
            <button className="tab" onClick={() => toggleFlag('bypassed', 'Bypass')}>Bypass</button>
            <button className="tab" onClick={removeSelection}>Delete</button>
          </div>
        </>
      ) : <NetSummary />}
    </aside>
  );
}
