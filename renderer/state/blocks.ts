/** The person's own blocks, as the engine keeps them. */
import { create } from 'zustand';
import type { GroupNode } from '../../shared/graph/document.ts';
import type { SavedBlock } from '../../shared/protocol/values.ts';
import { bridge } from './engine.ts';

export const useBlocks = create<{ readonly mine: readonly SavedBlock[] }>(() => ({ mine: [] }));

const show = (mine: readonly SavedBlock[]): void => useBlocks.setState({ mine });

export const loadBlocks = async (): Promise<void> => show(await bridge.request('blocks.list', {}));
export const keepBlock = async (name: string, group: GroupNode): Promise<void> => show(await bridge.request('blocks.save', { name, group }));
export const renameBlock = async (id: string, name: string): Promise<void> => show(await bridge.request('blocks.rename', { id, name }));
export const deleteBlock = async (id: string): Promise<void> => show(await bridge.request('blocks.delete', { id }));
