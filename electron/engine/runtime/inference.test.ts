/** Every operator row against ONNX Runtime: what it computes must have the type the row foretold. */
import { describe, expect, it } from 'vitest';
import { GraphBuilder, type Value } from '../../../shared/onnx/builder.ts';
import { int, ints, MICROSOFT_DOMAIN, OPSET, type Attribute, type ElementType } from '../../../shared/onnx/ir.ts';
import { operators, signatureOf } from '../../../shared/onnx/ops/table.ts';
import { encodeModel } from '../onnx-io/model.ts';
import { c, f, i, operatorCases, type Arg, type Case } from './operator-cases.harness.ts';
import { RuntimeSession, type Feeds } from './session.ts';
import { fromRuntime, toRuntime } from './tensors.ts';

const show = (a: Arg): string => (a === null ? '–' : a.fed ? `${a.tensor.element}[${a.tensor.shape.join()}]` : `(${Array.from(a.tensor.data as ArrayLike<number | bigint>, String).join()})`);
const title = ([op, args, attributes, extra]: Case): string =>
  `${op} ${args.map(show).join(' ')} ${Object.entries(attributes ?? {}).map(([k, a]) => `${k}=${a.kind === 'tensor' ? a.value.element : String(a.value)}`).join(' ')}${extra?.opset ? ` opset ${extra.opset}` : ''}`.trim();

async function foretoldAndFound([op, args, attributes = {}, extra = {}]: Case, opset: number): Promise<{ foretold: object[]; found: object[] }> {
  const g = new GraphBuilder();
  const feeds: Feeds = {};
  const inputs = args.map((a, k): Value | null => {
    if (a === null) return null;
    if (!a.fed) return g.constant(a.tensor, `c${k}`);
    feeds[`x${k}`] = toRuntime(a.tensor);
    return g.input(`x${k}`, { element: a.tensor.element, shape: a.tensor.shape });
  });
  const values = g.ops(op, inputs, { attributes, ...(extra.domain !== undefined ? { domain: extra.domain } : {}), ...(extra.outputs ? { outputs: extra.outputs } : {}) });
  values.forEach((v) => g.output(v.name, v));
  const session = await RuntimeSession.open(encodeModel(g.build('case'), { opsets: { '': opset, [MICROSOFT_DOMAIN]: 1 } }), { device: 'cpu' });
  const outputs = await session.run(feeds);
  const found = values.map(({ name }) => {
    const t = fromRuntime(outputs[name] as never);
    return { element: t.element satisfies ElementType, shape: [...t.shape] };
  });
  await session.dispose();
  return { foretold: values.map(({ type }) => ({ element: type.element, shape: [...type.shape] })), found };
}

describe('operator rows foretell what ONNX Runtime computes', () => {
  it.each(operatorCases.map((test) => [title(test), test] as const))('%s', async (_title, test) => {
    const { foretold, found } = await foretoldAndFound(test, test[3]?.opset ?? OPSET);
    expect(foretold).toEqual(found);
  });

  it('has a case for every row', () => {
    const tested = new Set(operatorCases.map(([op]) => op));
    expect(Object.keys(operators).filter((op) => !tested.has(op))).toEqual([]);
  });

  /** ONNX Runtime knows opsets from 7 on. */
  const oldest = (op: string, domain: string) => (domain === '' ? Math.max(7, signatureOf({ op, domain })?.since ?? 0) : OPSET);
  it.each(operatorCases.filter(([op, , , extra]) => !extra?.opset && oldest(op, extra?.domain ?? '') < OPSET).map((test) => [title(test), test] as const))('in the form of the row\'s own opset: %s', async (_title, test) => {
    const [op, , attributes, extra] = test;
    const opset = oldest(op, extra?.domain ?? '');
    // Attributes that newer opsets added to a form that is otherwise the same.
    if (attributes?.num_outputs) return;
    const { foretold, found } = await foretoldAndFound(test, opset);
    expect(foretold).toEqual(found);
  });
});

describe('operator rows refuse with a sentence', () => {
  const refused: readonly (readonly [op: string, args: readonly Arg[], attributes: Readonly<Record<string, Attribute>>, message: RegExp])[] = [
    ['Frobnicate', [f(1)], {}, /^Frobnicate .*expected an operator of the table, got one that nobody has written a signature for/],
    ['toString', [f(1)], {}, /expected an operator of the table/],
    ['FusedMatMul', [f(1, 1), f(1, 1)], {}, /expected an operator of the table/],
    ['Relu', [f(1), f(1)], {}, /^Relu .*expected 1 inputs, got 2/],
    ['Add', [f(2, 3), f(4)], {}, /^Add .*expected shapes that broadcast, got \[2, 3\] and \[4\]/],
    ['Add', [f(2), i(2)], {}, /expected input 1 of type float32, got int64/],
    ['Sqrt', [i(2)], {}, /expected input 0 of type float32, .*, got int64/],
    ['MatMul', [f(2, 3), f(4, 5)], {}, /expected 3 rows in the second factor, got 4/],
    ['Conv', [f(1, 3, 5, 5), f(4, 2, 3, 3)], {}, /expected 2 input channels, got 3/],
    ['Conv', [f(1, 3, 5, 5), f(4, 3, 7, 3)], {}, /expected a window of at most 5, got 7/],
    ['Conv', [f(1, 3, 5, 5), f(4, 3, 3, 3), f(3)], {}, /expected a bias of \[4\], got \[3\]/],
    ['Reshape', [f(2, 3), c(4, -1)], {}, /expected 6 elements, got \[4, -1\]/],
    ['Reshape', [f(2, 3), i(2)], {}, /expected input 1 to be a constant, got a computed value/],
    ['Concat', [f(2, 3), f(3, 3)], { axis: int(1) }, /expected a shape like \[2, 3\] but for axis 1, got \[3, 3\]/],
    ['Transpose', [f(2, 3)], { perm: ints([0, 0]) }, /expected an order of 2 axes, got \[0, 0\]/],
    ['Squeeze', [f(2, 3), c(0)], {}, /expected size 1 on axis 0, got 2/],
    ['Softmax', [f(2, 3)], { axis: int(2) }, /expected an axis between -2 and 1, got 2/],
    ['Split', [f(6), c(1, 4)], {}, /expected 1 sizes, one for each output, got 2/],
    ['DepthToSpace', [f(1, 6, 2, 2)], { blocksize: int(2) }, /expected whole sizes, got \[1, 1.5, 4, 4\]/],
    ['BatchNormalization', [f(2, 3, 4), f(4), f(3), f(3), f(3)], {}, /expected \[3\] in input 1, one number a channel, got \[4\]/],
    ['Gemm', [f(2, 3), f(3, 4), f(2, 3)], {}, /expected shapes that broadcast, got \[2, 4\] and \[2, 3\]/],
  ];
  it.each(refused)('%s', (op, args, attributes, message) => {
    const g = new GraphBuilder();
    const inputs = args.map((a, k): Value | null => (a === null ? null : a.fed ? g.input(`x${k}`, { element: a.tensor.element, shape: a.tensor.shape }) : g.constant(a.tensor)));
    expect(() => g.op(op, inputs, attributes)).toThrow(message);
  });
});
