/** What the interface asks about features that are kept, and what a run tells of its own. */
import { z } from 'zod';

/** Features of a run: from which layer on it trains, and how many samples were found on disk. */
export const FeatureStateSchema = z.strictObject({
  /** Layer of the network whose value is kept. */
  layer: z.string(),
  name: z.string(),
  /** Samples of the run, those among them that were on disk before, and those that are there now. */
  samples: z.int(),
  found: z.int(),
  done: z.int(),
  /** In memory and on disk; 0 while they are computed. */
  bytes: z.number(),
  computing: z.boolean(),
});
export type FeatureState = z.infer<typeof FeatureStateSchema>;

const KeptSchema = z.strictObject({ folder: z.string(), files: z.int(), bytes: z.number(), limit: z.number() });
const nothing = z.strictObject({});

export const finetuneRequests = {
  /** Features on disk, of all projects. */
  'features.info': { params: nothing, answer: KeptSchema },
  'features.clear': { params: nothing, answer: KeptSchema },
} as const;
