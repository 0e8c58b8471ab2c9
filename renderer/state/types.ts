/** Names of protocol types the stores use often. */
export type { DataRef } from '../../shared/protocol/values.ts';
export type { EventData as EventDataOf } from '../../shared/protocol/events.ts';
