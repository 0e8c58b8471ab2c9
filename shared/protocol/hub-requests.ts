/** The model hub: pretrained nets that come with Netloom, and those that can be fetched. */
import { z } from 'zod';
import { TrainingConfigSchema } from '../training/config.ts';
import { ImportReportSchema, PreprocessingSchema } from './import-requests.ts';
import { DataRefSchema, DiagnosticSchema, DocumentSchema } from './values.ts';

/** What is known of a pretrained net before it is opened. */
export const PretrainedCardSchema = z.strictObject({
  id: z.string().regex(/^[a-z0-9][a-z0-9.-]{0,79}$/),
  title: z.string().min(1),
  task: z.enum(['classification', 'detection', 'segmentation', 'image-to-image']),
  /** What it learned from, as its publication calls it. */
  data: z.string(),
  classes: z.int().min(1).nullable(),
  /** Shares of right answers as published, or as measured here; null where nobody says. */
  top1: z.number().min(0).max(1).nullable(),
  top5: z.number().min(0).max(1).nullable(),
  bytes: z.int().min(1),
  /** Height, width and channels. */
  input: z.tuple([z.int(), z.int(), z.int()]),
  /** What it expects of pictures beyond numbers from 0 to 1; null where nobody says. */
  preprocessing: PreprocessingSchema.nullable(),
  licence: z.string().min(1),
  /** Authors and title of the publication, or the recipe of its training. */
  source: z.string(),
  year: z.int().nullable(),
});
export type PretrainedCard = z.infer<typeof PretrainedCardSchema>;

/** One that can be fetched: where it lies, and the only content that is taken for it. */
export const CatalogueEntrySchema = PretrainedCardSchema.extend({ address: z.url(), sha256: z.string().regex(/^[0-9a-f]{64}$/) });
export type CatalogueEntry = z.infer<typeof CatalogueEntrySchema>;
export const CatalogueSchema = z.strictObject({ note: z.string(), models: z.array(CatalogueEntrySchema) });

export const DownloadStateSchema = z.strictObject({
  id: z.string(),
  /** "partial": some of it is here, and goes on from there. */
  state: z.enum(['absent', 'partial', 'downloading', 'checking', 'stored']),
  received: z.number(),
  /** Bytes a second over the last seconds, and seconds that remain; null while unknown or at rest. */
  speed: z.number().nullable(),
  remaining: z.number().nullable(),
  /** What ended the last attempt. */
  error: DiagnosticSchema.nullable(),
});
export type DownloadState = z.infer<typeof DownloadStateSchema>;

const request = <P extends z.ZodType, A extends z.ZodType>(params: P, answer: A) => ({ params, answer });
const one = z.strictObject({ id: z.string() });

export const hubRequests = {
  'hub.list': request(z.strictObject({}), z.strictObject({ builtIn: z.array(PretrainedCardSchema), downloads: z.array(z.strictObject({ card: CatalogueEntrySchema, download: DownloadStateSchema })) })),
  /** Begins to fetch, or goes on; answers at once, events tell the rest. */
  'hub.download': request(one, DownloadStateSchema),
  /** Holds; what has come stays. */
  'hub.cancel': request(one, DownloadStateSchema),
  /** Takes it off the disk, whole or partial. */
  'hub.remove': request(one, DownloadStateSchema),
  /** Opens a net that is here; its weights become the engine's. Null as the report of one that was made here. */
  'hub.open': request(one, z.strictObject({ document: DocumentSchema, training: TrainingConfigSchema.nullable(), data: DataRefSchema.nullable(), report: ImportReportSchema.nullable() })),
} as const;

export const hubEvents = {
  /** At most ten a second. */
  'hub.progress': DownloadStateSchema,
} as const;
