/** Which operators a gradient can pass, for whoever shows or reports imported nets. */
import { rules, zeroGradient } from '../autodiff/rules/table.ts';

/** Operators of the standard domain that have a gradient rule, and those whose gradient is zero by design: nothing before them learns through them. */
export const knownGradients = { passed: Object.keys(rules).sort(), zero: [...zeroGradient].sort() } as const;
