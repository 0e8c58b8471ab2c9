/** Every request the interface can make of the engine: parameters and answer, with runtime schemas. */
import { z } from 'zod';
import { LossSchema, TrainingConfigSchema } from '../training/config.ts';
import { exportRequests } from './export-requests.ts';
import { FeatureStateSchema, finetuneRequests } from './finetune-requests.ts';
import { hubRequests } from './hub-requests.ts';
import { importRequests } from './import-requests.ts';
import { operatorRequests } from './operator-requests.ts';
import { raceRequests } from './race-requests.ts';
import {
  CurvePointSchema, DataInfoSchema, DataRefSchema, DeviceSchema, DocumentSchema, EvaluationSchema, FloatsSchema,
  LayerTimingsSchema, MapsFrameSchema, ProgressSchema, RunSummarySchema, SamplesSchema, SavedBlockSchema,
} from './values.ts';

const request = <P extends z.ZodType, A extends z.ZodType>(params: P, answer: A) => ({ params, answer });
const nothing = z.strictObject({});
const path = z.string().min(1).max(4096);

const splitParams = { data: DataRefSchema, validationSplit: z.number(), seed: z.int() };

export const requests = {
  'system.info': request(nothing, z.strictObject({ version: z.string(), platform: z.string(), home: z.string(), cores: z.int() })),
  'system.devices': request(nothing, z.array(DeviceSchema)),
  /** For the browser, which has no native folder dialog. */
  'system.folder': request(
    z.strictObject({ path: path.nullable() }),
    z.strictObject({ path: z.string(), parent: z.string().nullable(), entries: z.array(z.strictObject({ name: z.string(), kind: z.enum(['folder', 'project', 'file']) })) }),
  ),

  /** What lies at a path: a CSV file, IDX pictures, or a folder with a folder of pictures for each class. */
  'data.recognise': request(z.strictObject({ path }), DataRefSchema),
  'data.open': request(z.strictObject(splitParams), DataInfoSchema),
  'data.samples': request(z.strictObject({ ...splitParams, indices: z.array(z.int().min(0)).max(500) }), SamplesSchema),

  /** Writes the project folder. With `run`/the current weights in the engine they are written too. */
  'project.save': request(
    z.strictObject({ path, document: DocumentSchema, training: TrainingConfigSchema, data: DataRefSchema }),
    z.strictObject({ path: z.string(), document: DocumentSchema, savedAt: z.string() }),
  ),
  /** Opens a folder; its weights become the engine's current weights. `recovered`: unsaved edits found in the journal and applied. */
  'project.open': request(
    z.strictObject({ path }),
    z.strictObject({ path: z.string(), document: DocumentSchema, training: TrainingConfigSchema, data: DataRefSchema, weightsLoaded: z.boolean(), recovered: z.boolean() }),
  ),
  /** Starts over: forgets path and current weights. */
  'project.new': request(nothing, nothing),
  /** Unsaved document, kept beside the project (or in the app's own folder when it has none) within a second of an edit. */
  'project.journal': request(z.strictObject({ document: DocumentSchema, training: TrainingConfigSchema, data: DataRefSchema }), nothing),
  /** The last journal of a session without a project, if it was never saved. */
  'project.recover': request(nothing, z.strictObject({ document: DocumentSchema, training: TrainingConfigSchema, data: DataRefSchema }).nullable()),
  'project.recent': request(nothing, z.array(z.strictObject({ path: z.string(), name: z.string(), openedAt: z.string() }))),

  /** The person's own blocks, for any project; each answers the list as it is then. */
  'blocks.list': request(nothing, z.array(SavedBlockSchema)),
  'blocks.save': request(z.strictObject({ name: z.string().min(1).max(200), group: SavedBlockSchema.shape.group }), z.array(SavedBlockSchema)),
  'blocks.rename': request(z.strictObject({ id: z.string(), name: z.string().min(1).max(200) }), z.array(SavedBlockSchema)),
  'blocks.delete': request(z.strictObject({ id: z.string() }), z.array(SavedBlockSchema)),

  /** `from`: fresh seeded weights but for frozen layers, which keep theirs; the engine's current ones where names and shapes fit, or a run's checkpoint. */
  'training.start': request(
    z.strictObject({
      document: DocumentSchema, config: TrainingConfigSchema, data: DataRefSchema,
      from: z.discriminatedUnion('kind', [z.strictObject({ kind: z.literal('fresh') }), z.strictObject({ kind: z.literal('current') }), z.strictObject({ kind: z.literal('checkpoint'), run: z.string() })]),
      /** Sample whose activation maps are streamed. */
      probe: z.int().min(0),
    }),
    z.strictObject({ run: z.string() }),
  ),
  'training.pause': request(nothing, ProgressSchema),
  'training.resume': request(nothing, ProgressSchema),
  /** A paused run goes on for one batch, or to the end of its epoch with the validation, and holds again. */
  'training.step': request(z.strictObject({ stride: z.enum(['batch', 'epoch']) }), ProgressSchema),
  'training.stop': request(nothing, ProgressSchema),
  'training.setLearningRate': request(z.strictObject({ learningRate: z.number().positive() }), nothing),
  'training.setProbe': request(z.strictObject({ sample: z.int().min(0) }), nothing),
  /** Credit: the interface has drawn the last maps frame and wants another. */
  'training.wantMaps': request(nothing, nothing),
  /** After a reload: where the run stands and its curve so far. */
  'training.status': request(nothing, z.strictObject({ progress: ProgressSchema.nullable(), curve: z.array(CurvePointSchema), features: FeatureStateSchema.nullable() })),

  ...finetuneRequests,

  /** Runs of the open project (or of this session), newest first. */
  'runs.list': request(nothing, z.array(RunSummarySchema)),
  'runs.curve': request(z.strictObject({ run: z.string() }), z.array(CurvePointSchema)),
  'runs.delete': request(z.strictObject({ run: z.string() }), nothing),

  /** Maps of every layer for one sample, with the engine's current weights (fresh ones before any training). */
  'insight.maps': request(z.strictObject({ document: DocumentSchema, ...splitParams, sample: z.int().min(0) }), MapsFrameSchema),
  /** A convolution's filters: values OIHW. */
  'insight.filters': request(z.strictObject({ document: DocumentSchema, layer: z.string() }), z.strictObject({ shape: z.array(z.int()), values: FloatsSchema })),

  /** Times one training step layer by layer, on the CPU and in a process of its own; null when it was cancelled. Refused while a run trains. */
  'analysis.measure': request(z.strictObject({ document: DocumentSchema, config: TrainingConfigSchema }), LayerTimingsSchema.nullable()),
  'analysis.cancel': request(nothing, nothing),

  'evaluate.run': request(
    z.strictObject({ document: DocumentSchema, ...splitParams, loss: LossSchema, split: z.enum(['train', 'validation', 'all']) }),
    EvaluationSchema,
  ),

  ...exportRequests,
  ...importRequests,
  ...hubRequests,
  ...operatorRequests,
  ...raceRequests,
} as const;

export type Method = keyof typeof requests;
export type Params<M extends Method> = z.input<(typeof requests)[M]['params']>;
export type ParsedParams<M extends Method> = z.output<(typeof requests)[M]['params']>;
export type Answer<M extends Method> = z.output<(typeof requests)[M]['answer']>;
