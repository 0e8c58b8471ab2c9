/** Runs of the open project or of this session. */
import { problem } from '../../../shared/diagnostics/diagnostic.ts';
import { deleteRun, listRuns, readCurve, runFolder } from '../projects/runs.ts';
import type { Handlers } from './handler.ts';

export const runsHandlers: Handlers<'runs'> = {
  'runs.list': async (w) => {
    const { progress } = w.host.status();
    const live = w.host.training ? progress : null;
    // A run that says it is running but is not ours was cut off.
    return (await listRuns(w.home)).map((r) => (r.id === live?.run ? { ...r, state: live.state, resumable: false } : r.state === 'running' ? { ...r, state: 'failed' as const } : r));
  },
  'runs.curve': (w, { run }) => readCurve(runFolder(w.home, run)),
  'runs.delete': async (w, { run }) => {
    if (w.host.training && w.host.status().progress?.run === run) throw problem('training.busy', { label: 'Run' }, {});
    await deleteRun(w.home, run);
    return {};
  },
};
