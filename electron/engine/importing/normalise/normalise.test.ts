/** Files of every kind brought to the normal form: functions, branches, loops, order, sizes, the batch, widths, what is folded and what not. */
import { describe, expect, it } from 'vitest';
import { float, int, ints, string, type Tensor } from '../../../../shared/onnx/ir.ts';
import { verify } from '../../../../shared/onnx/verify.ts';
import { required } from '../../../../shared/util/assert.ts';
import { halfBits } from '../../../../shared/util/half.ts';
import { encodeModel } from '../../onnx-io/model.ts';
import type { SourceFunction, SourceModel, SourceNode } from '../../onnx-io/source.ts';
import type { NormalModel, NormaliseOptions } from '../normal.ts';
import { answer } from './corpus.harness.ts';
import { normalise, openSizes } from './normalise.ts';
import { f32, graph, i64, node, original, source, tensor, value } from './source.harness.ts';

const ops = (n: NormalModel): string[] => n.graph.nodes.map((k) => k.op);
async function run(n: NormalModel, ...feeds: readonly Tensor[]): Promise<Record<string, { shape: readonly number[]; data: readonly number[] }>> {
  const free = n.graph.inputs.map((v) => v.name).filter((x) => n.batched.has(x));
  const out = await answer(encodeModel(n.graph, { opsets: n.opsets, untyped: true, dynamicBatch: free }), n.graph.inputs.map((v) => v.name), feeds);
  return Object.fromEntries([...out].map(([name, t]) => [name, { shape: t.shape, data: Array.from(t.data as ArrayLike<number>, Number) }]));
}
/** Normalises, and checks what holds for every normal form. */
async function normal(model: SourceModel, options: NormaliseOptions = {}): Promise<NormalModel> {
  const n = await normalise(model, options);
  expect(verify(n.graph).filter((reason) => !/nobody has written|to be a constant/.test(reason))).toEqual([]);
  return n;
}
const refusal = (model: SourceModel): Promise<string> => normalise(model).then(() => 'no refusal', (e: unknown) => (e as Error).message);
const square: SourceFunction = {
  domain: 'my', name: 'Square', overload: '', inputs: ['a', 'b'], outputs: ['out'], attributes: [], defaults: { alpha: float(3) }, opsets: { '': 6 },
  // Opset 6 inside: the bounds of Clip are attributes there.
  nodes: [node('Mul', ['a', 'a'], ['t']), node('Clip', ['t'], ['c'], { max: { kind: 'reference', value: 'alpha' } }), node('Add', ['c', 'b'], ['out'])],
};
const twice: SourceFunction = { domain: 'my', name: 'Twice', overload: '', inputs: ['a'], outputs: ['out'], attributes: ['alpha'], defaults: {}, opsets: { '': 18 }, nodes: [node('Square', ['a', 'a'], ['t'], { alpha: { kind: 'reference', value: 'alpha' } }, { domain: 'my' }), node('Square', ['t', 't'], ['out'], {}, { domain: 'my' })] };

describe('functions', () => {
  it('are written out, nested, with attributes of the call and defaults, in the opset of their own', async () => {
    const n = await normal(source({ nodes: [node('Twice', ['x'], ['t'], { alpha: float(5) }, { domain: 'my' }), node('Identity', ['t'], ['y'])], inputs: [value('x', ['n', 2])] }, 18, [square, twice]));
    expect(n.graph.nodes.every((k) => k.domain === '')).toBe(true);
    // x = 2: min(4, 5) + 2 = 6, then min(36, 3) + 6 = 9; x = 3: min(9, 5) + 3 = 8, then 3 + 8 = 11.
    expect((await run(n, f32([1, 2], [2, 3]))).y?.data).toEqual([9, 11]);
  });
  it('that call themselves are refused', async () => {
    const self: SourceFunction = { ...square, nodes: [node('Square', ['a', 'b'], ['out'], {}, { domain: 'my' })] };
    expect(await refusal(source({ nodes: [node('Square', ['x', 'x'], ['y'], {}, { domain: 'my' })], inputs: [value('x', [2])] }, 18, [self]))).toBe('net.onnx: expected functions that do not call themselves, got Square, which does. Export the net without functions.');
  });
});

