/** Schemas of the values that requests, answers and events are made of. */
import { z } from 'zod';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import type { Document, GroupNode } from '../graph/document.ts';
import { AbilitiesSchema } from '../training/abilities.ts';

/** Checked in depth by shared/graph (parseDocument) where it is used; here only that it is an object of our version. */
export const DocumentSchema = z.custom<Document>((v) => typeof v === 'object' && v !== null && (v as { version?: unknown }).version === 1, 'a Netloom document');
/** Checked in depth by shared/graph (parseBlock) where it is kept. */
export const SavedBlockSchema = z.strictObject({ id: z.string(), name: z.string(), group: z.custom<GroupNode>((v) => typeof v === 'object' && v !== null && (v as { kind?: unknown }).kind === 'group', 'a group') });
export type SavedBlock = z.infer<typeof SavedBlockSchema>;
export const DiagnosticSchema = z.custom<Diagnostic>((v) => typeof v === 'object' && v !== null && 'code' in v && 'place' in v, 'a diagnostic');
export const BytesSchema = z.custom<Uint8Array>((v) => v instanceof Uint8Array, 'bytes');
export const FloatsSchema = z.custom<Float32Array>((v) => v instanceof Float32Array, 'float32 numbers');

export const DeviceSchema = z.strictObject({
  /** "cpu", "webgpu", "tensorflow". */
  id: z.string(),
  name: z.string(),
  available: z.boolean(),
  /** Why not, and what to do; or what it is, when available. */
  detail: z.string(),
  /** What a run on it can have; also where it is not available. */
  trains: AbilitiesSchema,
  /** Bytes it can hold; left out where nothing tells. */
  memory: z.number().optional(),
  /** What would make it available, or better than it is: commands for a terminal, in their order, and what each is for. */
  commands: z.array(z.strictObject({ does: z.string(), command: z.string() })).optional(),
});
export type Device = z.infer<typeof DeviceSchema>;

/** A data set by reference: built in, or files on disk. */
export const DataRefSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('builtin'), id: z.literal('digits') }),
  z.strictObject({ kind: z.literal('csv'), path: z.string() }),
  z.strictObject({ kind: z.literal('idx'), path: z.string() }),
  z.strictObject({ kind: z.literal('pictures'), path: z.string(), side: z.int().min(4).max(1024).optional(), colour: z.enum(['rgb', 'grey']).optional() }),
]);
export type DataRef = z.infer<typeof DataRefSchema>;

export const DataInfoSchema = z.strictObject({
  name: z.string(),
  licence: z.string(),
  samples: z.int(),
  /** [channels, height, width] */
  shape: z.array(z.int()),
  classes: z.array(z.string()),
  /** Samples per class. */
  histogram: z.array(z.int()),
  /** Largest stored value; pixels are drawn against it. */
  maximum: z.number(),
  trainSamples: z.int(),
  validationSamples: z.int(),
  /** Whether the files themselves say what is held out. */
  givenSplit: z.boolean(),
  /** A sentence for each file that was left out. */
  skipped: z.array(z.string()),
});
export type DataInfo = z.infer<typeof DataInfoSchema>;

/** Samples for drawing: one byte a value, CHW each, in the order of `indices`. */
export const SamplesSchema = z.strictObject({
  indices: z.array(z.int()),
  labels: z.array(z.int()),
  splits: z.array(z.enum(['train', 'validation'])),
  shape: z.array(z.int()),
  pixels: BytesSchema,
});
export type Samples = z.infer<typeof SamplesSchema>;

/** One layer's maps for one sample, normalised to 0..255 over the layer; vectors are 1×1 maps with `channels` values. */
export const LayerMapsSchema = z.strictObject({
  layer: z.string(),
  channels: z.int(),
  height: z.int(),
  width: z.int(),
  minimum: z.number(),
  maximum: z.number(),
  pixels: BytesSchema,
});
export type LayerMaps = z.infer<typeof LayerMapsSchema>;

