/** Features that are kept on disk. */
import { clearFeatures, featuresKept, FEATURES_LIMIT } from '../training/features/store.ts';
import type { Handlers } from './handler.ts';
import type { Workspace } from './workspace.ts';

const info = async (w: Workspace) => ({ folder: w.featuresFolder, limit: FEATURES_LIMIT, ...(await featuresKept(w.featuresFolder)) });

export const featuresHandlers: Handlers<'features'> = {
  'features.info': info,
  'features.clear': async (w) => {
    await clearFeatures(w.featuresFolder);
    return info(w);
  },
};
