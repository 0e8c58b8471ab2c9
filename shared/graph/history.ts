/** Undo and redo: a stack of inverses with names. */
import { applyEdit } from './apply.ts';
import type { Document } from './document.ts';
import type { Edit } from './edit.ts';

export interface Step {
  readonly label: string;
  readonly inverse: Edit;
  /** Edits with the same key right after one another are one step: a drag, typing in one field. */
  readonly mergeKey?: string;
}

export interface History {
  readonly document: Document;
  readonly past: readonly Step[];
  readonly future: readonly Step[];
}

const LIMIT = 500;

export const startHistory = (document: Document): History => ({ document, past: [], future: [] });

/** Applies an edit as one step, or as part of the last one when both have the same `mergeKey`. */
export function commit(history: History, edit: Edit, label: string, mergeKey?: string): History {
  const { document, inverse } = applyEdit(history.document, edit);
  const last = history.past.at(-1);
  if (mergeKey !== undefined && last?.mergeKey === mergeKey) {
    const merged: Step = { ...last, inverse: { kind: 'batch', edits: [inverse, last.inverse] } };
    return { document, past: [...history.past.slice(0, -1), merged], future: [] };
  }
  return { document, past: [...history.past.slice(1 - LIMIT), { label, inverse, ...(mergeKey === undefined ? {} : { mergeKey }) }], future: [] };
}

export function undo(history: History): History {
  const step = history.past.at(-1);
  if (!step) return history;
  const { document, inverse } = applyEdit(history.document, step.inverse);
  return { document, past: history.past.slice(0, -1), future: [...history.future, { label: step.label, inverse }] };
}

export function redo(history: History): History {
  const step = history.future.at(-1);
  if (!step) return history;
  const { document, inverse } = applyEdit(history.document, step.inverse);
  return { document, past: [...history.past, { label: step.label, inverse }], future: history.future.slice(0, -1) };
}
