/** Attributes that became inputs, and defaults that changed. */
import { int } from '../../../../../shared/onnx/ir.ts';
import { dropped, intsToInput, same, without, type Rewriting, type VersionRow } from './row.ts';

/** Smallest and largest float32: what old exporters write for "no bound". */
const NO_BOUND = 3.4e38;

const clip = (c: Rewriting): void => {
  const element = c.type(0).element;
  const bound = (name: string): string => {
    const v = c.float(name, Infinity);
    return Math.abs(v) >= NO_BOUND ? '' : c.scalar(v, element);
  };
  const bounds = [bound('min'), bound('max')];
  while (bounds.at(-1) === '') bounds.pop();
  same(c, { inputs: [c.node.inputs[0] as string, ...bounds], attributes: {} });
};

/** In inference dropout answers its input; what its mask was then, runtimes do not agree on. */
const dropout = (c: Rewriting): void => {
  if (c.reads(1)) c.refuse('a Dropout whose mask nobody reads', `one of opset ${c.node.opset} with readers`);
  const ratio = c.float('ratio', 0.5);
  same(c, { inputs: [c.node.inputs[0] as string, c.scalar(ratio, 'float32')], attributes: without(c.node.attributes, 'ratio', 'is_test'), outputs: c.node.outputs.slice(0, 1) });
};

const pad = (c: Rewriting): void => {
  const pads = c.ints('pads') ?? c.ints('paddings') ?? c.refuse('the widths of a padding', 'none');
  const value = c.float('value', 0);
  const inputs = [c.node.inputs[0] as string, c.int64(pads), ...(value === 0 ? [] : [c.scalar(value, c.type(0).element)])];
  same(c, { inputs, attributes: without(c.node.attributes, 'pads', 'paddings', 'value') });
};

const slice = (c: Rewriting): void => {
  const [starts, ends, axes] = [c.ints('starts'), c.ints('ends'), c.ints('axes')];
  if (!starts || !ends) return c.refuse('starts and ends of a Slice', 'none');
  same(c, { inputs: [c.node.inputs[0] as string, c.int64(starts), c.int64(ends), c.int64(axes ?? starts.map((_, i) => i))], attributes: {} });
};

/** Parts of one size had no number of outputs before opset 18. */
const split = (c: Rewriting): void => {
  const count = c.node.outputs.length;
  const axis = c.int('axis', 0);
  const size = c.type(0).shape.at(axis) ?? c.refuse('an axis of the input', String(axis));
  if (c.has(1)) return void same(c, {});
  if (size % count !== 0) c.refuse(`a size that ${count} outputs divide`, String(size));
  same(c, { inputs: [c.node.inputs[0] as string, c.int64(Array.from({ length: count }, () => size / count))] });
};

const topK = (c: Rewriting): void => {
  same(c, { inputs: [c.node.inputs[0] as string, c.int64([c.int('k', -1)])], attributes: without(c.node.attributes, 'k') });
};

const tile1 = (c: Rewriting): void => {
  const [times, axis] = [c.numbers(1)?.[0], c.numbers(2)?.[0]];
  if (times === undefined || axis === undefined) return c.refuse('constant tiles and axis', 'computed ones');
  same(c, { inputs: [c.node.inputs[0] as string, c.int64(c.type(0).shape.map((_, i) => (i === axis ? times : 1)))] });
};

/** TensorProto.DataType by its name, as Cast had it at first. */
const dataTypes = ['UNDEFINED', 'FLOAT', 'UINT8', 'INT8', 'UINT16', 'INT16', 'INT32', 'INT64', 'STRING', 'BOOL', 'FLOAT16', 'DOUBLE', 'UINT32', 'UINT64'];
const cast = (c: Rewriting): void => {
  const to = c.node.attributes.to;
  same(c, to?.kind === 'string' ? { attributes: { to: int(dataTypes.indexOf(to.value.toUpperCase())) } } : {});
};

const padsOfPool = (c: Rewriting): void => {
  const p = c.node.attributes.p;
  same(c, p?.kind === 'float' ? { attributes: { ...c.node.attributes, p: int(Math.round(p.value)) } } : {});
};

const reductions = ['ReduceMean', 'ReduceMax', 'ReduceMin', 'ReduceProd', 'ReduceL1', 'ReduceL2', 'ReduceSumSquare', 'ReduceLogSumExp', 'ReduceLogSum'];
const consumers = ['Abs', 'Add', 'Ceil', 'Div', 'Elu', 'Exp', 'Floor', 'HardSigmoid', 'InstanceNormalization', 'LeakyRelu', 'Log', 'Max', 'Mean', 'Min', 'Mul', 'Neg', 'PRelu', 'Reciprocal', 'Relu', 'Selu', 'Sigmoid', 'Sqrt', 'Sub', 'Sum', 'Tanh'];

export const movedRows: readonly VersionRow[] = [
  ...consumers.map((op) => dropped(op, 6, 'consumed_inputs')),
  { op: 'Cast', until: 6, rewrite: cast },
  { op: 'Clip', until: 11, rewrite: clip },
  { op: 'Concat', until: 4, rewrite: (c) => { same(c, { attributes: { axis: int(c.int('axis', 1)) } }); } },
  { op: 'Dropout', until: 12, rewrite: dropout },
  { op: 'GlobalLpPool', until: 2, rewrite: padsOfPool },
  { op: 'LpPool', until: 2, rewrite: padsOfPool },
  { op: 'LpNormalization', until: 2, rewrite: padsOfPool },
  ...['RNN', 'GRU', 'LSTM'].map((op) => dropped(op, 7, 'output_sequence')),
  { op: 'Pad', until: 11, rewrite: pad },
  intsToInput('Reshape', 5, 'shape', 1),
  ...reductions.map((op) => intsToInput(op, 18, 'axes', 1)),
  intsToInput('ReduceSum', 13, 'axes', 1),
  { op: 'RoiAlign', until: 16, rewrite: (c) => { same(c, { attributes: { ...c.node.attributes, coordinate_transformation_mode: { kind: 'string', value: 'output_half_pixel' } } }); } },
  { op: 'Scatter', until: 11, rewrite: (c) => { c.op('ScatterElements', c.node.inputs, c.node.attributes, c.node.outputs); } },
  { op: 'Slice', until: 10, rewrite: slice },
  { op: 'DynamicSlice', until: 10, rewrite: (c) => { c.op('Slice', c.node.inputs, {}, c.node.outputs); } },
  intsToInput('Split', 13, 'split', 1),
  { op: 'Split', until: 18, rewrite: split },
  intsToInput('Squeeze', 13, 'axes', 1),
  intsToInput('Unsqueeze', 13, 'axes', 1),
  { op: 'Tile', until: 6, rewrite: tile1 },
  { op: 'TopK', until: 10, rewrite: topK },
];

