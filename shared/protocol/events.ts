/** Every event the engine sends on its own. */
import { z } from 'zod';
import { hubEvents } from './hub-requests.ts';
import { exportEvents } from './export-requests.ts';
import { FeatureStateSchema } from './finetune-requests.ts';
import { raceEvents } from './race-requests.ts';
import { CurvePointSchema, GradientsSchema, MapsFrameSchema, ProgressSchema } from './values.ts';

export const events = {
  /** At most 20 a second. */
  'training.progress': ProgressSchema,
  /** New points of the curve, batched; at most 20 messages a second. */
  'training.points': z.strictObject({ run: z.string(), points: z.array(CurvePointSchema) }),
  /** At most four times a second. */
  'training.gradients': z.strictObject({ run: z.string(), gradients: GradientsSchema }),
  /** Features of frozen layers, while they are computed and once they are there; null where none are used. */
  'training.features': z.strictObject({ run: z.string(), features: FeatureStateSchema.nullable() }),
  /** Sent only after training.wantMaps. */
  'training.maps': MapsFrameSchema,
  ...exportEvents,
  ...hubEvents,
  ...raceEvents,
  'log': z.strictObject({ time: z.string(), level: z.enum(['info', 'warning', 'error']), text: z.string() }),
  /** Sent by whoever hosts the engine: it ended and was started again. */
  'engine.restarted': z.strictObject({ reason: z.string(), resumableRun: z.string().nullable() }),
} as const;

export type EventName = keyof typeof events;
export type EventData<E extends EventName> = z.output<(typeof events)[E]>;
