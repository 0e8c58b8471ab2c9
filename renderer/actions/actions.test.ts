import { beforeEach, describe, it, expect, vi } from 'vitest';

const requests: string[] = [];
vi.mock('../bridge/connect.ts', () => ({ connectBridge: () => ({ request: async (method: string) => { requests.push(method); return {}; }, on: () => () => undefined, onConnection: () => () => undefined, shell: { kind: 'browser', dialogs: null, onMenu: () => () => undefined } }) }));

const { actions, findAction } = await import('./actions.ts');
const { actionFor, chordOf } = await import('./keys.ts');
const { addLayer, pasteText, removeSelectionAndReconnect, selectionText, selectJoined, spliceNode, whyNot } = await import('./edits.ts');
const { currentDocument, currentGraph, edit, replaceDocument, select, showGraph, undoEdit, useDocument } = await import('../state/document.ts');
const { findTemplate } = await import('../../shared/templates/templates.ts');
const { setUi, useUi } = await import('../state/ui.ts');

const press = (key: string, more: Partial<KeyboardEvent> = {}) => chordOf({ key, code: '', ctrlKey: false, metaKey: false, shiftKey: false, altKey: false, ...more });
const template = (id: string) => replaceDocument((findTemplate(id) as { build(): Parameters<typeof replaceDocument>[0] }).build(), null);
const byName = (name: string) => currentGraph().nodes.find((n) => n.name === name) as { id: string };
const wires = () => currentGraph().wires.map((w) => [w.from, w.to].map((e) => currentGraph().nodes.find((n) => n.id === e.node)?.name).join(' > '));

beforeEach(() => { template('lenet-5-digits'); setUi({ place: 'design' }); });

describe('the table of actions', () => {
  it('gives each key to one action, and each action one id', () => {
    const keys = actions.flatMap((a) => a.keys);
    expect(keys.filter((k, i) => keys.indexOf(k) !== i)).toEqual([]);
    expect(new Set(actions.map((a) => a.id)).size).toBe(actions.length);
  });
  it('fires no single key while somebody types', () => {
    const single = actions.flatMap((a) => a.keys).filter((k) => !k.startsWith('Mod+'));
    expect(single.length).toBeGreaterThan(5);
    expect(single.filter((k) => actionFor(k, true))).toEqual([]);
  });
  it('leaves undo and paste to a text field, but saves and trains from within one', () => {
    expect(['Mod+Z', 'Mod+V', 'Mod+A'].map((k) => actionFor(k, true)?.id)).toEqual([undefined, undefined, undefined]);
    expect(['Mod+S', 'Mod+Enter'].map((k) => actionFor(k, true)?.id)).toEqual(['save', 'train']);
  });
});

describe('chords', () => {
  it.each([
    [press('z', { ctrlKey: true }), 'undo'], [press('z', { metaKey: true }), 'undo'], [press('Z', { ctrlKey: true, shiftKey: true }), 'redo'], [press('!', { code: 'Digit1', shiftKey: true }), 'fit'],
    [press('>', { code: 'Period', ctrlKey: true, shiftKey: true }), 'stop'], [press('.', { code: 'Period' }), 'frame'], [press('?', { shiftKey: true }), 'shortcuts'], [press('µ', { code: 'KeyM', altKey: true }), 'minimap'],
    [press('Delete', { ctrlKey: true }), 'delete-reconnect'], [press('A', { shiftKey: true }), 'add'], [press('l'), 'freeze'],
  ])('%s', (chord, id) => expect(actionFor(chord, false)?.id).toBe(id));
});

