/** What every reader of data answers: samples of one shape with class labels, addressed by index. */

export interface Dataset {
  readonly name: string;
  readonly licence: string;
  /** [channels, height, width] of a sample. */
  readonly shape: readonly number[];
  readonly classes: readonly string[];
  /** All samples, one after another. */
  readonly values: Uint8Array | Float32Array;
  /** Class index of each sample. */
  readonly labels: Int32Array;
  readonly count: number;
  /** Largest stored value: 16 for the digits, 255 for photographs. Input encoding is x / maximum. */
  readonly maximum: number;
  /** The parts that the files themselves make; drawn by class and seed where there are none. */
  readonly split?: Split;
  /** A sentence for each file that was left out. */
  readonly skipped?: readonly string[];
}

export interface Split {
  readonly train: Int32Array;
  readonly validation: Int32Array;
}
