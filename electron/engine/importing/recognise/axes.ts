/** Orders of axes: channels last, as TensorFlow has them, and channels first, as the layers here. */
import { fold } from '../../../../shared/onnx/fold/fold.ts';
import { ints, type Tensor } from '../../../../shared/onnx/ir.ts';
import { required } from '../../../../shared/util/assert.ts';

/** Channels from the last place to the one behind the batch, and back. */
export const toFirst = (rank: number): number[] => [0, rank - 1, ...Array.from({ length: rank - 2 }, (_, i) => i + 1)];
export const toLast = (rank: number): number[] => [0, ...Array.from({ length: rank - 2 }, (_, i) => i + 2), 1];

/** A constant with its axes in another order. */
export const turned = (t: Tensor, perm: readonly number[]): Tensor =>
  required(fold({ name: '', op: 'Transpose', domain: '', inputs: ['x'], outputs: ['y'], attributes: { perm: ints(perm) } }, [t])?.[0], 'a turned constant');
