/** One layer: its fields by its own schema, the arithmetic, the cost, the maps, a sentence of explanation. */
import { SegmentedControl, Textarea, TextInput, Tooltip } from '@mantine/core';
import { IconArrowsJoin, IconCopy, IconEyeOff, IconTrash } from '@tabler/icons-react';
import { useState } from 'react';
import { render } from '../../../shared/diagnostics/diagnostic.ts';
import type { DrawnNode, LayerNode } from '../../../shared/graph/document.ts';
import type { NetworkLayer } from '../../../shared/compile/network.ts';
import { families, isLayerType, layerSpec } from '../../../shared/layers/table.ts';
import { elementCount, formatShape } from '../../../shared/shapes/shape.ts';
import { findAction, keyLabel } from '../../actions/actions.ts';
import { toggleFlag } from '../../actions/edits.ts';
import { describe } from '../../canvas/LayerNode.tsx';
import { currentGraph, edit, layerAt, problemsAt, useDocument } from '../../state/document.ts';
import { useSession } from '../../state/session.ts';
import { bytes, short, whole } from '../../ui/format.ts';
import { MapCanvas } from '../../ui/MapCanvas.tsx';
import { familyColor } from '../../ui/theme.ts';
import { FieldRow } from './FieldRow.tsx';

function Fields({ node }: { node: LayerNode }) {
  const path = useDocument((s) => s.path);
  if (!isLayerType(node.layer)) return null;
  const spec = layerSpec(node.layer);
  const values = { ...Object.fromEntries(Object.entries(spec.fields).map(([k, f]) => [k, f.default])), ...node.params };
  return Object.entries(spec.fields).filter(([, f]) => f.visible?.(values) ?? true).map(([name, field]) => (
    <FieldRow key={name} field={field} value={values[name]} onChange={(v) => edit({ kind: 'set-params', path, id: node.id, params: { ...node.params, [name]: v } }, `Set ${field.label.toLowerCase()} of ${node.name}`, `${node.id}.${name}`)} />
  ));
}

/** The name; two layers of one graph cannot share one, and none can be without. */
function Name({ node }: { node: DrawnNode }) {
  const path = useDocument((s) => s.path);
  const [text, setText] = useState(node.name);
  const taken = currentGraph().nodes.some((n) => n.id !== node.id && n.name === text.trim());
  const wrong = text.trim() === '' ? 'Expected a name, got nothing.' : taken ? `Expected a new name, got that of another layer.` : null;
  const take = () => {
    const name = text.trim();
    if (wrong !== null) setText(node.name);
    else if (name !== node.name) edit({ kind: 'set-node', path, id: node.id, change: { name } }, `Rename ${node.name}`);
  };
  return (
    <TextInput variant="unstyled" size="sm" aria-label="Name" value={text} error={wrong} style={{ flex: 1 }} styles={{ input: { fontWeight: 600, fontSize: 14, height: 26, minHeight: 26 } }}
      onChange={(e) => setText(e.currentTarget.value)} onBlur={take} onKeyDown={(e) => { if (e.key === 'Enter') e.currentTarget.blur(); if (e.key === 'Escape') setText(node.name); }} />
  );
}

const commands = [{ id: 'bypass', icon: IconEyeOff }, { id: 'duplicate', icon: IconCopy }, { id: 'delete-reconnect', icon: IconArrowsJoin }, { id: 'delete', icon: IconTrash }] as const;

function Commands({ bypassed }: { bypassed: boolean }) {
  return (
    <div style={{ display: 'flex', gap: 2 }} role="group" aria-label="Commands">
      {commands.map(({ id, icon: Icon }) => {
        const action = findAction(id);
        return action && <Tooltip key={id} label={`${action.label} (${keyLabel(action.keys[0] ?? '')})`}><button className="icon-button" aria-label={action.label} aria-pressed={id === 'bypass' ? bypassed : undefined} onClick={action.run}><Icon size={15} stroke={1.6} /></button></Tooltip>;
      })}
    </div>
  );
}

function Numbers({ layer, batch }: { layer: NetworkLayer; batch: number }) {
  return (
    <>
      <div className="card">
        {layer.inputShapes.length > 0 && <div className="row"><span className="dim">In</span><span className="mono">{layer.inputShapes.map(formatShape).join(' and ')}</span></div>}
        <div className="row"><span className="dim">Out</span><strong className="mono" data-testid="out-shape">{formatShape(layer.shape)}</strong></div>
        {layer.arithmetic.map((line) => <div key={line} className="mono dim sum">{line}</div>)}
      </div>
      <div className="card">
        <div className="row"><span className="dim">Parameters</span><span className="mono" data-testid="parameters">{whole(layer.parameters)}</span></div>
        {layer.parameterArithmetic && <div className="mono dim sum">{layer.parameterArithmetic}</div>}
        <div className="row"><span className="dim">Multiply-adds</span><span className="mono">{short(layer.macs)}</span></div>
        <div className="row"><span className="dim">Activations, batch {batch}</span><span className="mono">{bytes(elementCount(layer.shape) * 4 * batch)}</span></div>
        {layer.receptiveField && <div className="row"><span className="dim">Receptive field</span><span className="mono">{layer.receptiveField.join(' × ')}</span></div>}
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

function Note({ node }: { node: DrawnNode }) {
  const path = useDocument((s) => s.path);
  return (
    <Textarea size="xs" aria-label="Note" placeholder="Note" autosize minRows={1} maxRows={6} mt={10} value={node.note ?? ''}
      onChange={(e) => edit({ kind: 'set-node', path, id: node.id, change: { note: e.currentTarget.value === '' ? undefined : e.currentTarget.value } }, `Note on ${node.name}`, `${node.id} note`)} />
  );
}

export function NodeInspector({ node }: { node: DrawnNode }) {
  const compiled = useDocument((s) => s.compiled);
  const path = useDocument((s) => s.path);
  const batch = useSession((s) => s.config.batchSize);
  const layer = layerAt(compiled, path, node.id);
  const { family, label } = describe(node);
  const teaching = node.kind === 'layer' && isLayerType(node.layer) ? layerSpec(node.layer).teaching : null;
  return (
    <>
      <div style={{ display: 'flex', alignItems: 'center', gap: 8 }}>
        <span className="glyph" style={{ background: familyColor[family] }} aria-hidden>{families[family].glyph}</span>
        <Name key={node.name} node={node} />
        <span className="dim">{label}</span>
      </div>
      <div style={{ margin: '4px 0 10px -4px' }}><Commands bypassed={node.bypassed === true} /></div>
      {problemsAt(compiled, path, node.id).map((d) => <p key={d.code} role="alert" className="wrong">{render(d).sentence}</p>)}
      {node.kind === 'layer' && <Fields node={node} />}
      {(layer?.parameters ?? 0) > 0 && (
        <div className="field">
          <Tooltip label="Frozen weights keep their values in training." position="left"><span className="dim">Weights <kbd>L</kbd></span></Tooltip>
          <span style={{ flex: 1 }} />
          <SegmentedControl size="xs" w={134} aria-label="Freeze weights" value={node.frozen ? 'frozen' : 'trains'} data={[{ value: 'trains', label: 'Train' }, { value: 'frozen', label: 'Frozen' }]} onChange={() => toggleFlag('frozen', 'Freeze')} />
        </div>
      )}
      {layer && <Numbers layer={layer} batch={batch} />}
      <Maps node={node} id={[...path, node.id].join('/')} />
      {teaching && <p className="dim teaching">{teaching.text}<span className="mono">{teaching.formula}</span></p>}
      <Note node={node} />
    </>
  );
}
