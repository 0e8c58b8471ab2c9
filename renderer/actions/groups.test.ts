/** Groups by their commands, as keys and menus run them. */
import { beforeEach, describe, expect, it, vi } from 'vitest';

vi.mock('../bridge/connect.ts', () => ({ connectBridge: () => ({ request: async () => ({}), on: () => () => undefined, onConnection: () => () => undefined, shell: { kind: 'browser', dialogs: null, onMenu: () => () => undefined } }) }));

const { findAction } = await import('./actions.ts');
const { addNode, connect, pasteText, removeSelection, selectionText } = await import('./edits.ts');
const { actionFor } = await import('./keys.ts');
const { freeBlockName } = await import('./blocks.ts');
const { goToPlace } = await import('./go.ts');
const { findAddable, searchAddables } = await import('../canvas/addables.ts');
const { tiesOf } = await import('../canvas/stubs.ts');
const { currentDocument, currentGraph, edit, replaceDocument, select, undoEdit, useDocument } = await import('../state/document.ts');
const { groupAtPlace } = await import('../state/lookup.ts');
const { findTemplate } = await import('../../shared/templates/templates.ts');
const { stubId } = await import('../../shared/graph/group-ports.ts');
const { setUi } = await import('../state/ui.ts');

vi.stubGlobal('requestAnimationFrame', (run: () => void) => { run(); return 0; });
type Template = { build(): Parameters<typeof replaceDocument>[0] };
const run = (id: string) => { const a = findAction(id); if (a?.enabled()) a.run(); };
const idOf = (name: string) => (currentGraph().nodes.find((n) => n.name === name) as { id: string }).id;
const parameters = () => useDocument.getState().compiled.network.parameters;
const group = () => currentDocument().graph.nodes.find((n) => n.kind === 'group') as Extract<ReturnType<typeof currentGraph>['nodes'][number], { kind: 'group' }>;

beforeEach(() => {
  replaceDocument((findTemplate('lenet-5-digits') as Template).build(), null);
  setUi({ place: 'design' });
});

