/** Signatures of normalisations. */
import { axisOf, elementwise, requireKind, showShape, type, type InferContext, type OpSignature } from './signature.ts';

/** Each of the inputs must be a vector of one number a channel. */
function requireChannels(c: InferContext, inputs: readonly number[]): void {
  const channels = c.input(0).shape[1];
  for (const i of inputs) {
    const s = c.input(i).shape;
    if (s.length !== 1 || s[0] !== channels) c.refuse(`[${channels}] in input ${i}, one number a channel`, showShape(s));
  }
}

const batch = (c: InferContext) => {
  const x = requireKind(c, 0, 'float');
  requireChannels(c, [1, 2, 3, 4]);
  return [x, c.input(3), c.input(4)].slice(0, c.outputs);
};

const instance = (c: InferContext) => {
  requireChannels(c, [1, 2]);
  return [requireKind(c, 0, 'float')];
};

/** Mean and 1 / deviation keep the normalised axes as ones, in float32 (stash_type). */
const layer = (c: InferContext) => {
  const x = requireKind(c, 0, 'float');
  const axis = axisOf(c, c.int('axis', -1), x.shape.length);
  const statistics = type('float32', x.shape.map((d, i) => (i < axis ? d : 1)));
  return [x, statistics, statistics].slice(0, c.outputs);
};

export const normaliseOps: Readonly<Record<string, OpSignature>> = {
  BatchNormalization: { since: 15, inputs: [5, 5], outputs: [1, 3], infer: batch },
  InstanceNormalization: { since: 6, inputs: [3, 3], infer: instance },
  GroupNormalization: elementwise(18, 'float', [3, 3]),
  LayerNormalization: { since: 17, inputs: [2, 3], outputs: [1, 3], infer: layer },
  LRN: elementwise(13, 'float'),
};
