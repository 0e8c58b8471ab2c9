/** The variables of a group: numbers that fields inside use by name. */
import { IconPlus, IconX } from '@tabler/icons-react';
import type { GraphPath, GroupNode, GroupVariable } from '../../../shared/graph/document.ts';
import { addVariable, freshVariable, isFreeName, removeVariable, renameVariable, setVariable } from '../../../shared/graph/variables.ts';
import { isExpression, parseExpression } from '../../../shared/util/expression.ts';
import { edit } from '../../state/document.ts';
import { arithmetic } from '../fields.ts';
import { faultText } from '../formulas.ts';
import { Committed } from './Committed.tsx';

const shown = (v: GroupVariable): string => (typeof v.value === 'number' ? String(v.value) : isExpression(v.value) ? v.value.slice(1) : v.value);

/** A number where the text is one, else the formula. */
function valueOf(text: string): number | string {
  const number = arithmetic(text);
  return Number.isFinite(number) ? number : `=${text.replace(/^=/, '').trim()}`;
}

function Row({ group, path, variable }: { group: GroupNode; path: GraphPath; variable: GroupVariable }) {
  const { name, label } = variable;
  const removal = removeVariable(path, group, name);
  return (
    <div className="variable" role="group" aria-label={label || name}>
      <Committed aria-label={`Name of ${name}`} classNames={{ input: 'mono' }} title={`${name}: fields inside use it by this name`} value={name} wrong={(t) => (isFreeName(group, t) ? null : 'Expected a free name of letters and digits.')} onTake={(to) => edit(renameVariable(path, group, name, to), `Rename ${name}`)} />
      <Committed aria-label={`Meaning of ${name}`} placeholder="Meaning" title={label} value={label} wrong={() => null} onTake={(to) => edit(setVariable(path, group, name, { label: to }), `Rename ${label}`)} />
      <Committed aria-label={`Value of ${name}`} classNames={{ input: 'mono' }} title={shown(variable)} value={shown(variable)} wrong={(t) => { const e = parseExpression(t.replace(/^=/, '')); return e.ok ? null : faultText(e.error); }}
        onTake={(t) => edit(setVariable(path, group, name, { value: valueOf(t) }), `Set ${label || name}`)} />
      <button className="icon-button" aria-label={`Remove ${name}`} title={removal ? 'Remove: the fields keep its value' : 'It is computed from k, n or a name that means something else inside'} disabled={!removal} onClick={() => removal && edit(removal, `Remove ${name}`)}><IconX size={13} /></button>
    </div>
  );
}

export function Variables({ group, path }: { group: GroupNode; path: GraphPath }) {
  const variables = group.variables ?? [];
  return (
    <section aria-label="Variables" style={{ margin: '2px 0 10px' }}>
      <div className="row" style={{ alignItems: 'center' }}>
        <span className="dim">Variables</span>
        <button className="icon-button" aria-label="New variable" title="New variable" onClick={() => edit(addVariable(path, group, { name: freshVariable(group, 'value'), label: '', value: 1 }), 'Add a variable')}><IconPlus size={14} /></button>
      </div>
      {variables.map((v) => <Row key={v.name} group={group} path={path} variable={v} />)}
      {variables.length === 0 && <p className="dim" style={{ margin: '0 0 4px', fontSize: 11 }}>None. Open the group, select a layer, and make one of its fields a variable with ƒx.</p>}
    </section>
  );
}
