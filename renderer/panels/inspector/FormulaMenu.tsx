/** What a field inside a group may be besides a number: a formula, a variable of the group, or one that is there already. */
import { Menu } from '@mantine/core';
import type { GraphPath, GroupNode, LayerNode } from '../../../shared/graph/document.ts';
import { isPromotable, promoteField, variablesAt } from '../../../shared/graph/variables.ts';
import type { Field } from '../../../shared/layers/fields.ts';
import { currentDocument, edit } from '../../state/document.ts';
import { formulaText, isFormula } from '../formulas.ts';

interface FormulaMenuProps {
  readonly field: Field;
  /** The field's key among the parameters. */
  readonly name: string;
  readonly node: LayerNode;
  readonly value: unknown;
  readonly computed: unknown;
  readonly around: { readonly path: GraphPath; readonly group: GroupNode };
  readonly onChange: (v: unknown) => void;
}

export function FormulaMenu({ field, name, node, value, computed, around: { path, group }, onChange }: FormulaMenuProps) {
  const written = isFormula(value);
  const asFormula = (text: string) => (Array.isArray(value) ? value.map(() => `=${text}`) : `=${text}`);
  const promote = () => {
    // A value that is only the layer's default is not among its parameters yet.
    const known: GroupNode = { ...group, graph: { ...group.graph, nodes: group.graph.nodes.map((n) => (n.id === node.id && n.kind === 'layer' ? { ...n, params: { ...n.params, [name]: value } } : n)) } };
    edit(promoteField(path, known, node.id, name, field.label), `Make ${field.label.toLowerCase()} of ${node.name} a variable`);
  };
  return (
    <Menu position="bottom-end" width={220} shadow="md">
      <Menu.Target><button className="icon-button fx" aria-label={`Formula or variable for ${field.label}`} aria-pressed={written} title="Formula or variable">ƒx</button></Menu.Target>
      <Menu.Dropdown>
        {!written && isPromotable(value) && <Menu.Item onClick={promote}>Make it a variable of {group.name}</Menu.Item>}
        {variablesAt(currentDocument(), [...path, group.id]).map((v) => <Menu.Item key={v.name} onClick={() => onChange(asFormula(v.name))}>Use {v.label || v.name} <span className="mono dim">{v.name}</span></Menu.Item>)}
        {!written && <Menu.Item onClick={() => onChange(Array.isArray(value) ? value.map((v) => `=${String(v)}`) : `=${formulaText(value)}`)}>Write a formula</Menu.Item>}
        {written && <Menu.Item onClick={() => onChange(computed ?? field.default)}>Back to a {field.kind === 'bool' ? 'switch' : 'number'}</Menu.Item>}
      </Menu.Dropdown>
    </Menu>
  );
}
