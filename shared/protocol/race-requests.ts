/** "Which is fastest here?": a person's own training step, timed on one device after another. */
import { z } from 'zod';
import { TrainingConfigSchema } from '../training/config.ts';
import { DataRefSchema, DiagnosticSchema, DocumentSchema } from './values.ts';

/** Seconds of steps on each device where nobody says otherwise. */
export const RACE_SECONDS = 2;

/** How fast one device trains, or why it does not. */
export const DevicePaceSchema = z.discriminatedUnion('ok', [
  z.strictObject({
    ok: z.literal(true),
    device: z.string(),
    /** Samples that one step of the optimiser takes in, over all its batches. */
    samples: z.int(),
    /** Steps that were timed; one more goes before and is not counted. */
    steps: z.int(),
    /** Median milliseconds of a step. */
    stepMs: z.number(),
    samplesPerSecond: z.number(),
    /** Of training alone, without the validation. */
    epochSeconds: z.number(),
    /** What of the net stays as it is on this device, or goes slower than it could. */
    notes: z.array(DiagnosticSchema),
    /** Name of the frozen layer whose kept features the steps read; computing these, once before a run, is no part of the times. Null where a run keeps none. */
    features: z.string().nullable(),
  }),
  z.strictObject({ ok: z.literal(false), device: z.string(), error: DiagnosticSchema }),
]);
export type DevicePace = z.infer<typeof DevicePaceSchema>;

export const RacePhaseSchema = z.enum(['opening', 'warming', 'timing']);
export type RacePhase = z.infer<typeof RacePhaseSchema>;

export const raceRequests = {
  /**
   * Trains the net for some seconds on one device, with the weights as they are now, which stay as they are; null when it was
   * cancelled. Refused while a run trains or another device is timed; what the device itself refuses is its answer.
   */
  'race.device': {
    params: z.strictObject({ document: DocumentSchema, config: TrainingConfigSchema, data: DataRefSchema, device: z.string().min(1).max(100), seconds: z.number().min(0.01).max(60).default(RACE_SECONDS) }),
    answer: DevicePaceSchema.nullable(),
  },
  /** Ends the timing under way after the batch that runs now. */
  'race.cancel': { params: z.strictObject({}), answer: z.strictObject({}) },
} as const;

export const raceEvents = {
  /** At most ten a second. `done`: part of the seconds that are over. */
  'race.progress': z.strictObject({ device: z.string(), phase: RacePhaseSchema, done: z.number(), steps: z.int() }),
} as const;
