/** Gradient rules of operators that move numbers about. */
import type { Value } from '../../../../shared/onnx/builder.ts';
import { attribute, int } from '../../../../shared/onnx/ir.ts';
import type { Rule, RuleContext } from '../rule.ts';
import { picking, transposedMap } from './axis-map.ts';

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
      const given = starts[i] as number;
      const counted = given < 0 ? given + size : given;
      const step = Math.abs(steps[i] as number);
      const backwards = (steps[i] as number) < 0;
      const taken = dx.type.shape[axis] as number;
      // A slice that runs backwards is the turned-round one of the same places.
      if (backwards) dx = c.b.op('Slice', [dx, c.b.int64([taken - 1]), c.b.int64([-1 - taken]), c.b.int64([axis]), c.b.int64([-1])]);
      const first = backwards ? Math.min(counted, size - 1) - (taken - 1) * step : counted;
      const start = Math.min(Math.max(first, 0), size);
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
  /** What was padded on is cut off again, what was cut off comes back as zeros; copied borders add up where they came from. */
  Pad: (c) => {
    const shape = c.x(0).type.shape;
    const mode = attribute(c.node, 'mode', 'string', 'constant');
    const axes = c.count > 3 && c.node.inputs[3] !== '' ? c.constantInts(3).map((a) => (a < 0 ? a + shape.length : a)) : shape.map((_, i) => i);
    const given = c.count > 1 ? c.constantInts(1) : [...c.ints('pads', [])];
    const begins = shape.map((_, i) => (axes.includes(i) ? (given[axes.indexOf(i)] as number) : 0));
    const ends = shape.map((_, i) => (axes.includes(i) ? (given[axes.indexOf(i) + axes.length] as number) : 0));
    if (mode !== 'constant') {
      return [shape.reduce((dx, size, i) => {
        if (begins[i] === 0 && ends[i] === 0) return dx;
        const length = dx.type.shape[i] as number;
        return transposedMap(c.b, dx, i, picking(Array.from({ length }, (_, at) => borderSource(c, mode, at - (begins[i] as number), size)), size));
      }, c.dy)];
    }
    const low = begins.map((p) => Math.max(p, 0));
    const kept = c.dy.type.shape.map((d, i) => d - Math.max(ends[i] as number, 0));
    const cut = c.b.op('Slice', [c.dy, c.b.int64(low), c.b.int64(kept), c.b.int64(shape.map((_, i) => i))]);
    const back = [...begins, ...ends].map((p) => Math.max(-p, 0));
    return [back.every((p) => p === 0) ? cut : c.b.op('Pad', [cut, c.b.int64(back)])];
  },
  /** Copies add up. */
  Tile: (c) => {
    const shape = c.x(0).type.shape;
    const repeats = c.constantInts(1);
    const apart = c.b.reshape(c.dy, shape.flatMap((d, i) => [repeats[i] as number, d]));
    return [c.b.reshape(c.b.sum(apart, shape.map((_, i) => 2 * i), false), shape)];
  },
  /** Blocks of channels back to places: SpaceToDepth in the order the node's mode names. */
  DepthToSpace: (c) => [spaceToDepth(c, c.dy, attribute(c.node, 'mode', 'string', 'DCR') === 'CRD')],
  SpaceToDepth: (c) => {
    const k = c.int('blocksize', 1);
    const [n, channels, h, w] = c.dy.type.shape as [number, number, number, number];
    const apart = c.b.reshape(c.dy, [n, k, k, channels / (k * k), h, w]);
    return [c.b.reshape(c.b.transpose(apart, [0, 3, 4, 1, 5, 2]), c.x(0).type.shape)];
  },
  /** The same triangle of dy. */
  Trilu: (c) => [c.b.op('Trilu', [c.dy, c.count > 1 && c.node.inputs[1] !== '' ? c.x(1) : null], c.node.attributes)],
  /** Sums run the other way. */
  CumSum: (c) => [c.b.op('CumSum', [c.dy, c.x(1)], { exclusive: int(c.int('exclusive', 0)), reverse: int(1 - c.int('reverse', 0)) })],
};

/** Place in the input that a padded place copies; −1 for none (ONNX Pad-18). */
function borderSource(c: RuleContext, mode: string, at: number, size: number): number {
  switch (mode) {
    case 'edge': return Math.min(Math.max(at, 0), size - 1);
    case 'wrap': return ((at % size) + size) % size;
    case 'reflect': {
      if (size === 1) return 0;
      const period = 2 * (size - 1);
      const turned = ((at % period) + period) % period;
      return turned < size ? turned : period - turned;
    }
    default: return c.refuse('constant, reflect, edge or wrap', mode);
  }
}

/** [N, C, H·k, W·k] to [N, C·k·k, H, W]; with `channelsFirst` the block's places are the inner part of the channels. */
function spaceToDepth(c: RuleContext, x: Value, channelsFirst: boolean): Value {
  const k = c.int('blocksize', 1);
  const [n, channels, h, w] = x.type.shape as [number, number, number, number];
  const apart = c.b.reshape(x, [n, channels, h / k, k, w / k, k]);
  return c.b.reshape(c.b.transpose(apart, channelsFirst ? [0, 1, 3, 5, 2, 4] : [0, 3, 5, 1, 2, 4]), c.x(0).type.shape);
}
