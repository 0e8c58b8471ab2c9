/** What comes in: an ONNX file of anybody's, what became of it, and how the net here compares with it. */
import { z } from 'zod';
import { BytesSchema, DocumentSchema } from './values.ts';

const path = z.string().min(1).max(4096);
const count = z.int().min(0);

/** What a net expects of pictures beyond numbers from 0 to 1: y = (x · scale − mean[c]) / deviation[c], channels in this order; one number for all channels or one for each. */
export const PreprocessingSchema = z.strictObject({
  order: z.enum(['rgb', 'bgr']),
  scale: z.number(),
  mean: z.array(z.number()).min(1),
  deviation: z.array(z.number().positive()).min(1),
});
export type Preprocessing = z.infer<typeof PreprocessingSchema>;

export const PreprocessingGuessSchema = z.strictObject({
  /** Null where the net takes numbers from 0 to 1 as they are, or brings them to its range itself. */
  values: PreprocessingSchema.nullable(),
  /** What told: the file's metadata, its first layers, who wrote it, its name, what its kind of net is usually fed; nothing at all. */
  source: z.enum(['metadata', 'layers', 'producer', 'name', 'kind', 'none']),
  confidence: z.enum(['certain', 'likely', 'unsure']),
  /** Why, in a sentence for people. */
  reason: z.string(),
});
export type PreprocessingGuess = z.infer<typeof PreprocessingGuessSchema>;

/** A size that the file leaves open; null as hint where it suggests nothing. */
export const OpenSizeSchema = z.strictObject({ key: z.string(), input: z.string(), axis: count, hint: z.int().nullable() });

/** A size: a number, −1 for the batch, a name, or null where the file says nothing. */
const SizeSchema = z.union([z.int(), z.string()]).nullable();

export const ImportSummarySchema = z.strictObject({
  /** Name of the file, and bytes of it and of those beside it that it names. */
  file: z.string(),
  size: count,
  producer: z.string(),
  irVersion: z.int(),
  /** Of the standard domain. */
  opset: z.int(),
  /** Nodes of the file before anything is written out or folded. */
  nodes: count,
  inputs: z.array(z.strictObject({ name: z.string(), element: z.string(), shape: z.array(SizeSchema).nullable() })),
  outputs: z.array(z.string()),
  openSizes: z.array(OpenSizeSchema),
});
export type ImportSummary = z.infer<typeof ImportSummarySchema>;

/** An input or output as it is in the net here; −1 is a free batch. `perm`: how the file's axes were turned, where they were. */
const ReportBorderSchema = z.strictObject({ name: z.string(), element: z.string(), shape: z.array(z.int()), perm: z.array(z.int()).nullable() });

export const ImportProofSchema = z.strictObject({
  /** Largest difference of a number of the answers, and the same in parts of the output's largest number; null where one of them is infinite or no number. */
  absolute: z.number().nullable(),
  relative: z.number().nullable(),
  /** Largest relative difference that passes. */
  tolerance: z.number(),
  passed: z.boolean(),
  /** Samples of noise and real ones. */
  random: count,
  real: count,
  /** Why there is nothing to compare, as a whole sentence: the original does not run, for example. */
  error: z.string().nullable(),
});
export type ImportProof = z.infer<typeof ImportProofSchema>;

export const ImportReportSchema = z.strictObject({
  file: z.string(),
  size: count,
  producer: z.string(),
  producerVersion: z.string(),
  irVersion: z.int(),
  opset: z.int(),
  /** Nodes of the file, functions written out; how many of them were computed beforehand. */
  nodes: count,
  folded: count,
  /** Layers recognised, by type; groups made of repeated patterns, by name. */
  layers: z.array(z.strictObject({ type: z.string(), count })),
  groups: z.array(z.strictObject({ name: z.string(), count })),
  /** Operators kept as they are. `why`: what keeps the gradient from going through, as a sentence; null where it trains. */
  operators: z.array(z.strictObject({ op: z.string(), domain: z.string(), count, why: z.string().nullable() })),
  parameters: count,
  /** Of them those that can learn: a gradient reaches them. */
  trainable: count,
  /** Bytes of the weights here. */
  weightBytes: count,
  /** Their type in the file where it was not float32. */
  widened: z.enum(['float16', 'float64']).nullable(),
  inputs: z.array(ReportBorderSchema),
  outputs: z.array(ReportBorderSchema),
  /** Null where no input is a picture. */
  preprocessing: PreprocessingGuessSchema.nullable(),
  /** Class names that came along or belong to this number of answers. */
  labels: z.strictObject({ count, source: z.string(), first: z.array(z.string()) }).nullable(),
  /** Whatever else a person should know, a sentence each. */
  notes: z.array(z.string()),
  /** Null while it is being made. */
  proof: ImportProofSchema.nullable(),
});
export type ImportReport = z.infer<typeof ImportReportSchema>;

const request = <P extends z.ZodType, A extends z.ZodType>(params: P, answer: A) => ({ params, answer });
const nothing = z.strictObject({});
const upload = z.string().min(1).max(64);

export const importRequests = {
  /** Looks at a file without taking it in: what it is, and the sizes it leaves open. */
  'import.inspect': request(z.strictObject({ path }), ImportSummarySchema),
  /** Takes it in: its weights become the engine's current ones, without a project. Sizes by key of an open size. Null when it was cancelled. */
  'import.open': request(
    z.strictObject({ path, sizes: z.record(z.string(), z.int().min(1)).default({}) }),
    z.strictObject({ document: DocumentSchema, report: ImportReportSchema }).nullable(),
  ),
  /** Compares what was opened last with its file; null where something else took its place meanwhile. */
  'import.prove': request(nothing, ImportProofSchema.nullable()),
  'import.cancel': request(nothing, nothing),

  /** Brings back the weights that a net of this origin came with and that was never saved, where the engine began anew and has none. */
  'import.restore': request(z.strictObject({ origin: z.string().min(1).max(4096) }), z.strictObject({ restored: z.boolean() })),

  /** Files dropped into a browser have no path: they are handed over piece by piece. Answers the folder that they will lie in, and an id for it; an earlier one is forgotten. */
  'import.upload': request(z.strictObject({ files: z.array(z.strictObject({ name: z.string().min(1).max(255), size: z.number().min(0) })).min(1).max(64) }), z.strictObject({ id: upload, folder: z.string() })),
  /** The next piece of a file; at most 8 MB. */
  'import.piece': request(z.strictObject({ id: upload, name: z.string(), offset: z.number().min(0), bytes: BytesSchema }), nothing),
} as const;
