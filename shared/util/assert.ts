/** Exhaustiveness and invariants. */

/** Marks the unreachable end of a switch over a union; a new member then fails to compile. */
export function assertNever(value: never): never {
  throw new Error(`Unexpected value: ${JSON.stringify(value)}`);
}

/** Throws when an invariant of our own code does not hold; never for user input (use a diagnostic). */
export function invariant(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(`Invariant broken: ${message}`);
}

/** Returns the value, or throws when it is null or undefined. `what` names it in the message. */
export function required<T>(value: T | null | undefined, what: string): T {
  if (value === null || value === undefined) throw new Error(`Invariant broken: ${what} is missing`);
  return value;
}
