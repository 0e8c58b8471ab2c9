/** What an engine trains, as it says of itself of each of its devices; everything above it goes by this alone. */
import { z } from 'zod';
import { PrecisionSchema } from './config.ts';

export const AbilitiesSchema = z.strictObject({
  /** Operators of imported files, not only layers of the palette. */
  operators: z.boolean(),
  precisions: z.array(PrecisionSchema),
});
export type Abilities = z.infer<typeof AbilitiesSchema>;