describe('order', () => {
  it('is found, and what no output needs is left out', async () => {
    const n = await normal(source({ nodes: [node('Relu', ['a'], ['y']), node('Exp', ['x'], ['dead']), node('Neg', ['x'], ['a'])], inputs: [value('x', ['n', 2])] }));
    expect(ops(n)).toEqual(['Neg', 'Relu']);
  });
  it.each([
    ['a loop', [node('Add', ['x', 'b'], ['a']), node('Relu', ['a'], ['b']), node('Neg', ['b'], ['y'])], 'a graph without loops, got the loop'],
    ['a value nobody makes', [node('Relu', ['ghost'], ['y'])], 'a value ghost for Relu (node make y), got none'],
    ['a value made twice', [node('Relu', ['x'], ['y']), node('Neg', ['x'], ['y'])], 'each value made once, got y made twice'],
  ])('refuses %s', async (_what, nodes, reason) => { expect(await refusal(source({ nodes, inputs: [value('x', [2])] }))).toContain(reason); });
});

describe('branches and loops', () => {
  const branch = (op: string) => graph({ nodes: [node(op, ['x'], ['inner'])], outputs: ['inner'] });
  const choice = { then_branch: { kind: 'graph', value: branch('Relu') }, else_branch: { kind: 'graph', value: branch('Neg') } } as const;
  it('take the branch that the sizes choose', async () => {
    const n = await normal(source({ nodes: [node('Shape', ['x'], ['s']), node('Gather', ['s', 'one'], ['w']), node('Equal', ['w', 'four'], ['is']), node('If', ['is'], ['y'], choice)], inputs: [value('x', ['n', 4])], initializers: { one: tensor('int64', [], [1]), four: tensor('int64', [], [4]) } }));
    expect(ops(n)).toEqual(['Relu']);
  });
  it('that depend on the data are refused', async () => {
    expect(await refusal(source({ nodes: [node('If', ['c'], ['y'], choice)], inputs: [value('x', [4]), value('c', [], 'bool')] }))).toContain('If (node make y), whose condition depends on the data');
  });
  const body = graph({ inputs: [value('i', [], 'int64'), value('go', [], 'bool'), value('s', null)], outputs: ['go', 't', 'row'], nodes: [node('Add', ['s', 'x'], ['t']), node('Cast', ['i'], ['f'], { to: int(1) }), node('Mul', ['t', 'f'], ['row'])] });
  it('of known length are written out, with what each turn answers', async () => {
    const n = await normal(source({ nodes: [node('Loop', ['three', '', 'x'], ['y', 'rows'], { body: { kind: 'graph', value: body } })], inputs: [value('x', [2])], outputs: ['y', 'rows'], initializers: { three: tensor('int64', [], [3]) } }));
    expect(await run(n, f32([2], [1, 10]))).toEqual({ y: { shape: [2], data: [4, 40] }, rows: { shape: [3, 2], data: [0, 0, 3, 30, 8, 80] } });
  });
  it('that never end are cut', async () => {
    expect(await refusal(source({ nodes: [node('Loop', ['many', '', 'x'], ['y'], { body: { kind: 'graph', value: body } })], inputs: [value('x', [2])], initializers: { many: tensor('int64', [], [1e9]) } }))).toContain('a loop of at most 1024 turns');
  });
  it('over the rows of a tensor are written out', async () => {
    const sum = graph({ inputs: [value('s', null), value('r', null)], outputs: ['t', 't2'], nodes: [node('Add', ['s', 'r'], ['t']), node('Identity', ['t'], ['t2'])] });
    const n = await normal(source({ nodes: [node('Scan', ['zero', 'x'], ['y', 'sums'], { body: { kind: 'graph', value: sum }, num_scan_inputs: int(1), scan_output_directions: ints([1]) })], inputs: [value('x', [3, 2])], outputs: ['y', 'sums'], initializers: { zero: f32([2], [0, 0]) } }));
    expect(await run(n, f32([3, 2], [1, 2, 3, 4, 5, 6]))).toEqual({ y: { shape: [2], data: [9, 12] }, sums: { shape: [3, 2], data: [9, 12, 4, 6, 1, 2] } });
  });
  it('of opset 8 go over each sample for itself', async () => {
    const sum = graph({ inputs: [value('s', null), value('r', null)], outputs: ['t', 't2'], nodes: [node('Add', ['s', 'r'], ['t']), node('Identity', ['t'], ['t2'])] });
    const n = await normal(source({ nodes: [node('Scan', ['', 'first', 'x'], ['y', 'sums'], { body: { kind: 'graph', value: sum }, num_scan_inputs: int(1), directions: ints([0]) })], inputs: [value('first', [2, 1]), value('x', [2, 3, 1])], outputs: ['y', 'sums'] }, 8));
    expect(await run(n, f32([2, 1], [0, 100]), f32([2, 3, 1], [1, 2, 3, 4, 5, 6]))).toEqual({ y: { shape: [2, 1], data: [6, 115] }, sums: { shape: [2, 3, 1], data: [1, 3, 6, 104, 109, 115] } });
  });
  it('sequences of known length are their tensors', async () => {
    const n = await normal(source({ nodes: [node('SplitToSequence', ['x'], ['parts'], { axis: int(1), keepdims: int(0) }), node('SequenceInsert', ['parts', 'w', 'zero'], ['more']), node('SequenceAt', ['more', 'last'], ['e']), node('ConcatFromSequence', ['more'], ['all'], { axis: int(0), new_axis: int(1) }), node('Sub', ['all', 'e'], ['y'])],
      inputs: [value('x', [2, 2]), value('w', [2])], initializers: { zero: tensor('int64', [], [0]), last: tensor('int64', [], [-1]) } }));
    expect((await run(n, f32([2, 2], [1, 2, 3, 4]), f32([2], [7, 8]))).y?.data).toEqual([5, 4, -1, -1, 0, 0]);
  });
});

