/** What the engine knows of operators that imported nets hold. */
import { z } from 'zod';

export const operatorRequests = {
  /** Operators of the standard domain that a gradient passes, and those whose gradient is zero by design. */
  'system.gradients': { params: z.strictObject({}), answer: z.strictObject({ passed: z.array(z.string()), zero: z.array(z.string()) }) },
} as const;
