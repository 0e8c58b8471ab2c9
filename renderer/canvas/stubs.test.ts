/** Where the ports of a group stand inside it. */
import { describe, expect, it } from 'vitest';
import type { DrawnNode, GroupNode } from '../../shared/graph/document.ts';
import { NOWHERE } from '../../shared/graph/group-ports.ts';
import { STUB, stubsOf, tiesOf } from './stubs.ts';

const node = (id: string, x: number, y: number): DrawnNode => ({ kind: 'layer', id, name: id, layer: 'relu', params: {}, position: { x, y } });
const group: GroupNode = {
  kind: 'group', id: 'g', name: 'g', position: { x: 0, y: 0 }, repeat: 1, graph: { nodes: [node('a', 0, 0), node('b', 0, 20), node('c', 400, 0)], wires: [] },
  inputs: [{ id: 'in', label: 'Maps', node: 'a', port: 'in' }, { id: 'skip', label: '', node: 'b', port: 'in' }, { id: 'in', label: 'Maps', node: 'c', port: 'in' }],
  outputs: [{ id: 'out', label: 'Output', node: NOWHERE, port: 'out' }],
};

describe('stubs', () => {
  const stubs = stubsOf(group);
  it('are one for each port, and one for a new port on each side', () => {
    expect(stubs.map((s) => [s.id, s.label, s.tied])).toEqual([['@in:in', 'Maps', true], ['@in:skip', 'skip', true], ['@in', 'New input', true], ['@out:out', 'Output', false], ['@out', 'New output', true]]);
  });
  it('stand left and right of the layers, none on another', () => {
    const [left, right] = [stubs.filter((s) => s.side === 'inputs'), stubs.filter((s) => s.side === 'outputs')];
    expect([left.every((s) => s.position.x + STUB.width < 0), right.every((s) => s.position.x > 400)]).toEqual([true, true]);
    for (const side of [left, right]) {
      const tops = side.map((s) => s.position.y).sort((a, b) => a - b);
      expect(tops.slice(1).every((y, i) => y - (tops[i] as number) >= STUB.height)).toBe(true);
    }
  });
  it('stand as high as what they are tied to', () => {
    const [only] = stubsOf({ ...group, inputs: group.inputs.slice(0, 1) }, () => 176);
    expect(only?.position.y).toBe(176 / 2 - STUB.height / 2);
  });
  it('are tied by wires of ids that no document has; what leads nowhere is not', () => {
    expect(tiesOf(group).map((t) => [t.id.startsWith('@'), t.from, t.to])).toEqual([
      [true, { node: '@in:in', port: 'out' }, { node: 'a', port: 'in' }], [true, { node: '@in:skip', port: 'out' }, { node: 'b', port: 'in' }], [true, { node: '@in:in', port: 'out' }, { node: 'c', port: 'in' }],
    ]);
  });
});
