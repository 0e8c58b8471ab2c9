/** The forward graph: a Network lowered to ONNX operators. */
import type { Graph } from '../onnx/ir.ts';

export interface GraphWeight {
  /** Name of the graph input (and in the weights file): "id.kernel". */
  readonly name: string;
  readonly layer: string;
  readonly shape: readonly number[];
  /** Trained and not frozen. */
  readonly trainable: boolean;
  readonly decays: boolean;
  /** Steps of the optimiser that were made before it began to train; none where left out. */
  readonly joined?: number;
}

export interface ForwardGraph {
  /** Inputs: one per Input layer (named "input", "input_2", …; float32, batch first, unless it is a tensor input of another type), then every weight; in training also "noise" (float32 [4], whole numbers below 1021 made from seed and step) where some layer draws random numbers. Outputs: one per Output layer ("output", "output_2", …). */
  readonly graph: Graph;
  readonly batch: number;
  readonly training: boolean;
  readonly dataInputs: readonly string[];
  readonly outputs: readonly string[];
  /** Data inputs and outputs whose first axis is the batch. */
  readonly batched: ReadonlySet<string>;
  /** Layer behind each data input and output. */
  readonly borders: ReadonlyMap<string, string>;
  /** Opset by domain, where the net's operators need another than ours. */
  readonly opsets: Readonly<Record<string, number>>;
  /** Value names of answers whose loss counts in training only, with their shares. */
  readonly auxiliary?: readonly { readonly value: string; readonly share: number }[];
  readonly weights: readonly GraphWeight[];
  /** Layer id -> value name of its first output, where that is float32 numbers for each sample. */
  readonly taps: ReadonlyMap<string, string>;
  /** Weight name of a statistic -> value name of its new content. Training only. */
  readonly updates: ReadonlyMap<string, string>;
  readonly usesRandom: boolean;
}
