/** Tensors that stay on the device; runs where there is a GPU or a software one (NETLOOM_TEST_WEBGPU). */
import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../../../shared/onnx/builder.ts';
import type { Graph } from '../../../shared/onnx/ir.ts';
import { encodeModel } from '../onnx-io/model.ts';
import { listDevices } from './devices.ts';
import { RuntimeSession, tensor } from './session.ts';
import { fromRuntime } from './tensors.ts';

const vector = { element: 'float32', shape: [2] } as const;

function graphOf(build: (b: GraphBuilder) => void): Graph {
  const b = new GraphBuilder();
  build(b);
  return b.build('g');
}

const available = process.env.NETLOOM_TEST_WEBGPU !== undefined || process.env.VK_ICD_FILENAMES !== undefined;
if (!available) console.info('WebGPU sessions skipped: no GPU and no software Vulkan (npm test finds one, or set VK_ICD_FILENAMES)');

describe.runIf(available)('a WebGPU session', () => {
  it('is listed as available', async () => {
    expect((await listDevices()).find((d) => d.id === 'webgpu')).toMatchObject({ available: true, detail: expect.stringMatching(/^Runs ONNX Runtime’s kernels/) });
  });

  it('feeds what stays on the device again, and reads it through an Identity', async () => {
    const step = await RuntimeSession.open(encodeModel(graphOf((b) => b.output('y', b.mul(b.input('x', vector), b.scalar(2))))), { device: 'webgpu', keepOnDevice: ['y'] });
    const copy = await RuntimeSession.open(encodeModel(graphOf((b) => b.output('y', b.input('x', vector)))), { device: 'webgpu' });
    let { y: held } = await step.run({ x: tensor('float32', Float32Array.of(1, -3), [2]) });
    for (let i = 0; i < 3; i++) {
      const { y: next } = await step.run({ x: held as never });
      held?.dispose();
      held = next;
    }
    expect(held?.location).toBe('gpu-buffer');
    // Reading it directly would end the process.
    expect(() => fromRuntime(held as never)).toThrow('a tensor in gpu-buffer memory is read through a session');
    const { y } = await copy.run({ x: held as never });
    expect(Array.from(fromRuntime(y as never).data as Float32Array)).toEqual([16, -48]);
    held?.dispose();
    await step.dispose();
    await copy.dispose();
  });

  it('says when the CPU computes a part of a graph', async () => {
    const fallsBack = async (op: string): Promise<boolean> => {
      const session = await RuntimeSession.open(encodeModel(graphOf((b) => b.output('y', b.op('Relu', [b.op(op, [b.op('Relu', [b.input('x', vector)])])])))), { device: 'webgpu' });
      expect((await session.run({ x: tensor('float32', Float32Array.of(1, 0), [2]) })).y?.dims).toEqual([2]);
      await session.dispose();
      return session.fallsBack;
    };
    expect([await fallsBack('Exp'), await fallsBack('Sign')]).toEqual([false, true]);
  });
});
