/** TensorFlow.js as this room sees it: one interface, whichever of its backends computes. It is handed in, never imported. */
import type * as tfjs from '@tensorflow/tfjs';

export type Tf = typeof tfjs;
export type Tensor = tfjs.Tensor;
export type Variable = tfjs.Variable;
