/** The model hub: what it holds, downloads as they come, and opening a net of it. */
import { create } from 'zustand';
import type { SavedModel } from '../../shared/protocol/export-requests.ts';
import type { DownloadState, PretrainedCard } from '../../shared/protocol/hub-requests.ts';
import { replaceDocument } from './document.ts';
import { bridge, openData, refreshMaps } from './engine.ts';
import { openFineTune } from './finetune.ts';
import { closeImport, showImported } from './importing.ts';
import { openModel } from './models.ts';
import { beginSession } from './session.ts';
import { setUi } from './ui.ts';

interface HubState {
  /** Null until the list has come. */
  readonly builtIn: readonly PretrainedCard[] | null;
  readonly downloads: readonly { readonly card: PretrainedCard & { readonly address: string }; readonly download: DownloadState }[];
  readonly mine: readonly SavedModel[];
  /** Of the list itself. */
  readonly failed: unknown;
}
export const useHub = create<HubState>(() => ({ builtIn: null, downloads: [], mine: [], failed: null }));

function take(download: DownloadState): void {
  useHub.setState(({ downloads }) => ({ downloads: downloads.map((d) => (d.card.id === download.id ? { ...d, download } : d)) }));
}
bridge.on('hub.progress', take);

export async function loadHub(): Promise<void> {
  try {
    const [{ builtIn, downloads }, mine] = await Promise.all([bridge.request('hub.list', {}), bridge.request('models.list', {})]);
    useHub.setState({ builtIn, downloads, mine, failed: null });
  } catch (failed) {
    useHub.setState({ failed });
  }
}

export const fetchNet = async (id: string): Promise<void> => take(await bridge.request('hub.download', { id }));
export const holdNet = async (id: string): Promise<void> => take(await bridge.request('hub.cancel', { id }));
/** Takes what was fetched off the disk. */
export const removeNet = async (id: string): Promise<void> => take(await bridge.request('hub.remove', { id }));
export async function renameMine(id: string, name: string): Promise<void> {
  useHub.setState({ mine: await bridge.request('models.rename', { id, name }) });
}
export async function deleteMine(id: string): Promise<void> {
  useHub.setState({ mine: await bridge.request('models.delete', { id }) });
}

/** A net of the hub in place of what is open; the report of one that was drawn from a file, or at once the way to another head. */
export async function openPretrained(id: string, then: 'look' | 'head'): Promise<void> {
  const { document, training, data, report } = await bridge.request('hub.open', { id });
  setUi({ dialog: null });
  if (report) await showImported(document, report);
  else {
    beginSession({ ...(training ? { config: training } : {}), trained: true });
    replaceDocument(document, null);
    setUi({ place: 'design' });
    if (data) await openData(data);
    await refreshMaps();
  }
  if (then === 'look') return;
  closeImport();
  openFineTune();
}

/** One's own net, likewise. */
export async function openMine(id: string, then: 'look' | 'head'): Promise<void> {
  await openModel(id);
  setUi({ dialog: null, place: 'design' });
  if (then === 'head') openFineTune();
}
