/** Gradients where differences cannot tell: at kinks, ties and zeros, each worked out by hand; and what is drawn by chance. */
import * as ort from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { GraphBuilder, type Value } from '../../../shared/onnx/builder.ts';
import { int } from '../../../shared/onnx/ir.ts';
import { encodeModel } from '../onnx-io/model.ts';
import { differentiate } from './backward.ts';
import { floats, type Build } from './cases/helpers.harness.ts';
import { specialPoints } from './cases/special.harness.ts';
import { lowerGraph } from './lowering/lower.ts';
import type { DeviceKind } from './rule.ts';

/** y = build(x) and d Σy / dx at `data`, written for a device, run on the CPU. */
async function at(build: Build, data: readonly number[], shape: readonly number[] = [data.length], device: DeviceKind = 'cpu'): Promise<{ y: number[]; d: number[] }> {
  const b = new GraphBuilder();
  const x = b.input('x', { element: 'float32', shape });
  const y = build(b, [x]);
  const loss = b.sum(y, undefined, false);
  b.output('d', differentiate(b, [...b.build('g').nodes], loss, ['x'], device).get('x') as Value);
  b.output('answer', y);
  const session = await ort.InferenceSession.create(encodeModel(lowerGraph(b.build('g'), { device, block: null })), { logSeverityLevel: 3 });
  const { d, answer } = await session.run({ x: new ort.Tensor('float32', Float32Array.from(data), [...shape]) });
  await session.release();
  return { y: Array.from(answer?.data as Float32Array), d: Array.from(d?.data as Float32Array, (v) => v + 0) };
}

describe.each(['cpu', 'webgpu'] as const)('the %s form', (device) => {
  it.each(specialPoints)('%s', async (_name, build, data, shape, expected) => {
    const { d } = await at(build, data, shape, device);
    expect(d.map((v) => Math.round(v * 1e5) / 1e5 + 0)).toEqual(expected.map((v) => Math.round(v * 1e5) / 1e5));
  });
});

describe('Dropout in training', () => {
  const dropout: Build = (b, [x]) => b.ops('Dropout', [x as Value, floats(b, [0.25], []), b.constant({ element: 'bool', shape: [], data: Uint8Array.of(1) })], { attributes: { seed: int(3) }, outputs: 2 })[0] as Value;

  it('passes what its mask kept, over the share kept', async () => {
    const { y, d } = await at(dropout, Array.from({ length: 400 }, () => 3));
    // Linear in what it keeps: the slope is the answer over the input.
    expect(d).toEqual(y.map((v) => Math.fround(v / 3)));
    expect([...new Set(d)].sort()).toEqual([0, Math.fround(1 / 0.75)]);
  });
});
