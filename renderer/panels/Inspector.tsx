/** The inspector: one layer, several, or the whole network when none is selected. */
import { IconX } from '@tabler/icons-react';
import { groupAround } from '../../shared/graph/group-ports.ts';
import { findAction, keyLabel } from '../actions/actions.ts';
import { describe } from '../canvas/describe.ts';
import { currentDocument, currentGraph, layerAt, select, useDocument } from '../state/document.ts';
import { groupAtPlace } from '../state/lookup.ts';
import { bytes, short, whole } from '../ui/format.ts';
import { ShortName } from '../ui/ShortName.tsx';
import { GroupInspector } from './inspector/GroupInspector.tsx';
import { NodeInspector } from './inspector/NodeInspector.tsx';

/** Where the parameters are: one bar for each layer or group that has some; a click selects it. */
function ParameterBars() {
  const compiled = useDocument((s) => s.compiled);
  const root = useDocument((s) => s.history.document.graph);
  const weighty = root.nodes.flatMap((n) => {
    const parameters = n.kind === 'group' ? (groupAtPlace(root, compiled, [n.id])?.parameters ?? 0) : (layerAt(compiled, [], n.id)?.parameters ?? 0);
    return parameters > 0 ? [{ n, parameters }] : [];
  });
  const most = Math.max(1, ...weighty.map((l) => l.parameters));
  if (weighty.length === 0) return null;
  return (
    <div className="card">
      <strong>Where the parameters are</strong>
      <div className="bars">
        {weighty.slice(0, 40).map(({ n, parameters }) => (
          <button key={n.id} className="bar" onClick={() => select([n.id])}>
            <span className="name"><ShortName text={n.name} /></span>
            <span className="track"><span style={{ width: `${Math.max(1, (100 * parameters) / most)}%`, background: describe(n).color }} /></span>
            <span className="mono">{whole(parameters)}</span>
          </button>
        ))}
      </div>
      {weighty.length > 40 && <span className="dim">and {whole(weighty.length - 40)} more</span>}
    </div>
  );
}

function NetSummary() {
  const { network } = useDocument((s) => s.compiled);
  const name = useDocument((s) => s.history.document.name);
  const classes = useDocument((s) => s.dataInfo?.name);
  return (
    <>
      <h2 className="title">{name}</h2>
      <div className="card">
        <div className="row"><span className="dim">Layers</span><span className="mono">{whole(network.layers.length)}</span></div>
        <div className="row"><span className="dim">Parameters</span><span className="mono">{whole(network.parameters)}</span></div>
        <div className="row"><span className="dim">Weights on disk</span><span className="mono">{bytes(network.parameters * 4)}</span></div>
        <div className="row"><span className="dim">Multiply-adds a sample</span><span className="mono">{short(network.macs)}</span></div>
        {classes !== undefined && <div className="row"><span className="dim">Data</span><span className="ellipsis">{classes}</span></div>}
      </div>
      <ParameterBars />
      <p className="dim teaching">Select a layer to see and change its parameters, the arithmetic of its shape, and what comes out of it. Press <kbd>?</kbd> for the keys.</p>
    </>
  );
}

function Several({ count }: { count: number }) {
  return (
    <>
      <h2 className="title">{count} layers</h2>
      <div style={{ display: 'grid', gap: 2 }}>
        {['group', 'join', 'freeze', 'bypass', 'duplicate', 'delete-reconnect', 'delete'].map((id) => {
          const action = findAction(id);
          return action && <button key={id} className="palette-item" style={{ cursor: 'pointer' }} onClick={action.run}>{action.label}<span style={{ flex: 1 }} /><kbd className="dim">{keyLabel(action.keys[0] ?? '')}</kbd></button>;
        })}
      </div>
    </>
  );
}

export function Inspector({ onClose }: { onClose?: () => void }) {
  const nodes = useDocument((s) => s.nodes);
  useDocument((s) => s.history.document);
  const path = useDocument((s) => s.path);
  const selected = currentGraph().nodes.filter((n) => nodes.has(n.id));
  const around = groupAround(currentDocument(), path);
  const [only] = selected;
  return (
    <aside className="pane inspector" aria-label="Inspector">
      {onClose && <button className="icon-button close" aria-label="Close the inspector" onClick={onClose}><IconX size={15} /></button>}
      {selected.length === 1 && only ? (only.kind === 'group' ? <GroupInspector key={only.id} group={only} path={path} /> : <NodeInspector key={only.id} node={only} />)
        : selected.length > 1 ? <Several count={selected.length} /> : around ? <GroupInspector key={path.join('/')} group={around.group} path={around.path} inside /> : <NetSummary />}
    </aside>
  );
}