describe('sizes', () => {
  const net = source({ nodes: [node('Conv', ['x', 'w'], ['y'])], inputs: [value('x', ['batch', null, 'height', 'height'])], initializers: { w: f32([4, 3, 3, 3]) } });
  it('that are open are asked for once a name, with what the weights tell', () => {
    expect(openSizes(net)).toEqual([{ key: 'x[1]', input: 'x', axis: 1, hint: 3 }, { key: 'height', input: 'x', axis: 2, hint: null }]);
  });
  it('that are a batch behind another axis are one', () => {
    expect(openSizes(source({ nodes: [node('Relu', ['x'], ['y'])], inputs: [value('x', ['steps', 'batch', 4])] }))).toEqual([{ key: 'steps', input: 'x', axis: 0, hint: null }, { key: 'batch', input: 'x', axis: 1, hint: 1 }]);
  });
  it('are told by the metadata', () => { expect(openSizes({ ...net, metadata: { imgsz: '[320, 320]' } }).at(-1)?.hint).toBe(320); });
  it('are taken as given', async () => {
    const n = await normal(net, { sizes: { height: 8 } });
    expect([n.graph.inputs[0]?.type.shape, n.graph.outputs[0]?.type.shape]).toEqual([[1, 3, 8, 8], [1, 4, 6, 6]]);
  });
  it('that nobody gave are refused', async () => { expect(await refusal(net)).toBe('net.onnx: expected a size for height, got none. Give it (--size on the command line).'); });
});

describe('the batch', () => {
  const flatten = [node('Shape', ['x'], ['s']), node('Gather', ['s', 'zero'], ['n']), node('Unsqueeze', ['n', 'axes'], ['n1']), node('Concat', ['n1', 'rest'], ['target'], { axis: int(0) }), node('Reshape', ['x', 'target'], ['y'])];
  const consts = { zero: tensor('int64', [], [0]), axes: i64(0), rest: i64(-1) };
  it('falls out of chains that compute a Reshape', async () => {
    const n = await normal(source({ nodes: flatten, inputs: [value('x', ['n', 2, 3])], initializers: consts }));
    expect(ops(n)).toEqual(['Reshape']);
    expect([...n.batched].sort()).toEqual(['x', 'y']);
    expect((await run(n, f32([5, 2, 3]))).y?.shape).toEqual([5, 6]);
  });
  it('of one that a Reshape holds is freed', async () => {
    const n = await normal(source({ nodes: [node('Relu', ['x'], ['r']), node('Reshape', ['r', 'to'], ['y'])], inputs: [value('x', [1, 2, 3])], initializers: { to: i64(1, 6) } }));
    expect((await run(n, f32([4, 2, 3]))).y?.shape).toEqual([4, 6]);
  });
  it.each([
    ['mixes samples', [node('ReduceMean', ['x', 'axes'], ['m']), node('Sub', ['x', 'm'], ['y'])]], ['goes along the batch', [node('Softmax', ['x'], ['y'], { axis: int(0) })]], ['turns it away', [node('Transpose', ['x'], ['y'])]],
    ['computes with it', [node('Shape', ['x'], ['s']), node('Cast', ['s'], ['f'], { to: int(1) }), node('Mul', ['x', 'f'], ['y'])]],
  ])('is held where the net %s', async (_what, nodes) => {
    const n = await normal(source({ nodes, inputs: [value('x', [1, 2])], initializers: { axes: i64(0) } }));
    expect(n.batched.size).toBe(0);
  });
  it('of another number is freed where it can be, and stands where it cannot', async () => {
    const free = await normal(source({ nodes: [node('Relu', ['x'], ['y'])], inputs: [value('x', [4, 3])] }));
    const held = await normal(source({ nodes: [node('Reshape', ['x', 'to'], ['y'])], inputs: [value('x', [4, 3])], initializers: { to: i64(2, 6) } }));
    expect([free.batched.size, free.graph.inputs[0]?.type.shape, held.batched.size, held.graph.inputs[0]?.type.shape]).toEqual([2, [1, 3], 0, [4, 3]]);
  });
  it('grows a token that stands before each sequence', async () => {
    const n = await normal(source({ nodes: [node('Shape', ['x'], ['s'], { end: int(1) }), node('Concat', ['s', 'rest'], ['to'], { axis: int(0) }), node('Expand', ['cls', 'to'], ['c']), node('Concat', ['c', 'x'], ['y'], { axis: int(1) })], inputs: [value('x', ['n', 2, 2])], initializers: { cls: f32([1, 1, 2], [7, 8]), rest: i64(1, 2) } }));
    expect((await run(n, f32([2, 2, 2], [1, 2, 3, 4, 5, 6, 7, 8]))).y).toEqual({ shape: [2, 3, 2], data: [7, 8, 1, 2, 3, 4, 7, 8, 5, 6, 7, 8] });
  });
});

