/** Whether this machine's CPU provider has blocked convolution kernels (NCHWc), and how many channels a block holds. */
import * as ort from 'onnxruntime-node';
import { GraphBuilder } from '../../../shared/onnx/builder.ts';
import { encodeModel } from '../onnx-io/model.ts';

const DOMAIN = 'com.microsoft.nchwc';
let known: Promise<number | null> | undefined;

/** The reorder of 64 numbered channels of two pixels shows the block: where the second pixel of channel 0 lands. */
async function probe(): Promise<number | null> {
  const b = new GraphBuilder();
  const type = { element: 'float32', shape: [1, 64, 1, 2] } as const;
  b.input('x', type);
  b.append({ name: 'reorder', op: 'ReorderInput', domain: DOMAIN, inputs: ['x'], outputs: ['y'], attributes: {} }, [type]);
  b.output('y', b.value('y'));
  try {
    const session = await ort.InferenceSession.create(encodeModel(b.build('block')), { executionProviders: ['cpu'], logSeverityLevel: 4 });
    const { y } = await session.run({ x: new ort.Tensor('float32', Float32Array.from({ length: 128 }, (_, i) => i), [1, 64, 1, 2]) });
    await session.release();
    const block = (y?.data as Float32Array).indexOf(1);
    return block > 1 ? block : null;
  } catch {
    // No such kernels in this build or on this processor.
    return null;
  }
}

/** Channels in a block; null where there are no blocked kernels. Probed once. */
export function cpuBlock(): Promise<number | null> {
  known ??= probe();
  return known;
}
