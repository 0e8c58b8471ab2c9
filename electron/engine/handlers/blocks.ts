/** The person's own blocks. */
import { deleteBlock, listBlocks, renameBlock, saveBlock } from '../projects/blocks.ts';
import type { Handlers } from './handler.ts';

export const blocksHandlers: Handlers<'blocks'> = {
  'blocks.list': (w) => listBlocks(w.options.appDir),
  'blocks.save': async (w, { name, group }) => {
    const blocks = await saveBlock(w.options.appDir, name, group);
    w.log('info', `Saved ${name} to my blocks`);
    return blocks;
  },
  'blocks.rename': (w, { id, name }) => renameBlock(w.options.appDir, id, name),
  'blocks.delete': (w, { id }) => deleteBlock(w.options.appDir, id),
};