describe('constants', () => {
  it('of weights made at run time are weights; a huge one made of little stays a node', async () => {
    const n = await normal(source({ nodes: [node('ConstantOfShape', ['ws'], ['w']), node('Conv', ['x', 'w'], ['c']), node('Expand', ['one', 'big'], ['e']), node('Gather', ['e', 'at'], ['g']), node('Add', ['c', 'g'], ['y'])], inputs: [value('x', ['n', 3, 4, 4])], initializers: { ws: i64(2, 3, 1, 1), one: f32([1], [1]), big: i64(5_000_000), at: tensor('int64', [], [4]) } }));
    expect([ops(n), n.constants.has('w'), n.graph.initializers.get('w')?.shape]).toEqual([['Conv', 'Expand', 'Gather', 'Add'], false, [2, 3, 1, 1]]);
  });
  it('that follow from weights are computed once', async () => {
    const n = await normal(source({ nodes: [node('Transpose', ['w'], ['t']), node('Exp', ['t'], ['e']), node('MatMul', ['x', 'e'], ['y'])], inputs: [value('x', ['n', 2])], initializers: { w: f32([3, 2], [0, 0, 0, 0, 0, 1]) } }));
    expect([ops(n), n.constants.size]).toEqual([['MatMul'], 0]);
    expect(n.graph.initializers.get(n.graph.nodes[0]?.inputs[1] ?? '')?.data[5]).toBeCloseTo(Math.E, 5);
  });
  it('in Constant nodes are settings, but matrices are weights', async () => {
    const held = (t: Tensor) => ({ value: { kind: 'tensor', value: t } }) as const;
    const n = await normal(source({ nodes: [node('Constant', [], ['k'], held(f32([], [2]))), node('Constant', [], ['w'], held(f32([2, 2]))), node('Mul', ['x', 'k'], ['m']), node('MatMul', ['m', 'w'], ['y'])], inputs: [value('x', ['n', 2])] }));
    expect([...n.constants]).toEqual(['k']);
  });
  it('are never random', async () => {
    expect(ops(await normal(source({ nodes: [node('RandomNormal', [], ['r'], { shape: ints([2]) }), node('Add', ['x', 'r'], ['y'])], inputs: [value('x', ['n', 2])] })))).toContain('RandomNormal');
  });
});