describe('commands on the graph', () => {
  it('deletes several and joins what is left, as one step', () => {
    const before = currentDocument();
    select([byName('conv 1').id, byName('pool 1').id]);
    removeSelectionAndReconnect();
    expect(wires()[0]).not.toBeUndefined();
    expect(wires()).toContain('input > conv 2');
    undoEdit();
    expect(currentDocument().graph.nodes.map((n) => n.id).sort()).toEqual(before.graph.nodes.map((n) => n.id).sort());
    expect(useDocument.getState().history.past).toEqual([]);
  });
  it('selects what leads to a layer and what follows it, not what lies beside', () => {
    const names = () => [...useDocument.getState().nodes].map((id) => currentGraph().nodes.find((n) => n.id === id)?.name).sort();
    const all = currentGraph().nodes.map((n) => n.name);
    addLayer('relu', { from: { node: byName('conv 1').id, port: 'out' }, position: { x: 0, y: 500 } });
    select([byName('conv 2').id]);
    selectJoined();
    expect(names()).toEqual(all.toSorted());
    select([byName('relu 1').id]);
    selectJoined();
    expect(names()).toEqual(['conv 1', 'input', 'relu 1']);
  });
  it('adds a layer into a wire', () => {
    const wire = currentGraph().wires[0];
    if (wire) addLayer('relu', { into: wire, position: { x: 0, y: 0 } });
    expect(wires()).toContain('input > relu 1');
    expect(wires()).toContain('relu 1 > conv 1');
    expect(wires()).not.toContain('input > conv 1');
  });
  it('adds a layer between the selected one and the one that it feeds, and makes room in the row; one step', () => {
    const before = currentGraph();
    const place = (name: string) => currentGraph().nodes.find((n) => n.name === name)?.position;
    select([byName('conv 2').id]);
    addLayer('batch-norm');
    expect(wires()).toEqual(expect.arrayContaining(['conv 2 > batch norm 1', 'batch norm 1 > pool 2']));
    expect(wires()).not.toContain('conv 2 > pool 2');
    const boxes = currentGraph().nodes.map((n) => n.position);
    for (const [i, a] of boxes.entries()) for (const b of boxes.slice(i + 1)) expect(Math.abs(a.x - b.x) >= 168 || Math.abs(a.y - b.y) >= 60).toBe(true);
    expect(place('batch norm 1')?.y).toBe(place('conv 2')?.y);
    expect(place('pool 2')?.x).toBeGreaterThan(place('batch norm 1')?.x ?? Infinity);
    undoEdit();
    expect(currentGraph()).toEqual(before);
    expect(useDocument.getState().history.past).toEqual([]);
  });
  it('leaves a layer loose that joins several, and one after a layer that feeds several', () => {
    const before = wires();
    select([byName('conv 2').id]);
    addLayer('add');
    expect(wires()).toEqual(before);
    edit({ kind: 'add-wire', path: [], wire: { id: 'w', from: { node: byName('conv 2').id, port: 'out' }, to: { node: byName('add 1').id, port: 'in' } } }, 'Connect');
    const branched = wires();
    select([byName('conv 2').id]);
    addLayer('relu');
    expect(wires()).toEqual(branched);
  });
  it('puts a moved layer into a wire in the step of its drag', () => {
    addLayer('relu', { position: { x: 900, y: 900 } });
    const { id } = byName('relu 1');
    edit({ kind: 'move-nodes', path: [], positions: { [id]: { x: 10, y: 10 } } }, 'Move', 'drag 1');
    const wire = currentGraph().wires[0];
    if (wire) spliceNode(id, wire, 'drag 1');
    expect(wires()).toContain('input > relu 1');
    undoEdit();
    expect(wires()).toContain('input > conv 1');
    expect(currentGraph().nodes.find((n) => n.id === id)?.position).toEqual({ x: 900, y: 900 });
  });
  it('says which layers cannot follow a picture', () => {
    const from = { node: byName('pool 1').id, port: 'out' };
    expect(whyNot('conv2d', { from })).toBeNull();
    expect(whyNot('dense', { from })).toContain('expected a vector, got maps of 4×4×16');
    expect(whyNot('input', { from })).not.toBeNull();
  });
  it('pastes what it copied under new names, and leaves other text alone', () => {
    select([byName('conv 1').id, byName('pool 1').id]);
    const text = selectionText() ?? '';
    const count = currentGraph().nodes.length;
    pasteText('just words');
    expect(currentGraph().nodes.length).toBe(count);
    pasteText(text);
    const names = currentGraph().nodes.map((n) => n.name);
    expect(names.length).toBe(count + 2);
    expect(new Set(names).size).toBe(names.length);
    expect(useDocument.getState().nodes.size).toBe(2);
  });
  it('leaves the selection before the group', () => {
    select([byName('conv 1').id]);
    findAction('deselect')?.run();
    expect(useDocument.getState().nodes.size).toBe(0);
    expect(findAction('deselect')?.enabled()).toBe(false);
  });
});

describe('the shown graph', () => {
  it('goes back out when an undo takes the group away', () => {
    const group = { kind: 'group' as const, id: 'g', name: 'block', position: { x: 0, y: 0 }, graph: { nodes: [], wires: [] }, repeat: 1, inputs: [], outputs: [] };
    edit({ kind: 'add-node', path: [], node: group }, 'Group');
    showGraph(['g']);
    undoEdit();
    expect(useDocument.getState().path).toEqual([]);
  });
  it('shows the dock when one of its tabs is named', () => {
    setUi({ dockOpen: false });
    setUi({ dock: 'problems' });
    expect(useUi.getState()).toMatchObject({ dock: 'problems', dockOpen: true });
  });
});
