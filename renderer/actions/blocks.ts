/** Keeping groups as blocks of one's own. */
import { notifications } from '@mantine/notifications';
import type { GroupNode } from '../../shared/graph/document.ts';
import { keepBlock, useBlocks } from '../state/blocks.ts';
import { attempt } from '../state/engine.ts';
import { setUi } from '../state/ui.ts';
import { selectedGroups } from './groups.ts';

/** The name, or the name with the first number that none of one's blocks has. */
export function freeBlockName(name: string, taken: readonly string[]): string {
  if (!taken.includes(name)) return name;
  for (let i = 2; ; i++) if (!taken.includes(`${name} ${i}`)) return `${name} ${i}`;
}

/** Keeps a copy of a group, without what belongs to its place alone. */
export function saveBlock({ frozen: _frozen, bypassed: _bypassed, ...group }: GroupNode): void {
  const name = freeBlockName(group.name, useBlocks.getState().mine.map((b) => b.name));
  attempt(async () => {
    await keepBlock(name, { ...group, name });
    setUi({ paletteOpen: true });
    notifications.show({ title: `${name} is one of your blocks now`, message: 'It is in the palette under My blocks, in every project.', withBorder: true, autoClose: 4000 });
  });
}

/** Keeps every selected group. */
export const saveSelectedBlocks = (): void => selectedGroups().forEach(saveBlock);