describe('the rest', () => {
  it('takes a net of halves to float32, inputs, casts and all', async () => {
    const half = (shape: readonly number[], values: readonly number[]): Tensor => ({ element: 'float16', shape, data: Uint16Array.from(values, halfBits) });
    const n = await normal(source({ nodes: [node('MatMul', ['x', 'w'], ['m']), node('Cast', ['m'], ['f'], { to: int(1) }), node('Cast', ['f'], ['y'], { to: int(10) })], inputs: [value('x', ['n', 2], 'float16')], initializers: { w: half([2, 1], [0.5, 3]) } }));
    expect([n.widened, ops(n), n.graph.inputs[0]?.type.element]).toEqual(['float16', ['MatMul'], 'float32']);
    expect((await run(n, f32([1, 2], [2, 1]))).y?.data).toEqual([4]);
  });
  it('makes each output by a node, also one that is a constant, an input, or an output already', async () => {
    const n = await normal(source({ nodes: [node('Relu', ['x'], ['r']), node('Identity', ['r'], ['a']), node('Identity', ['r'], ['b']), node('Identity', ['x'], ['c'])], inputs: [value('x', ['n', 2])], outputs: ['a', 'b', 'c', 'w'], initializers: { w: f32([1], [5]) } }));
    expect(new Set(n.graph.nodes.flatMap((k) => k.outputs))).toEqual(new Set(['a', 'b', 'c', 'w']));
    expect((await run(n, f32([1, 2], [-1, 2])))).toMatchObject({ a: { data: [0, 2] }, b: { data: [0, 2] }, c: { data: [-1, 2] }, w: { data: [5] } });
  });
  it('tells by a trial what depends on the data', async () => {
    const n = await normal(source({ nodes: [node('NonZero', ['x'], ['i']), node('Transpose', ['i'], ['y'])], inputs: [value('x', ['n', 4])] }));
    expect([[...n.varying].sort(), n.batched.size]).toEqual([['i', 'y'], 0]);
    expect((await run(n, f32([1, 4], [0, 3, 0, 4]))).y).toEqual({ shape: [2, 2], data: [0, 1, 0, 3] });
  });
  it('leaves out outputs that need not be made', async () => {
    const n = await normal(source({ nodes: [node('MaxPool', ['x'], ['y', 'places'], { kernel_shape: ints([2, 2]) }), node('Dropout', ['y'], ['z', 'mask'])], inputs: [value('x', ['n', 1, 4, 4])], outputs: ['z'] }));
    expect(n.graph.nodes.map((k) => k.outputs.length)).toEqual([1, 1]);
  });
  it('says which operator ONNX Runtime does not know', async () => {
    expect(await refusal(source({ nodes: [node('Frobnicate', ['x'], ['y'], { mode: string('hard') })], inputs: [value('x', [2])] }))).toMatch(/^net\.onnx: expected operators that fit their inputs.*Frobnicate \(node make y\)/);
  });
  it('walks 2,500 nodes of shapes and sums without asking the runtime', async () => {
    const nodes = Array.from({ length: 2500 }, (_, i) => node('Add', [i === 0 ? 'x' : `v${i - 1}`, 'w'], [i === 2499 ? 'y' : `v${i}`]));
    const n = await normal(source({ nodes, inputs: [value('x', ['n', 8])], initializers: { w: f32([8]) } }));
    expect([n.nodes, n.graph.nodes.length, required(n.graph.types.get('y'), 'y').shape]).toEqual([2500, 2500, [1, 8]]);
  });
});

