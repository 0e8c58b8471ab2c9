/** What goes out: a net as an ONNX file with its proof, the training step as one, and nets kept in the person's own gallery. */
import { z } from 'zod';
import { TrainingConfigSchema } from '../training/config.ts';
import { BytesSchema, DataRefSchema, DocumentSchema } from './values.ts';

const path = z.string().min(1).max(4096);

export const ExportOptionsSchema = z.strictObject({
  /** "beside": net.onnx.data in the same folder, as nets of more than 2 GB need. */
  weights: z.enum(['inside', 'beside']).default('inside'),
  /** Samples that the file takes at once; null for any number. */
  batch: z.int().min(1).max(65536).nullable().default(null),
  /** Batch normalisation becomes part of the convolution or dense layer before it. */
  foldBatchNorm: z.boolean().default(false),
  /** Scores become probabilities at the end of a net that answers scores. */
  softmax: z.boolean().default(false),
  /** What the input takes: values from 0 to 1; as pictures hold them (0 to 255); or as the net wants them behind its preprocessing, which is left out. */
  input: z.enum(['unit', 'stored', 'prepared']).default('unit'),
  /** Names of the classes. */
  labels: z.boolean().default(true),
  /** Input range, mean and deviation, metrics and card in the file's metadata. */
  metadata: z.boolean().default(true),
  /** A text of the person's own about the net. */
  card: z.string().max(20000).default(''),
  opset: z.union([z.literal(17), z.literal(18)]).default(18),
});
export type ExportOptions = z.output<typeof ExportOptionsSchema>;
export const defaultExportOptions = (): ExportOptions => ExportOptionsSchema.parse({});

/** How the file just written compares with the net here. */
export const ProofSchema = z.strictObject({
  /** Samples of the data, or noise where the data is another net's. */
  data: z.string(),
  samples: z.int(),
  /** Largest difference of a number of the answers, and the same in parts of the largest answer. */
  absolute: z.number(),
  relative: z.number(),
  /** Largest difference that passes, where answers are of size one or less; in parts of the largest answer above. */
  tolerance: z.number(),
  runtime: z.string(),
  device: z.string(),
});
export type Proof = z.infer<typeof ProofSchema>;

const ExportedFileSchema = z.strictObject({ name: z.string(), size: z.int(), sha256: z.string() });
export type ExportedFile = z.infer<typeof ExportedFileSchema>;

export const ExportAnswerSchema = z.strictObject({
  /** Of the .onnx file; null for a download. */
  path: z.string().nullable(),
  /** The model first, then what lies beside it, the proof (verify.json) last. */
  files: z.array(ExportedFileSchema),
  /** All of them as one archive, where no path was given. */
  download: z.strictObject({ name: z.string(), bytes: BytesSchema }).nullable(),
  /** Bytes of model and weights. */
  size: z.int(),
  maxDifference: z.number(),
  proof: ProofSchema,
});
export type ExportAnswer = z.infer<typeof ExportAnswerSchema>;

const BorderSchema = z.strictObject({
  name: z.string(),
  element: z.string(),
  /** Without the batch where the first axis is the batch. */
  shape: z.array(z.int()),
  batched: z.boolean(),
  /** An output that tells classes apart, and whether by scores, which can become probabilities. */
  classes: z.boolean(),
  scores: z.boolean(),
});

/** What an export of the net holds, as it stands; what of the options has something to do. */
export const ExportPlanSchema = z.strictObject({
  inputs: z.array(BorderSchema),
  outputs: z.array(BorderSchema),
  /** Bytes of the weights, and of the constants beside. */
  weights: z.int(),
  constants: z.int(),
  operators: z.int(),
  batchNorms: z.int(),
  /** The net brings pictures to a range of its own. */
  prepares: z.boolean(),
  /** Largest value of the data as it is stored. */
  maximum: z.number(),
  trained: z.boolean(),
});
export type ExportPlan = z.infer<typeof ExportPlanSchema>;

/** A net of the person's own gallery. */
export const SavedModelSchema = z.strictObject({
  id: z.string(),
  name: z.string(),
  task: z.enum(['classification', 'regression']),
  classes: z.array(z.string()),
  /** On validation samples; null where it was not measured. */
  accuracy: z.number().nullable(),
  /** The input without the batch: channels, height, width. */
  input: z.array(z.int()),
  preprocessing: z.string(),
  licence: z.string(),
  description: z.string(),
  parameters: z.int(),
  /** Bytes of the weights. */
  size: z.number(),
  /** ISO 8601 */
  date: z.string(),
});
export type SavedModel = z.infer<typeof SavedModelSchema>;

const request = <P extends z.ZodType, A extends z.ZodType>(params: P, answer: A) => ({ params, answer });
const nothing = z.strictObject({});
const name = z.string().trim().min(1).max(200);
const net = { document: DocumentSchema, data: DataRefSchema };

export const exportRequests = {
  'export.plan': request(z.strictObject(net), ExportPlanSchema),
  /** Writes the net and its proof; without a path they come back as a download. Null when it was cancelled: then nothing was written. */
  'export.onnx': request(z.strictObject({ ...net, path: path.nullable(), options: ExportOptionsSchema.prefault({}) }), ExportAnswerSchema.nullable()),
  /** Writes the whole training step with the weights and the optimiser's state beside it, proved over five steps. */
  'export.training': request(z.strictObject({ ...net, path: path.nullable(), config: TrainingConfigSchema }), ExportAnswerSchema.nullable()),
  'export.cancel': request(nothing, nothing),

  /** My models, newest first; each change answers the list as it is then. */
  'models.list': request(nothing, z.array(SavedModelSchema)),
  /** Keeps the net with the current weights. */
  'models.save': request(z.strictObject({ ...net, training: TrainingConfigSchema, name, licence: z.string().max(20000).default(''), description: z.string().max(20000).default('') }), z.array(SavedModelSchema)),
  'models.rename': request(z.strictObject({ id: z.string(), name }), z.array(SavedModelSchema)),
  'models.delete': request(z.strictObject({ id: z.string() }), z.array(SavedModelSchema)),
  /** A copy to work on: its weights become the engine's current ones, without a project. */
  'models.open': request(z.strictObject({ id: z.string() }), z.strictObject({ document: DocumentSchema, training: TrainingConfigSchema, data: DataRefSchema, model: SavedModelSchema })),
} as const;

export const exportEvents = {
  /** At most ten a second. `done` of `total`: steps of the proof. */
  'export.progress': z.strictObject({ stage: z.enum(['building', 'writing', 'proving']), done: z.int(), total: z.int() }),
} as const;
