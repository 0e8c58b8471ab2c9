/** Nets that the person keeps: the list, and opening one as a new project. */
import type { SavedModel } from '../../shared/protocol/export-requests.ts';
import { replaceDocument } from './document.ts';
import { bridge, openData, refreshMaps } from './engine.ts';
import { beginSession } from './session.ts';

/** A copy in place of whatever is open, with its weights, settings and data. */
export async function openModel(id: string): Promise<SavedModel> {
  const { document, training, data, model } = await bridge.request('models.open', { id });
  beginSession({ config: training, trained: true });
  replaceDocument(document, null);
  await openData(data);
  await refreshMaps();
  return model;
}
