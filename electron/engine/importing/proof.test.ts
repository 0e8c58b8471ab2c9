/** The comparison finds what differs, and nothing where nothing does. */
import { describe, expect, it } from 'vitest';
import { compile } from '../../../shared/compile/compile.ts';
import type { Network } from '../../../shared/compile/network.ts';
import { initialWeights } from '../../../shared/compile/weights.ts';
import type { Tensor } from '../../../shared/onnx/ir.ts';
import { findTemplate } from '../../../shared/templates/templates.ts';
import { required } from '../../../shared/util/assert.ts';
import { encodeModel } from '../onnx-io/model.ts';
import { compareWithFile, modelBytes, type ProofSubject } from './proof.ts';
import { turned } from './recognise/axes.ts';

const lenet = (): { network: Network; subject: ProofSubject } => {
  const { network } = compile(required(findTemplate('lenet-5'), 'LeNet-5').build({}));
  const id = (type: string) => required(network.layers.find((l) => l.type === type), type).id;
  return { network, subject: { network, weights: initialWeights(network, 3), inputs: [{ name: 'input', node: id('input'), perm: null }], outputs: [{ name: 'output', node: id('output'), perm: null }] } };
};

describe('compareWithFile', () => {
  it('finds rounding only between a net and its own file', async () => {
    const { subject } = lenet();
    const { absolute, relative } = await compareWithFile(modelBytes(subject.network, subject.weights, 1).bytes, subject);
    expect(absolute).toBeLessThan(1e-6);
    expect(relative).toBeLessThan(1e-5);
  });

  it('finds one weight that is another, and an output that is missing', async () => {
    const { network, subject } = lenet();
    const { bytes } = modelBytes(network, subject.weights, 1);
    const [name, weight] = required([...subject.weights].find(([, w]) => w.shape.length === 1), 'a bias');
    const changed = new Map(subject.weights).set(name, { ...weight, data: weight.data.map((v, i) => (i === 0 ? v + 1 : v)) });
    expect((await compareWithFile(bytes, { ...subject, weights: changed })).relative).toBeGreaterThan(1e-3);
    expect((await compareWithFile(bytes, { ...subject, outputs: [{ name: 'output', node: 'nothing', perm: null }] })).absolute).toBe(Infinity);
  });

  it('compares on samples given, in the layout of the file', async () => {
    const { network, subject } = lenet();
    const { forward } = modelBytes(network, subject.weights, 1);
    const { graph } = forward;
    const input = required(graph.inputs[0], 'input');
    const [, c, h, w] = input.type.shape as [number, number, number, number];
    // The same net behind a Transpose: its file takes channels last.
    const last = { ...input, name: 'pixels', type: { element: 'float32' as const, shape: [1, h, w, c] } };
    const weights = new Map([...graph.initializers, ...[...subject.weights].map(([name, t]) => [name, { element: 'float32', ...t } as Tensor] as const)]);
    const turn = { name: 'turn', op: 'Transpose', domain: '', inputs: ['pixels'], outputs: [input.name], attributes: { perm: { kind: 'ints' as const, value: [0, 3, 1, 2] } } };
    const bytes = encodeModel({ ...graph, inputs: [last], initializers: weights, nodes: [turn, ...graph.nodes] });
    const sample = { element: 'float32' as const, shape: [1, h, w, c], data: Float32Array.from({ length: h * w * c }, (_, i) => i / (h * w * c)) };
    const subjectTurned = { ...subject, inputs: [{ name: 'pixels', node: required(subject.inputs[0], 'input').node, perm: [0, 3, 1, 2] }] };
    expect((await compareWithFile(bytes, subjectTurned, [new Map([['pixels', sample]])])).relative).toBeLessThan(1e-5);
  });
});

describe('turned', () => {
  it('moves axes as a direct loop does', () => {
    const t: Tensor = { element: 'int64', shape: [2, 3, 4], data: BigInt64Array.from({ length: 24 }, (_, i) => BigInt(i)) };
    const y = turned(t, [2, 0, 1]);
    expect(y.shape).toEqual([4, 2, 3]);
    for (let i = 0; i < 2; i++) for (let j = 0; j < 3; j++) for (let k = 0; k < 4; k++) expect(y.data[k * 6 + i * 3 + j]).toBe(BigInt(i * 12 + j * 4 + k));
  });
});
