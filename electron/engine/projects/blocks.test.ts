/** My blocks on disk: kept, renamed, taken away; a file that is none of ours is left alone. */
import { mkdtemp, readFile, readdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import type { GroupNode } from '../../../shared/graph/document.ts';
import { deleteBlock, listBlocks, renameBlock, saveBlock } from './blocks.ts';

const group: GroupNode = {
  kind: 'group', id: 'g', name: 'stage', position: { x: 1, y: 2 }, repeat: 3, variables: [{ name: 'width', label: 'Width', value: 8 }],
  graph: { nodes: [{ kind: 'layer', id: 'conv', name: 'conv', layer: 'conv2d', params: { filters: '=width' }, position: { x: 0, y: 0 } }], wires: [] },
  inputs: [{ id: 'in', label: 'Input', node: 'conv', port: 'in' }], outputs: [{ id: 'out', label: 'Output', node: 'conv', port: 'out', order: 1 }],
};

describe('my blocks', () => {
  let home = '';
  beforeEach(async () => { home = await mkdtemp(join(tmpdir(), 'netloom-blocks-')); });

  it('are none at first, and come back as they were kept', async () => {
    expect(await listBlocks(home)).toEqual([]);
    await saveBlock(home, 'My stage', group);
    expect(await listBlocks(home)).toEqual([{ id: expect.any(String) as string, name: 'My stage', group }]);
    expect(await readdir(home)).toEqual(['blocks.json']);
  });

  it('are renamed and deleted by id; two changes at once both count', async () => {
    await Promise.all([saveBlock(home, 'a', group), saveBlock(home, 'b', group)]);
    const [a, b] = await listBlocks(home);
    await renameBlock(home, a?.id ?? '', 'other');
    expect((await deleteBlock(home, b?.id ?? '')).map((x) => x.name)).toEqual(['other']);
  });

  it('a group that is none is refused with its place', () => {
    expect(() => saveBlock(home, 'x', { kind: 'group' })).toThrow(/expected a network of Netloom/);
    expect(() => saveBlock(home, 'x', group.graph.nodes[0])).toThrow(/expected a group/);
  });

  it('a foreign file is neither read nor written over; a row that cannot be read stays', async () => {
    const file = join(home, 'blocks.json');
    await writeFile(file, 'hello');
    await expect(listBlocks(home)).rejects.toThrow(/My blocks: expected JSON/);
    await expect(saveBlock(home, 'x', group)).rejects.toThrow(/My blocks: expected JSON/);
    expect(await readFile(file, 'utf8')).toBe('hello');
    await writeFile(file, JSON.stringify({ version: 1, blocks: [{ id: 'odd', name: 'odd', group: { kind: 'later' } }] }));
    expect((await saveBlock(home, 'x', group)).map((b) => b.name)).toEqual(['x']);
    expect((JSON.parse(await readFile(file, 'utf8')) as { blocks: { id: string }[] }).blocks[0]?.id).toBe('odd');
  });
});
