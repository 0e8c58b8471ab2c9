/** Gradient rule of GridSample: each output is a weighted sum of four neighbours, so both gradients run over the four corners. */
import type { GraphBuilder, Value } from '../../../../shared/onnx/builder.ts';
import { attribute, int, string } from '../../../../shared/onnx/ir.ts';
import type { Rule, RuleContext } from '../rule.ts';
import { positive } from './elementwise.ts';
import { oneHot } from './index.ts';

/** A coordinate in pixels with its derivative by the grid's number, both [N, P]. */
interface Coordinate { readonly at: Value; readonly slope: Value }

const constant = (b: GraphBuilder, v: number): Value => b.scalar(v);
const step = (c: RuleContext, x: Value): Value => positive(c, x);

/** −1…1 to pixels, then into the picture as padding_mode says (ONNX GridSample-16; Jaderberg et al. 2015). */
function coordinate(c: RuleContext, g: Value, size: number): Coordinate {
  const { b } = c;
  const corners = c.int('align_corners', 0) === 1;
  const factor = corners ? (size - 1) / 2 : size / 2;
  const at = b.add(b.mul(g, constant(b, factor)), constant(b, (size - 1) / 2));
  const slope = b.add(b.mul(g, constant(b, 0)), constant(b, factor));
  const padding = attribute(c.node, 'padding_mode', 'string', 'zeros');
  if (padding === 'zeros') return { at, slope };
  const clamped = (v: Coordinate): Coordinate => ({
    at: b.op('Clip', [v.at, constant(b, 0), constant(b, size - 1)]),
    slope: b.mul(v.slope, b.mul(step(c, v.at), step(c, b.sub(constant(b, size - 1), v.at)))),
  });
  if (padding === 'border') return clamped({ at, slope });
  // Reflection between the outer pixels' centres, or their outer edges: a triangle wave.
  const [low, high] = corners ? [0, size - 1] : [-0.5, size - 0.5];
  const span = high - low;
  if (span === 0) return { at: b.mul(at, constant(b, 0)), slope: b.mul(slope, constant(b, 0)) };
  const from = b.op('Abs', [b.sub(at, constant(b, low))]);
  const sign = b.sub(b.mul(step(c, b.sub(at, constant(b, low))), constant(b, 2)), constant(b, 1));
  const flips = b.op('Floor', [b.mul(from, constant(b, 1 / span))]);
  const rest = b.sub(from, b.mul(flips, constant(b, span)));
  const half = b.mul(flips, constant(b, 0.5));
  const odd = b.mul(b.sub(half, b.op('Floor', [half])), constant(b, 2));
  const turned = b.add(constant(b, low), b.add(rest, b.mul(odd, b.sub(constant(b, span), b.mul(rest, constant(b, 2))))));
  const direction = b.mul(sign, b.sub(constant(b, 1), b.mul(odd, constant(b, 2))));
  return clamped({ at: turned, slope: b.mul(slope, direction) });
}

/** One neighbour: its weight, its place (inside), and 1 where it lies in the picture. */
interface Corner { readonly y: Value; readonly x: Value; readonly weightY: Value; readonly weightX: Value; readonly signY: number; readonly signX: number }

/** values[n, c, place] for each place, [N, C, P]. */
function pick(c: RuleContext, flat: Value, places: Value): Value {
  const [n, channels, size] = flat.type.shape as [number, number, number];
  const count = places.type.shape[1] as number;
  if (c.device !== 'cpu') return c.b.matmul(flat, c.b.transpose(oneHot(c, places, size), [0, 2, 1]));
  const wide = c.b.op('Expand', [c.b.reshape(c.b.cast(places, 'int64'), [n, 1, count]), c.b.int64([n, channels, count])]);
  return c.b.op('GatherElements', [flat, wide], { axis: int(2) });
}

/** Adds values [N, C, P] up at their places. */
function put(c: RuleContext, into: Value | null, values: Value, places: Value, size: number): Value {
  const [n, channels, count] = values.type.shape as [number, number, number];
  if (c.device !== 'cpu') {
    const sum = c.b.matmul(values, oneHot(c, places, size));
    return into ? c.b.add(into, sum) : sum;
  }
  const wide = c.b.op('Expand', [c.b.reshape(c.b.cast(places, 'int64'), [n, 1, count]), c.b.int64([n, channels, count])]);
  const zeros = into ?? c.b.op('Expand', [c.b.scalar(0), c.b.int64([n, channels, size])]);
  return c.b.op('ScatterElements', [zeros, wide, values], { axis: int(2), reduction: string('add') });
}

