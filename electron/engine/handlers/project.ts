/** Open, save, journal. */
import { join } from 'node:path';
import { clearJournal, readJournal, recentProjects, rememberProject, writeJournal } from '../projects/journal.ts';
import { openProject, saveProject } from '../projects/project.ts';
import { copyRuns } from '../projects/runs.ts';
import type { Handlers } from './handler.ts';
import { absolutePath } from './paths.ts';

export const projectHandlers: Handlers<'project'> = {
  'project.save': async (w, { path, document, training, data }) => {
    const folder = absolutePath(path);
    const saved = await saveProject(folder, { document, training, data, weights: w.weights });
    await copyRuns(w.home, folder);
    await clearJournal(w.home);
    w.project = folder;
    await clearJournal(folder);
    await rememberProject(w.options.appDir, folder);
    w.log('info', `Saved to ${folder}`);
    return { path: folder, document: saved, savedAt: new Date().toISOString() };
  },
  'project.open': async (w, { path }) => {
    const folder = absolutePath(path);
    const opened = await openProject(folder);
    const draft = await readJournal(folder);
    w.project = folder;
    w.weights = opened.weights;
    await rememberProject(w.options.appDir, folder);
    w.log('info', `Opened ${folder}`);
    const { document, training, data } = draft ?? opened;
    return { path: folder, document, training, data, weightsLoaded: opened.weights !== null, recovered: draft !== null };
  },
  'project.new': async (w) => {
    await clearJournal(w.home);
    w.project = null;
    w.weights = null;
    await clearJournal(w.home);
    return {};
  },
  'project.journal': async (w, draft) => {
    await writeJournal(w.home, draft);
    return {};
  },
  'project.recover': (w) => readJournal(join(w.options.appDir, 'session')),
  'project.recent': (w) => recentProjects(w.options.appDir),
};
