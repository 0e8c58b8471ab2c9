/** The envelope: what travels between interface and engine on any transport. */
import { z } from 'zod';
import { DiagnosticSchema } from './values.ts';

export const RequestMessageSchema = z.strictObject({ kind: z.literal('request'), id: z.int(), method: z.string(), params: z.unknown() });
export const AnswerMessageSchema = z.discriminatedUnion('ok', [
  z.strictObject({ kind: z.literal('answer'), id: z.int(), ok: z.literal(true), value: z.unknown() }),
  z.strictObject({ kind: z.literal('answer'), id: z.int(), ok: z.literal(false), error: DiagnosticSchema }),
]);
export const EventMessageSchema = z.strictObject({ kind: z.literal('event'), event: z.string(), data: z.unknown() });

export type RequestMessage = z.infer<typeof RequestMessageSchema>;
export type AnswerMessage = z.infer<typeof AnswerMessageSchema>;
export type EventMessage = z.infer<typeof EventMessageSchema>;
export type EngineMessage = AnswerMessage | EventMessage;
