/** The questions of a lowering that only measuring can answer, and the guesses that stand until somebody has measured. */

/** One convolution gradient: everything its cost depends on. */
export interface ConvQuestion {
  readonly gradient: 'input' | 'weight';
  /** NCHW of the convolution's input. */
  readonly input: readonly number[];
  /** OIHW of its kernel. */
  readonly kernel: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  readonly pads: readonly number[];
  readonly group: number;
}

/** Name of a formulation; the candidates of a question are listed beside the formulations. */
export type ConvChoice = string;

/** One line for a question, the same for the same cost. */
export const questionKey = (q: ConvQuestion): string =>
  [q.gradient, q.input.join('x'), q.kernel.join('x'), `s${q.strides.join('x')}`, `d${q.dilations.join('x')}`, `p${q.pads.join('x')}`, `g${q.group}`].join(' ');