describe('groups by command', () => {
  it('are made by Ctrl+G, entered by Enter, left by Escape, opened by Ctrl+Shift+G', () => {
    expect(['Mod+G', 'Mod+Shift+G', 'Enter', 'Escape'].map((k) => actionFor(k, false)?.id)).toEqual(['group', 'ungroup', 'enter', 'deselect']);
    const [before, sum] = [currentDocument(), parameters()];
    select([idOf('conv 2'), idOf('pool 2')]);
    run('group');
    expect([currentGraph().nodes.length, parameters()]).toEqual([before.graph.nodes.length - 1, sum]);
    run('enter');
    expect(currentGraph().nodes.map((n) => n.name)).toEqual(['conv 2', 'pool 2']);
    run('deselect');
    // What was left is selected, to be opened at once.
    expect([useDocument.getState().path, [...useDocument.getState().nodes]]).toEqual([[], [group().id]]);
    run('ungroup');
    expect(currentGraph().nodes.map((n) => n.name).sort()).toEqual(before.graph.nodes.map((n) => n.name).sort());
    undoEdit();
    undoEdit();
    expect(currentDocument()).toEqual(before);
  });

  it('nothing to group, nothing to enter: the keys do nothing', () => {
    select([]);
    expect(['group', 'ungroup', 'enter', 'save-block'].map((id) => findAction(id)?.enabled())).toEqual([false, false, false, false]);
  });

  it('are copied whole, inside and out', () => {
    select([idOf('conv 1'), idOf('pool 1')]);
    run('group');
    run('enter');
    select([idOf('pool 1')]);
    pasteText(selectionText() as string);
    expect(currentGraph().nodes.map((n) => n.name)).toEqual(['conv 1', 'pool 1', 'pool 2']);
    run('deselect');
    run('deselect');
    run('duplicate');
    expect(currentGraph().nodes.filter((n) => n.kind === 'group').map((n) => n.name)).toEqual(['group 1', 'group 2']);
  });

  it('layers copied out of a group take along what their formulas stand for', () => {
    select([idOf('conv 2'), idOf('pool 2')]);
    run('group');
    const id = group().id;
    const inner = group().graph.nodes[0] as { id: string; params: Record<string, unknown> };
    edit({ kind: 'batch', edits: [
      { kind: 'set-node', path: [], id, change: { repeat: 2, variables: [{ name: 'width', label: 'Width', value: '6 * 2' }] } },
      { kind: 'set-params', path: [id], id: inner.id, params: { ...inner.params, filters: '=width * (k + 1)', kernel: ['=width / 4', 3] } },
    ] }, 'Formulas');
    run('enter');
    select([idOf('conv 2')]);
    const text = selectionText() as string;
    const paramsOf = (name: string) => (currentGraph().nodes.find((n) => n.name === name) as typeof inner).params;
    pasteText(text);
    expect(paramsOf('conv 1').filters).toBe('=width * (k + 1)');
    run('deselect');
    run('deselect');
    pasteText(text);
    // Outside, k is 0 again and the width is a number.
    expect([paramsOf('conv 2').filters, paramsOf('conv 2').kernel]).toEqual(['=12 * (k + 1)', [3, 3]]);
  });

  it('inside, a tie is removed like a wire, and drawn like one', () => {
    select([idOf('conv 2'), idOf('pool 2')]);
    run('group');
    run('enter');
    const before = group().inputs;
    select([], [tiesOf(group())[0]?.id ?? '']);
    removeSelection();
    expect([tiesOf(group()).map((t) => t.side), useDocument.getState().compiled.ready]).toEqual([['outputs'], false]);
    connect({ node: stubId('inputs', 'in'), port: 'out' }, { node: idOf('conv 2'), port: 'in' });
    expect([group().inputs, useDocument.getState().compiled.ready]).toEqual([before, true]);
  });

  it('all can be opened at once: only layers are left, and the net is the same', async () => {
    replaceDocument((findTemplate('resnet-50') as Template).build(), null);
    const [before, sum, count] = [currentDocument(), parameters(), useDocument.getState().compiled.network.layers.length];
    const { ungroupAll } = await import('./groups.ts');
    ungroupAll();
    expect([currentGraph().nodes.every((n) => n.kind === 'layer'), currentGraph().nodes.length, parameters()]).toEqual([true, count, sum]);
    undoEdit();
    expect(currentDocument()).toEqual(before);
  });

  it('a problem inside leads to the layer, and its group knows of it', () => {
    select([idOf('conv 2'), idOf('pool 2')]);
    run('group');
    goToPlace(`${group().id}/${group().graph.nodes[0]?.id}`);
    expect([useDocument.getState().path, [...useDocument.getState().nodes]]).toEqual([[group().id], [group().graph.nodes[0]?.id]]);
    const { compiled, history } = useDocument.getState();
    expect(groupAtPlace(history.document.graph, compiled, [group().id])?.worst).toBeNull();
  });
});

describe('blocks', () => {
  it('are found with the layers, and come with free ids and names', () => {
    expect(searchAddables('residual', []).map((a) => a.section)).toContain('blocks');
    const block = findAddable('block conv-bn-relu', []);
    for (let i = 0; i < 2; i++) if (block) addNode(block.node(currentGraph()), { position: { x: 0, y: 900 + 300 * i } });
    const added = currentGraph().nodes.filter((n) => n.kind === 'group');
    expect([added.map((n) => n.name), new Set(added.map((n) => n.id)).size]).toEqual([['conv-bn-relu 1', 'conv-bn-relu 2'], 2]);
  });
  it('every built-in block goes into a net, and each key is its own', () => {
    const all = searchAddables('', []);
    expect(new Set(all.map((a) => a.key)).size).toBe(all.length);
    for (const a of all.filter((x) => x.section === 'blocks')) expect(a.node({ nodes: [], wires: [] }).kind).toBe('group');
  });
  it('kept under one name twice get a number', () => expect(freeBlockName('stage', ['stage', 'stage 2'])).toBe('stage 3'));
});
