/** TensorFlow's error texts as diagnostics. */
import { NetloomError, problem } from '../../../shared/diagnostics/diagnostic.ts';

const memory = /OOM when allocating|RESOURCE_EXHAUSTED|out of memory|bad_alloc/i;

/** A failed run as engine.out-of-memory or engine.run; a diagnostic goes through as it is. */
export function translateError(cause: unknown): NetloomError {
  if (cause instanceof NetloomError) return cause;
  const text = (cause instanceof Error ? cause.message : String(cause)).replace(/\s+/g, ' ').trim().slice(0, 300).replace(/\.+$/, '') || 'no reason';
  const place = { label: 'TensorFlow' };
  return memory.test(text) ? problem('engine.out-of-memory', place, { device: 'tensorflow', reason: text }) : problem('engine.run', place, { reason: text });
}
