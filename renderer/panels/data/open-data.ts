/** Data from files, chosen by a person. */
import { useDocument } from '../../state/document.ts';
import { bridge, openData, refreshMaps } from '../../state/engine.ts';
import { useSession } from '../../state/session.ts';
import { followNet } from './picture-size.ts';

export const OPEN_DATA = {
  title: 'Open data', action: 'Open', pick: 'data',
  hint: 'A folder with a folder of pictures for each class; MNIST’s files (IDX) or their folder; or a CSV file with a sample a row and its class number last.',
} as const;

/** Opens what lies at a path; pictures follow the size of a net that has learned before. */
export async function openDataAt(path: string): Promise<void> {
  await openData(followNet(await bridge.request('data.recognise', { path }), useDocument.getState().compiled.network, useSession.getState().trained));
  await refreshMaps();
}
