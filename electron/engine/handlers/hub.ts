/** The model hub: what comes along, what is fetched, and opening either. */
import { basename, join } from 'node:path';
import { problem } from '../../../shared/diagnostics/diagnostic.ts';
import { listBuiltIn, openBuiltIn } from '../hub/built-in.ts';
import { Hub, readCatalogue } from '../hub/hub.ts';
import type { Handlers } from './handler.ts';
import { takeOver } from './import.ts';
import { projectHandlers } from './project.ts';
import type { Workspace } from './workspace.ts';

const hubs = new WeakMap<Workspace, Hub>();
/** NETLOOM_HUB names another catalogue: a company's own, or a test's. */
export function hubOf(w: Workspace): Hub {
  const hub = hubs.get(w) ?? new Hub({
    folder: join(w.options.appDir, 'hub'),
    catalogue: () => readCatalogue(process.env.NETLOOM_HUB ?? join(w.options.resourcesDir, 'hub', 'models.json')),
    emit: (state) => w.emit('hub.progress', state),
  });
  hubs.set(w, hub);
  return hub;
}

export const hubHandlers: Handlers<'hub'> = {
  'hub.list': async (w) => ({ builtIn: await listBuiltIn(w.options.resourcesDir), downloads: await hubOf(w).list() }),
  'hub.download': (w, { id }) => hubOf(w).download(id),
  'hub.cancel': (w, { id }) => hubOf(w).cancel(id),
  'hub.remove': (w, { id }) => hubOf(w).remove(id),
  'hub.open': async (w, { id }) => {
    // A run that ends would put its weights in place of these.
    if (w.host.training) throw problem('training.busy', { label: 'Model hub' }, {});
    if ((await listBuiltIn(w.options.resourcesDir)).some((c) => c.id === id)) {
      const { document, training, data, weights } = await openBuiltIn(w.options.resourcesDir, id);
      await projectHandlers['project.new'](w, {});
      w.weights = weights;
      return { document: { ...document, origin: `hub:${id}` }, training, data, report: null };
    }
    const { entry, path } = await hubOf(w).fileOf(id);
    const file = basename(new URL(entry.address).pathname);
    const imported = await takeOver(w, path, { name: entry.title, origin: file });
    if (!imported) throw problem('hub.absent', { label: entry.title }, {});
    const { document, report } = imported;
    // What the publication says is better than any guess; and nobody knows the file by its hash.
    const guess = report.preprocessing && entry.preprocessing ? { values: entry.preprocessing, source: 'metadata' as const, confidence: 'certain' as const, reason: 'Its publication says so.' } : report.preprocessing;
    return { document: { ...document, origin: file }, training: null, data: null, report: { ...report, file, preprocessing: guess } };
  },
};
