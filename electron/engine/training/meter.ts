/** Speed over the last second. */

const WINDOW_MS = 1000;

interface Mark { readonly start: number; readonly end: number; readonly samples: number }

/** Samples per second of these steps, idle time between them included. */
function speedOf(marks: readonly Mark[]): number {
  const first = marks[0];
  const last = marks[marks.length - 1];
  if (!first || !last) return 0;
  return (marks.reduce((n, m) => n + m.samples, 0) * 1000) / Math.max(last.end - first.start, 0.001);
}

export class Meter {
  #marks: Mark[] = [];
  #held = 0;

  /** A step of `samples` ran from `start` to `end`, in milliseconds. */
  add(start: number, end: number, samples: number): void {
    this.#marks.push({ start, end, samples });
    // The newest mark always stays, so that a step of many seconds still has a speed.
    while (this.#marks.length > 1 && (this.#marks[0] as Mark).end < end - WINDOW_MS) this.#marks.shift();
  }

  /** The clock starts anew after a pause or a validation; the last speed is shown until the next step. */
  restart(): void {
    this.#held = this.speed;
    this.#marks = [];
  }

  /** Samples per second; 0 before the first step. */
  get speed(): number {
    return this.#marks.length > 0 ? speedOf(this.#marks) : this.#held;
  }
}
