/** Gradient rules of operators that move numbers about. */
import { ints } from '../../../../shared/onnx/ir.ts';
import type { Rule, RuleContext } from '../rule.ts';

/** Back to the input's shape. */
const unshape: Rule = (c) => [c.b.reshape(c.dy, c.x(0).type.shape)];

const axisIn = (c: RuleContext, rank: number): number => {
  const a = c.int('axis', 0);
  return a < 0 ? a + rank : a;
};

export const shapeRules: Readonly<Record<string, Rule>> = {
  Reshape: unshape,
  Flatten: unshape,
  Squeeze: unshape,
  Unsqueeze: unshape,
  /** The driver sums the broadcast axes. */
  Expand: (c) => [c.dy],
  /** The inverse permutation. */
  Transpose: (c) => {
    const rank = c.x(0).type.shape.length;
    const perm = c.ints('perm', Array.from({ length: rank }, (_, i) => rank - 1 - i));
    return [c.b.transpose(c.dy, perm.map((_, i) => perm.indexOf(i)))];
  },
  /** Each input gets its own stretch of dy. */
  Concat: (c) => {
    const axis = axisIn(c, c.dy.type.shape.length);
    let start = 0;
    return Array.from({ length: c.count }, (_, i) => {
      const size = c.x(i).type.shape[axis] as number;
      start += size;
      return c.wants(i) ? c.b.op('Slice', [c.dy, c.b.int64([start - size]), c.b.int64([start]), c.b.int64([axis])]) : null;
    });
  },
  /** Zeros where the slice took nothing; a step above one is undone by spreading the rows with zeros between. */
  Slice: (c) => {
    const shape = c.x(0).type.shape;
    const starts = c.constantInts(1);
    const axes = c.count > 3 ? c.constantInts(3).map((a) => (a < 0 ? a + shape.length : a)) : starts.map((_, i) => i);
    const steps = c.count > 4 ? c.constantInts(4) : starts.map(() => 1);
    let dx = c.dy;
    axes.forEach((axis, i) => {
      const size = shape[axis] as number;
      const step = steps[i] as number;
      if (step < 1) throw new Error(`Slice ${c.node.name}: expected a positive step, got ${step}`);
      const given = starts[i] as number;
      const start = Math.min(Math.max(given < 0 ? given + size : given, 0), size);
      if (step > 1) {
        const now = dx.type.shape;
        const count = now[axis] as number;
        const apart = c.b.reshape(dx, [...now.slice(0, axis + 1), 1, ...now.slice(axis + 1)]);
        const pads = apart.type.shape.map(() => 0);
        const wide = c.b.op('Pad', [apart, c.b.int64([...pads, ...pads.map((p, k) => (k === axis + 1 ? step - 1 : p))])]);
        const long = c.b.reshape(wide, now.map((d, k) => (k === axis ? d * step : d)));
        dx = c.b.op('Slice', [long, c.b.int64([0]), c.b.int64([(count - 1) * step + 1]), c.b.int64([axis])]);
      }
      const rank = shape.length;
      const pads = Array.from({ length: 2 * rank }, () => 0);
      pads[axis] = start;
      pads[axis + rank] = size - start - (dx.type.shape[axis] as number);
      dx = c.b.op('Pad', [dx, c.b.int64(pads)]);
    });
    return [dx];
  },
  /** The padding is cut off again (constant padding only). */
  Pad: (c) => {
    const shape = c.x(0).type.shape;
    const mode = c.node.attributes.mode;
    if (mode?.kind === 'string' && mode.value !== 'constant') throw new Error(`Pad ${c.node.name}: expected constant padding, got ${mode.value}`);
    const begins = c.constantInts(1).slice(0, shape.length);
    return [c.b.op('Slice', [c.dy, c.b.int64(begins), c.b.int64(begins.map((s, i) => s + (shape[i] as number))), c.b.int64(shape.map((_, i) => i))])];
  },
};

/** Reverses the two last axes' order: a kernel turned by 180°. */
export const spatialPerm = (rank: number) => ints([1, 0, ...Array.from({ length: rank - 2 }, (_, i) => i + 2)]);
