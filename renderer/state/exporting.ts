/** The export under way or last made, and what the engine is asked for it. */
import { create } from 'zustand';
import { NetloomError, render } from '../../shared/diagnostics/diagnostic.ts';
import type { EventData } from '../../shared/protocol/events.ts';
import type { ExportAnswer, ExportOptions } from '../../shared/protocol/export-requests.ts';
import { currentDocument } from './document.ts';
import { bridge } from './engine.ts';
import { useSession } from './session.ts';
import { setUi } from './ui.ts';

/** What leaves: the trained net, the training step, or a copy for the person's own gallery. */
export type Kind = 'net' | 'training' | 'model';

interface ExportState {
  readonly kind: Kind;
  readonly progress: EventData<'export.progress'> | null;
  readonly answer: ExportAnswer | null;
  readonly error: string | null;
}

const idle: Omit<ExportState, 'kind'> = { progress: null, answer: null, error: null };
export const useExport = create<ExportState>(() => ({ kind: 'net', ...idle }));

export const forgetExport = (): void => useExport.setState(idle);

/** Opens the dialog with this to be exported. */
export function showExport(kind: Kind): void {
  useExport.setState({ kind });
  setUi({ dialog: 'export' });
}

bridge.on('export.progress', (progress) => { if (useExport.getState().progress) useExport.setState({ progress }); });

function download({ name, bytes }: { readonly name: string; readonly bytes: Uint8Array }): void {
  const url = URL.createObjectURL(new Blob([bytes as Uint8Array<ArrayBuffer>], { type: 'application/zip' }));
  Object.assign(document.createElement('a'), { href: url, download: name }).click();
  URL.revokeObjectURL(url);
}

/** Exports the net, or with no options its training step, to a path or as a download. What goes wrong is in the state. */
export async function runExport(path: string | null, options: ExportOptions | null): Promise<void> {
  const { data, config } = useSession.getState();
  const common = { document: currentDocument(), path, data };
  useExport.setState({ ...idle, progress: { stage: 'building', done: 0, total: 0 } });
  try {
    const answer = await (options ? bridge.request('export.onnx', { ...common, options }) : bridge.request('export.training', { ...common, config }));
    if (answer?.download) download(answer.download);
    useExport.setState({ ...idle, answer });
  } catch (e) {
    useExport.setState({ ...idle, error: e instanceof NetloomError ? render(e.diagnostic).sentence : String(e) });
  }
}

export const cancelExport = (): void => void bridge.request('export.cancel', {}).catch(() => undefined);
