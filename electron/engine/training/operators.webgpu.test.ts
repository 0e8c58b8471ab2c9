/** A net of operators on the GPU beside the CPU, also operators that the GPU has no kernel for; runs where there is a GPU or a software one (NETLOOM_TEST_WEBGPU). */
import { describe, expect, it } from 'vitest';
import { compile } from '../../../shared/compile/compile.ts';
import { initialWeights } from '../../../shared/compile/weights.ts';
import { emptyDocument, type DrawnNode, type Operand, type OperatorNode, type Wire } from '../../../shared/graph/document.ts';
import { defaultParams, type LayerType } from '../../../shared/layers/table.ts';
import { int, ints, type Attribute } from '../../../shared/onnx/ir.ts';
import { storeAttribute, storeConstant } from '../../../shared/onnx/stored.ts';
import { TrainingConfigSchema } from '../../../shared/training/config.ts';
import { createRandom } from '../../../shared/util/random.ts';
import type { DeviceId } from '../runtime/session.ts';
import { createOnnxEngine } from './onnx-engine.ts';

const position = { x: 0, y: 0 };
const layer = (id: string, type: LayerType, params: Record<string, unknown> = {}): DrawnNode => ({ kind: 'layer', id, name: id, layer: type, params: { ...defaultParams(type), ...params }, position });
const operator = (id: string, op: string, operands: readonly Operand[] = [{ port: 'x' }], attributes: Record<string, Attribute> = {}, extra: Partial<OperatorNode> = {}): OperatorNode =>
  ({ kind: 'operator', id, name: id, op, domain: '', opset: 18, attributes: Object.fromEntries(Object.entries(attributes).map(([k, a]) => [k, storeAttribute(a)])), operands, outputs: ['y'], position, ...extra });
const wire = (from: string, to: string): Wire => {
  const [[a, p = 'out'], [b, q = 'in']] = [from.split('.') as [string, string?], to.split('.') as [string, string?]];
  return { id: `${from}>${to}`, from: { node: a, port: p }, to: { node: b, port: q } };
};

/** Convolved, split in two, the halves through operators without a rule, one of them unknown to every table, and joined with what came straight. */
const { network, problems } = compile({ ...emptyDocument('operators'), graph: {
  nodes: [
    layer('input', 'input', { kind: 'image', height: 6, width: 6, channels: 1 }), operator('conv', 'Conv', [{ port: 'x' }, { weight: 'kernel', shape: [4, 1, 3, 3] }, { weight: 'bias', shape: [4] }], { pads: ints([1, 1, 1, 1]) }),
    operator('split', 'Split', [{ port: 'x' }, { constant: storeConstant({ element: 'int64', shape: [2], data: BigInt64Array.of(2n, 2n) }) }], { axis: int(1) }, { outputs: ['a', 'b'] }),
    operator('odd', 'Asinh', [{ port: 'x' }], {}, { types: [{ element: 'float32', shape: [-1, 2, 6, 6] }] }), operator('mod', 'Mod', [{ port: 'x' }, { constant: storeConstant({ element: 'float32', shape: [], data: Float32Array.of(1.5) }) }], { fmod: int(1) }), operator('join', 'Concat', [{ port: 'a' }, { port: 'b' }, { port: 'c' }], { axis: int(1) }), operator('flat', 'Flatten', [{ port: 'x' }], { axis: int(1) }),
    operator('dense', 'Gemm', [{ port: 'x' }, { weight: 'kernel', shape: [216, 3] }, { weight: 'bias', shape: [3] }]), layer('output', 'output'),
  ],
  wires: [wire('input', 'conv.x'), wire('conv.y', 'split.x'), wire('split.a', 'odd.x'), wire('split.b', 'mod.x'), wire('odd.y', 'join.a'), wire('mod.y', 'join.b'), wire('split.a', 'join.c'), wire('join.y', 'flat.x'), wire('flat.y', 'dense.x'), wire('dense.y', 'output')],
} });

async function losses(device: DeviceId): Promise<{ losses: number[]; missing: string[] }> {
  const random = createRandom(7);
  const batch = { inputs: Float32Array.from({ length: 8 * 36 }, () => random.next()), targets: Int32Array.from({ length: 8 }, () => random.below(3)), size: 8 };
  const session = await createOnnxEngine(device).open(network, TrainingConfigSchema.parse({ batchSize: 8 }), initialWeights(network, 3), { element: 'float32', offset: 0, scale: 1 });
  const seen: number[] = [];
  for (let i = 0; i < 6; i++) seen.push((await session.step(batch, 0.01)).loss);
  seen.push((await session.evaluate(batch)).lossSum / 8);
  const missing = ((await session.missing?.()) ?? []).flatMap((d) => (d.code === 'onnx.no-gradient' ? [d.place.label] : [])).sort();
  await session.dispose();
  return { losses: seen, missing };
}

const available = process.env.NETLOOM_TEST_WEBGPU !== undefined || process.env.VK_ICD_FILENAMES !== undefined;
describe.runIf(available)('a net of operators on the GPU', () => {
  it('has the losses that it has on the CPU', async () => {
    expect(problems).toEqual([]);
    const [gpu, cpu] = [await losses('webgpu'), await losses('cpu')];
    expect([gpu.missing, cpu.missing]).toEqual([['mod/Mod', 'odd/Asinh'], ['mod/Mod', 'odd/Asinh']]);
    cpu.losses.forEach((loss, i) => expect(Math.abs((gpu.losses[i] as number) - loss) / loss).toBeLessThan(1e-3));
    expect(cpu.losses.at(-1)).toBeLessThan(cpu.losses[0] as number);
  });
});
