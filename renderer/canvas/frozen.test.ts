/** What stands still: of the layers with weights all, some, or none. */
import { expect, it } from 'vitest';
import { compile } from '../../shared/compile/compile.ts';
import { emptyDocument, type DrawnNode, type GroupNode } from '../../shared/graph/document.ts';
import { defaultParams, type LayerType } from '../../shared/layers/table.ts';
import { groupAtPlace, layerAtPlace } from '../state/lookup.ts';
import { frozenOf } from './frozen.ts';

const layer = (id: string, type: LayerType, more: object = {}): DrawnNode => ({ kind: 'layer', id, name: id, layer: type, params: defaultParams(type), position: { x: 0, y: 0 }, ...more });
const wire = (from: string, to: string) => ({ id: `${from}>${to}`, from: { node: from, port: 'out' }, to: { node: to, port: 'in' } });

/** A group of two convolutions with a rectifier between, as marked. */
function stand(marks: { readonly a?: boolean; readonly b?: boolean; readonly group?: boolean; readonly bend?: boolean }) {
  const group: GroupNode = {
    kind: 'group', id: 'g', name: 'g', position: { x: 0, y: 0 }, repeat: 1, ...(marks.group ? { frozen: true } : {}),
    graph: { nodes: [layer('a', 'conv2d', marks.a ? { frozen: true } : {}), layer('bend', 'relu', marks.bend ? { frozen: true } : {}), layer('b', 'conv2d', marks.b ? { frozen: true } : {})], wires: [wire('a', 'bend'), wire('bend', 'b')] },
    inputs: [{ id: 'in', label: 'Input', node: 'a', port: 'in' }], outputs: [{ id: 'out', label: 'Output', node: 'b', port: 'out' }],
  };
  const graph = { nodes: [layer('input', 'input'), group], wires: [wire('input', 'g')] };
  const compiled = compile({ ...emptyDocument('net'), graph });
  const inner = (id: string) => {
    const node = group.graph.nodes.find((n) => n.id === id) as DrawnNode;
    const found = layerAtPlace(compiled, `g/${id}`);
    return frozenOf(node, found ? [found] : []);
  };
  return [frozenOf(group, groupAtPlace(graph, compiled, ['g'])?.layers ?? []), inner('a'), inner('bend')];
}

it.each([
  [{}, ['none', 'none', 'none']], [{ a: true }, ['part', 'all', 'none']], [{ a: true, b: true }, ['all', 'all', 'none']], [{ group: true }, ['all', 'all', 'none']], [{ bend: true }, ['none', 'none', 'all']],
] as const)('%o', (marks, expected) => expect(stand(marks)).toEqual(expected));