const gridSample: Rule = (c) => {
  const { b } = c;
  const [n, channels, height, width] = c.x(0).type.shape as [number, number, number, number];
  if (c.x(0).type.shape.length !== 4) c.refuse('pictures [N, C, H, W]', `rank ${c.x(0).type.shape.length}`);
  const mode = attribute(c.node, 'mode', 'string', 'bilinear');
  if (!['bilinear', 'linear', 'nearest'].includes(mode)) c.refuse('bilinear or nearest', mode);
  const [, oh, ow] = c.x(1).type.shape as [number, number, number];
  const count = oh * ow;
  const grid = b.reshape(c.x(1), [n, count, 2]);
  const part = (i: number): Value => b.reshape(b.op('Slice', [grid, b.int64([i]), b.int64([i + 1]), b.int64([2])]), [n, count]);
  const [x, y] = [coordinate(c, part(0), width), coordinate(c, part(1), height)];
  const flat = b.reshape(c.x(0), [n, channels, height * width]);
  const dy = b.reshape(c.dy, [n, channels, count]);
  const one = constant(b, 1);
  const corners = ((): Corner[] => {
    if (mode === 'nearest') {
      // Halves go to the even neighbour where the device can round; elsewhere up.
      const round = (v: Value) => (c.device === 'cpu' ? b.op('Round', [v]) : b.op('Floor', [b.add(v, constant(b, 0.5))]));
      return [{ y: round(y.at), x: round(x.at), weightY: one, weightX: one, signY: 0, signX: 0 }];
    }
    const [y0, x0] = [b.op('Floor', [y.at]), b.op('Floor', [x.at])];
    const [ty, tx] = [b.sub(y.at, y0), b.sub(x.at, x0)];
    const rows = [{ v: y0, weight: b.sub(one, ty), sign: -1 }, { v: b.add(y0, one), weight: ty, sign: 1 }];
    const columns = [{ v: x0, weight: b.sub(one, tx), sign: -1 }, { v: b.add(x0, one), weight: tx, sign: 1 }];
    return rows.flatMap((r) => columns.map((k) => ({ y: r.v, x: k.v, weightY: r.weight, weightX: k.weight, signY: r.sign, signX: k.sign })));
  })();
  let dx: Value | null = null;
  let dGridX: Value | null = null;
  let dGridY: Value | null = null;
  for (const k of corners) {
    const half = constant(b, 0.5);
    const inside = b.mul(
      b.mul(step(c, b.add(k.y, half)), step(c, b.sub(constant(b, height - 0.5), k.y))),
      b.mul(step(c, b.add(k.x, half)), step(c, b.sub(constant(b, width - 0.5), k.x))),
    );
    const place = b.add(b.mul(b.op('Clip', [k.y, constant(b, 0), constant(b, height - 1)]), constant(b, width)), b.op('Clip', [k.x, constant(b, 0), constant(b, width - 1)]));
    const row = (v: Value): Value => b.reshape(v, [n, 1, count]);
    if (c.wants(0)) {
      const weight = mode === 'nearest' ? inside : b.mul(b.mul(k.weightY, k.weightX), inside);
      dx = put(c, dx, b.mul(dy, row(weight)), place, height * width);
    }
    if (c.wants(1) && mode !== 'nearest') {
      const along = b.mul(b.reshape(b.sum(b.mul(dy, pick(c, flat, place)), [1]), [n, count]), inside);
      const byX = b.mul(b.mul(along, k.weightY), constant(b, k.signX));
      const byY = b.mul(b.mul(along, k.weightX), constant(b, k.signY));
      dGridX = dGridX ? b.add(dGridX, byX) : byX;
      dGridY = dGridY ? b.add(dGridY, byY) : byY;
    }
  }
  const column = (v: Value, slope: Value): Value => b.reshape(b.mul(v, slope), [n, count, 1]);
  const dGrid = (): Value => (dGridX && dGridY
    ? b.reshape(b.op('Concat', [column(dGridX, x.slope), column(dGridY, y.slope)], { axis: int(2) }), c.x(1).type.shape)
    : b.op('Expand', [constant(b, 0), b.int64(c.x(1).type.shape)]));
  return [dx ? b.reshape(dx, c.x(0).type.shape) : null, c.wants(1) ? dGrid() : null];
};

export const gridSampleRules: Readonly<Record<string, Rule>> = { GridSample: gridSample };