export const MapsFrameSchema = z.strictObject({
  sample: z.int(),
  label: z.int(),
  step: z.int(),
  /** In network order; the Input layer's own picture first. */
  layers: z.array(LayerMapsSchema),
  /** Class probabilities (or raw outputs in regression). */
  prediction: z.array(z.number()),
});
export type MapsFrame = z.infer<typeof MapsFrameSchema>;

export const CurvePointSchema = z.strictObject({
  step: z.int(),
  /** Fractional: 2.5 is halfway through the third. */
  epoch: z.number(),
  loss: z.number().optional(),
  accuracy: z.number().optional(),
  validationLoss: z.number().optional(),
  validationAccuracy: z.number().optional(),
  learningRate: z.number().optional(),
  /** Frozen blocks that train from here on. */
  thawed: z.int().optional(),
});
export type CurvePoint = z.infer<typeof CurvePointSchema>;

/** Norms of one step's gradient by layer, before any clipping. */
export const GradientsSchema = z.strictObject({ step: z.int(), layers: z.array(z.string()), norms: FloatsSchema });
export type Gradients = z.infer<typeof GradientsSchema>;

export const RunStateSchema = z.enum(['preparing', 'running', 'paused', 'stopping', 'stopped', 'finished', 'failed']);
export type RunState = z.infer<typeof RunStateSchema>;

export const ProgressSchema = z.strictObject({
  run: z.string(),
  state: RunStateSchema,
  /** 1-based epoch and step within it; totals beside. */
  epoch: z.int(),
  epochs: z.int(),
  step: z.int(),
  stepsPerEpoch: z.int(),
  /** Samples per second over the last second. */
  speed: z.number(),
  /** Seconds; null while unknown. */
  remaining: z.number().nullable(),
  device: z.string(),
  /** Why that device, in words. */
  deviceReason: z.string(),
  bestAccuracy: z.number().nullable(),
  bestEpoch: z.int().nullable(),
  error: DiagnosticSchema.nullable(),
});
export type Progress = z.infer<typeof ProgressSchema>;

export const EvaluationSchema = z.strictObject({
  split: z.enum(['train', 'validation', 'all']),
  samples: z.int(),
  loss: z.number(),
  accuracy: z.number(),
  classes: z.array(z.string()),
  /** confusion[truth][prediction] */
  confusion: z.array(z.array(z.int())),
  perClass: z.array(z.strictObject({ precision: z.number(), recall: z.number(), f1: z.number(), support: z.int() })),
  /** Wrong ones, most confident first, at most 60. */
  mistakes: z.array(z.strictObject({ sample: z.int(), truth: z.int(), prediction: z.int(), confidence: z.number() })),
});
export type Evaluation = z.infer<typeof EvaluationSchema>;

export const RunSummarySchema = z.strictObject({
  id: z.string(),
  name: z.string(),
  /** ISO 8601 */
  started: z.string(),
  state: RunStateSchema,
  epochs: z.int(),
  bestAccuracy: z.number().nullable(),
  finalLoss: z.number().nullable(),
  seconds: z.number(),
  parameters: z.int(),
  /** Of its last sitting. */
  device: z.string(),
  /** Where it was not the same in all sittings: each in its turn, and the epoch (from 1) in which it took over. */
  devices: z.array(z.strictObject({ device: z.string(), epoch: z.int() })).optional(),
  /** It has a checkpoint from which it can go on. */
  resumable: z.boolean(),
});
export type RunSummary = z.infer<typeof RunSummarySchema>;

/** Milliseconds of one training step on this machine, by layer; the median over the steps that were measured. */
export const LayerTimingsSchema = z.strictObject({
  batch: z.int(),
  device: z.string(),
  /** Measured steps; one more goes before, which still fetches its memory. */
  steps: z.int(),
  layers: z.array(z.strictObject({ layer: z.string(), forward: z.number(), backward: z.number() })),
  /** Loss, optimiser, and what belongs to no layer. */
  rest: z.number(),
  /** Of the whole step by the clock. */
  total: z.number(),
  /** Bytes by which the process grew for it: weights, gradients, activations and the kernels' own space. */
  memory: z.number(),
});
export type LayerTimings = z.infer<typeof LayerTimingsSchema>;
