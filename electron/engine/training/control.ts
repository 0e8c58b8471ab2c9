/** The run's levers in shared memory: they reach the loop while a step blocks its thread, without any message. */

/** Command word in slot 0 of the control array. */
export const RUN = 0;
export const PAUSE = 1;
export const STOP = 2;
export type Command = typeof RUN | typeof PAUSE | typeof STOP;

const COMMAND = 0;
const MAPS = 1;
const PROBE = 2;
const RATE_CHANGED = 3;
const PAUSE_AFTER = 4;
/** Byte offset of the learning rate, a float64 behind the int32 slots. */
const RATE_OFFSET = 24;
const BYTES = 32;

/** After what a run that goes on holds again. */
export type Stride = 'batch' | 'epoch';
const strides: Readonly<Record<Stride, number>> = { batch: 1, epoch: 2 };

/** Memory for one run; both threads make a Control over it. */
export const createControlBuffer = (): SharedArrayBuffer => new SharedArrayBuffer(BYTES);

export class Control {
  readonly words: Int32Array;
  readonly #rate: Float64Array;

  constructor(buffer: SharedArrayBuffer = createControlBuffer()) {
    this.words = new Int32Array(buffer, 0, RATE_OFFSET / 4);
    this.#rate = new Float64Array(buffer, RATE_OFFSET, 1);
  }

  get buffer(): SharedArrayBuffer {
    return this.words.buffer as SharedArrayBuffer;
  }

  get command(): Command {
    return Atomics.load(this.words, COMMAND) as Command;
  }
  /** A stop is final: no later command takes it back. */
  set command(c: Command) {
    if (c === STOP) Atomics.store(this.words, COMMAND, STOP);
    else Atomics.compareExchange(this.words, COMMAND, c === RUN ? PAUSE : RUN, c);
  }

  /** Goes on for one batch or to the epoch's end; null: without an end. */
  goOn(stride: Stride | null): void {
    Atomics.store(this.words, PAUSE_AFTER, stride === null ? 0 : strides[stride]);
    this.command = RUN;
  }
  /** Told by the loop when a batch or an epoch is done: holds if that was to be the end. */
  reached(stride: Stride): void {
    if (Atomics.compareExchange(this.words, PAUSE_AFTER, strides[stride], 0) === strides[stride]) this.command = PAUSE;
  }

  /** Index of the sample whose maps are streamed. */
  get probe(): number {
    return Atomics.load(this.words, PROBE);
  }
  set probe(sample: number) {
    Atomics.store(this.words, PROBE, sample);
  }

  /** Grants one frame of maps. Credit does not add up, so frames never queue. */
  wantMaps(): void {
    Atomics.store(this.words, MAPS, 1);
  }
  get mapsWanted(): boolean {
    return Atomics.load(this.words, MAPS) === 1;
  }
  /** Uses the credit. */
  takeMaps(): void {
    Atomics.store(this.words, MAPS, 0);
  }

  setLearningRate(rate: number): void {
    this.#rate[0] = rate;
    Atomics.store(this.words, RATE_CHANGED, 1);
  }
  /** The rate somebody set since the last call; null when nobody did. */
  takeLearningRate(): number | null {
    return Atomics.exchange(this.words, RATE_CHANGED, 0) === 1 ? (this.#rate[0] as number) : null;
  }
}