describe('turned samples', () => {
  /** [n, t, 3·2] to queries, keys and values [3, n, t, 2], each taken out: how PyTorch's vision transformers are written. */
  const qkv = (pick: readonly SourceNode[]) => source({
    nodes: [node('Reshape', ['x', 'split'], ['r']), node('Transpose', ['r'], ['turned'], { perm: ints([2, 0, 1, 3]) }), ...pick], inputs: [value('x', ['n', 4, 6])], outputs: ['y'],
    initializers: { split: i64(0, 4, 3, 2), one: tensor('int64', [], [1]), two: tensor('int64', [], [2]), zero: i64(0), thirds: i64(1, 1, 1) },
  });
  const x = f32([3, 4, 6]);
  it.each([
    ['taken out by number', [node('Gather', ['turned', 'one'], ['k']), node('Gather', ['turned', 'two'], ['v']), node('Sub', ['k', 'v'], ['y'])]],
    ['split and squeezed', [node('Split', ['turned', 'thirds'], ['q', 'k0', 'v0']), node('Squeeze', ['k0', 'zero'], ['k']), node('Squeeze', ['v0', 'zero'], ['v']), node('Sub', ['k', 'v'], ['y'])]],
    ['turned again and scaled', [node('Identity', ['turned'], ['t2']), node('Mul', ['t2', 'minus'], ['m']), node('Transpose', ['m'], ['back'], { perm: ints([1, 2, 3, 0]) }), node('Gather', ['back', 'one'], ['k'], { axis: int(3) }), node('Gather', ['back', 'two'], ['v'], { axis: int(-1) }), node('Sub', ['v', 'k'], ['y'])]],
  ])('are %s before the turn, and the batch stays first', async (_what, pick) => {
    const file = qkv(pick);
    const n = await normal({ ...file, graph: { ...file.graph, initializers: new Map([...file.graph.initializers, ['minus', f32([], [-1])]]) } });
    expect(n.batched.has('y')).toBe(true);
    const out = required((await run(n, x)).y, 'y');
    expect(out.shape).toEqual([3, 4, 2]);
    // x is [n, t, 3, 2]: the second third minus the last one.
    for (const [i, v] of out.data.entries()) {
      const at = Math.floor(i / 2) * 6 + (i % 2);
      expect(v).toBeCloseTo((x.data[at + 2] as number) - (x.data[at + 4] as number), 6);
    }
  });
  /** Attention as PyTorch's MultiheadAttention has it: steps first, samples and heads as one axis, which products take matrix by matrix. */
  const attention = (last: readonly SourceNode[]) => source({
    nodes: [
      node('Transpose', ['x'], ['t'], { perm: ints([1, 0, 2]) }), node('MatMul', ['t', 'w'], ['p']), node('Add', ['p', 'b'], ['pb']), node('Shape', ['pb'], ['s']), node('Gather', ['s', 'one'], ['n']), node('Mul', ['n', 'heads'], ['nh']),
      node('Unsqueeze', ['nh', 'zero'], ['nh1']), node('Concat', ['steps', 'nh1', 'two'], ['to'], { axis: int(0) }), node('Reshape', ['pb', 'to'], ['r']), node('Transpose', ['r'], ['q'], { perm: ints([1, 0, 2]) }), node('Transpose', ['r'], ['k'], { perm: ints([1, 2, 0]) }),
      node('MatMul', ['q', 'k'], ['scores']), node('Softmax', ['scores'], ['a'], { axis: int(-1) }), node('MatMul', ['a', 'q'], ['o']), node('Transpose', ['o'], ['ot'], { perm: ints([1, 0, 2]) }), node('Reshape', ['ot', 'rows'], ['flat']),
      node('Gemm', ['flat', 'w', 'b'], ['g'], { transB: int(1) }), node('Reshape', ['g', 'back'], ['gb']), ...last,
    ],
    inputs: [value('x', ['n', 3, 4])],
    initializers: { w: f32([4, 4]), b: f32([4]), one: tensor('int64', [], [1]), heads: tensor('int64', [], [2]), zero: i64(0), steps: i64(3), two: i64(2), rows: i64(-1, 4), back: i64(3, -1, 4) },
  });
  it('and heads in one axis are attended to sample by sample', async () => {
    const file = attention([node('Transpose', ['gb'], ['y'], { perm: ints([1, 0, 2]) })]);
    const n = await normal(file);
    expect(n.batched.has('y')).toBe(true);
    const x = f32([3, 3, 4]);
    const theirs = required((await original(file, [x])).get('y'), 'y');
    const ours = required((await run(n, x)).y, 'y');
    expect(ours.shape).toEqual(theirs.shape);
    for (const [i, v] of ours.data.entries()) expect(v).toBeCloseTo(Number(theirs.data[i]), 5);
  });
  it('are held where an operator needs them as the file has them', async () => {
    expect((await normal(attention([node('ReduceMax', ['gb', 'zero'], ['m'], { keepdims: int(0) }), node('Relu', ['m'], ['y'])]))).batched.size).toBe(0);
    expect((await normal(attention([node('Shape', ['gb'], ['s2']), node('Cast', ['s2'], ['y'], { to: int(1) })]))).batched.size).toBe(0);
  });
  it('are held where they leave the net', async () => { expect((await normal(qkv([node('Identity', ['turned'], ['y'])]))).batched.size).toBe(0); });
});

describe('a token of a file saved at one sample', () => {
  it('is repeated for each sample', async () => {
    const n = await normal(source({ nodes: [node('Concat', ['cls', 'x'], ['y'], { axis: int(1) })], inputs: [value('x', [1, 2, 2])], initializers: { cls: f32([1, 1, 2], [7, 8]) } }));
    expect((await run(n, f32([2, 2, 2], [1, 2, 3, 4, 5, 6, 7, 8]))).y).toEqual({ shape: [2, 3, 2], data: [7, 8, 1, 2, 3, 4, 7, 8, 5, 6, 7, 8] });
  });
});
