/** Gradient rules of transposed convolution: the convolution whose gradient it is gives its own. */
import type { Value } from '../../../../shared/onnx/builder.ts';
import { int, ints } from '../../../../shared/onnx/ir.ts';
import { convolve } from '../convolutions.ts';
import type { Rule } from '../rule.ts';
import { weightGradient } from './conv.ts';
import { transposedWindow } from './window.ts';

/** Y = convᵀ(X, W), W [C, M/group, …]: dX = conv(dY, W); dW is the weight gradient of that convolution, with X as its dY. */
const convTranspose: Rule = (c) => {
  const [x, weight] = [c.x(0), c.x(1)];
  const group = c.int('group', 1);
  const w = transposedWindow(c.node, weight.type.shape.slice(2), x.type.shape.slice(2), c.dy.type.shape.slice(2));
  const inputGradient = (): Value => {
    const attributes = { kernel_shape: ints(w.kernel), strides: ints(w.strides), dilations: ints(w.dilations), pads: ints(w.pads), group: int(group) };
    const dx = convolve(c.b, c.device, c.dy, weight, null, attributes);
    // output_padding of a stride or more leaves windows that X never wrote.
    const sizes = x.type.shape.slice(2);
    if (dx.type.shape.slice(2).every((d, i) => d === sizes[i])) return dx;
    return c.b.op('Slice', [dx, c.b.int64(sizes.map(() => 0)), c.b.int64(sizes), c.b.int64(sizes.map((_, i) => i + 2))]);
  };
  return [
    c.wants(0) ? inputGradient() : null,
    c.wants(1) ? weightGradient({ b: c.b, device: c.device, x: c.dy, dy: x, weight: weight.type.shape, s: { ...w, group } }) : null,
    ...(c.count > 2 ? [c.wants(2) ? c.b.sum(c.dy, c.dy.type.shape.flatMap((_, i) => (i === 1 ? [] : [i])), false) : null] : []),
  ];
};

export const convTransposeRules: Readonly<Record<string, Rule>> = { ConvTranspose: convTranspose };
