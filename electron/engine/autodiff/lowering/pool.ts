/** Pooling and its gradients on ONNX Runtime's blocked CPU kernels. */
import type { Value } from '../../../../shared/onnx/builder.ts';
import { attribute, int, type Node } from '../../../../shared/onnx/ir.ts';
import type { DeferredGradient } from '../deferred.ts';
import type { Lowering } from './lowering.ts';

const plainWindow = (node: Node): boolean =>
  attribute(node, 'auto_pad', 'string', 'NOTSET') === 'NOTSET' && attribute(node, 'ceil_mode', 'int', 0) === 0 && attribute(node, 'dilations', 'ints', []).every((d) => d === 1) && attribute(node, 'storage_order', 'int', 0) === 0;

export function lowerPool(l: Lowering, node: Node): boolean {
  const x = node.inputs[0] as string;
  const y = node.outputs[0] as string;
  if (l.shape(x).length !== 4 || node.outputs.length > 1 || !plainWindow(node) || !l.hasBlocked(x)) return false;
  const [n, , h, w] = l.shape(y) as [number, number, number, number];
  const { attributes } = node;
  const kept = Object.fromEntries(['kernel_shape', 'strides', 'pads', 'count_include_pad'].flatMap((k) => (attributes[k] ? [[k, attributes[k]]] : [])));
  l.setBlocked(y, l.kernel(node.op, [l.blocked(x)], kept, [n, l.blocked(x).type.shape[1] as number, h, w]));
  return true;
}

export function lowerGlobalAverage(l: Lowering, node: Node): boolean {
  const x = node.inputs[0] as string;
  if (l.shape(x).length !== 4 || !l.hasBlocked(x)) return false;
  const value = l.blocked(x);
  const [n, c] = value.type.shape as [number, number];
  l.setBlocked(node.outputs[0] as string, l.kernel('GlobalAveragePool', [value], {}, [n, c, 1, 1]));
  return true;
}

/** dx[·, i, j] = dy / (h·w). */
export function lowerGlobalAverageGradient(l: Lowering, x: string, dy: string): Value | null {
  const [n, c, h, w] = l.shape(x) as [number, number, number, number];
  if (!l.hasBlocked(x)) return null;
  const channels = l.padded(c);
  const share = l.b.mul(l.blocked(dy), l.b.scalar(1 / (h * w)));
  const spread = l.b.op('Expand', [l.b.reshape(share, [(n * channels) / l.block, 1, l.block]), l.b.int64([(n * channels) / l.block, h * w, l.block])]);
  return l.b.reshape(spread, [n, channels, h, w]);
}

/**
 * dx of a max pool whose windows do not overlap: each offset of the window that first equals the maximum takes dy, and the offsets
 * are laid between one another.
 */
export function lowerMaxPoolGradient(l: Lowering, g: DeferredGradient, names: { x: string; y: string; dy: string }): Value | null {
  const { b, block: B } = l;
  if (!plainWindow(g.node) || !l.hasBlocked(names.x)) return null;
  const [kh, kw] = g.ints('kernel_shape', []) as [number, number];
  const [sh, sw] = g.ints('strides', [1, 1]) as [number, number];
  const x = l.blocked(names.x);
  const [n, channels, h, w] = x.type.shape as [number, number, number, number];
  const [oh, ow] = l.shape(names.y).slice(2) as [number, number];
  if (kh !== sh || kw !== sw || kh * kw > 16 || g.ints('pads', [0]).some((p) => p !== 0) || oh * kh !== h || ow * kw !== w) return null;
  const blocks = (n * channels) / B;
  const apart = b.reshape(x, [blocks * oh, kh, ow, kw * B]);
  const y = b.reshape(l.blocked(names.y), [blocks * oh, 1, ow, B]);
  const dy = b.reshape(l.blocked(names.dy), [blocks * oh, 1, ow, B]);
  let free: Value | null = null;
  const lines: Value[] = [];
  for (let r = 0; r < kh; r++) {
    const pieces: Value[] = [];
    for (let c = 0; c < kw; c++) {
      const seen = b.op('Slice', [apart, b.int64([r, c * B]), b.int64([r + 1, (c + 1) * B]), b.int64([1, 3])]);
      const hit = b.op('Equal', [seen, y]);
      const first: Value = free === null ? hit : b.op('And', [hit, free]);
      const miss = b.op('Not', [hit]);
      free = free === null ? miss : b.op('And', [free, miss]);
      pieces.push(b.mul(b.cast(first, 'float32'), dy));
    }
    lines.push(pieces.length === 1 ? (pieces[0] as Value) : b.op('Concat', pieces, { axis: int(3) }));
  }
  return b.reshape(lines.length === 1 ? (lines[0] as Value) : b.op('Concat', lines, { axis: int(1) }), x.type.shape);
}

/** dx of an average pool: every offset takes its share; windows that do not overlap and leave nothing over. */
export function lowerAveragePoolGradient(l: Lowering, g: DeferredGradient, names: { x: string; dy: string }): Value | null {
  const [kh, kw] = g.ints('kernel_shape', []) as [number, number];
  const [sh, sw] = g.ints('strides', [1, 1]) as [number, number];
  if (!plainWindow(g.node) || !l.hasBlocked(names.x) || kh !== sh || kw !== sw || g.ints('pads', [0]).some((p) => p !== 0)) return null;
  const [n, channels, h, w] = l.blocked(names.x).type.shape as [number, number, number, number];
  const [oh, ow] = l.shape(names.dy).slice(2) as [number, number];
  if (oh * kh !== h || ow * kw !== w) return null;
  const share = l.b.mul(l.blocked(names.dy), l.b.scalar(1 / (kh * kw)));
  const rows = ((n * channels) / l.block) * oh;
  const spread = l.b.op('Expand', [l.b.reshape(share, [rows, 1, ow, 1, l.block]), l.b.int64([rows, kh, ow, kw, l.block])]);
  return l.b.reshape(spread, [n, channels, h, w]);
}
