/** Freezing by its keys, on layers, on groups, inside groups, and on what lies before. */
import { beforeEach, expect, it, vi } from 'vitest';

vi.mock('../bridge/connect.ts', () => ({ connectBridge: () => ({ request: async () => ({}), on: () => () => undefined, onConnection: () => () => undefined, shell: { kind: 'browser', dialogs: null, onMenu: () => () => undefined } }) }));

const { findAction } = await import('./actions.ts');
const { actionFor } = await import('./keys.ts');
const { currentDocument, replaceDocument, select, showGraph, undoEdit, useDocument } = await import('../state/document.ts');
const { findTemplate } = await import('../../shared/templates/templates.ts');
const { setUi } = await import('../state/ui.ts');

const run = (id: string) => { const a = findAction(id); if (a?.enabled()) a.run(); };
const frozen = () => useDocument.getState().compiled.network.layers.filter((l) => l.frozen && l.weights.length > 0).map((l) => l.id);
const all = () => useDocument.getState().compiled.network.layers.filter((l) => l.weights.length > 0).map((l) => l.id);
const open = (id: string) => replaceDocument((findTemplate(id) as { build(o: object): Parameters<typeof replaceDocument>[0] }).build({ size: 32, channels: 3, classes: 4 }), null);

beforeEach(() => {
  open('small-resnet');
  setUi({ place: 'design' });
});

it('has its keys', () => {
  expect(['L', 'Shift+L', 'Alt+L'].map((k) => actionFor(k, false)?.id)).toEqual(['freeze', 'freeze-before', 'unfreeze-all']);
});

it('L freezes a group and thaws it, one step each', () => {
  const before = currentDocument();
  const group = before.graph.nodes.find((n) => n.kind === 'group') as { id: string };
  select([group.id]);
  run('freeze');
  expect(frozen()).toEqual(all().filter((id) => id.startsWith(`${group.id}/`) || id.startsWith(`${group.id}#`)));
  run('freeze');
  expect(frozen()).toEqual([]);
  undoEdit();
  undoEdit();
  expect(currentDocument()).toEqual(before);
});

it('a layer thaws alone inside a frozen group, and what is half frozen freezes whole', () => {
  const group = currentDocument().graph.nodes.find((n) => n.kind === 'group') as { id: string; graph: { nodes: readonly { id: string }[] } };
  select([group.id]);
  run('freeze');
  const inside = frozen();
  const inner = group.graph.nodes[0] as { id: string };
  showGraph([group.id]);
  select([inner.id]);
  run('freeze');
  const left = inside.filter((id) => !id.replaceAll(/#\d+/g, '').startsWith(`${group.id}/${inner.id}`));
  expect(left.length).toBeLessThan(inside.length);
  expect(frozen()).toEqual(left);
  showGraph([]);
  select([group.id]);
  run('freeze');
  expect(frozen()).toEqual(inside);
});

it('everything before a layer, and everything thawed', () => {
  const dense = all().at(-1) as string;
  select([dense]);
  run('freeze-before');
  expect(frozen()).toEqual(all().slice(0, -1));
  run('unfreeze-all');
  expect(frozen()).toEqual([]);
  expect(findAction('unfreeze-all')?.enabled()).toBe(false);
});
