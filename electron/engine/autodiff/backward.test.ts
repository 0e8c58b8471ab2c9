/** The driver: what it lets through, what it stops, whom it names, and what it demands of a rule. */
import { afterEach, describe, expect, it } from 'vitest';
import { render, type Diagnostic } from '../../../shared/diagnostics/diagnostic.ts';
import { GraphBuilder, type Value } from '../../../shared/onnx/builder.ts';
import { int, ints } from '../../../shared/onnx/ir.ts';
import { differentiate } from './backward.ts';
import { text } from './cases/helpers.harness.ts';
import type { Rule } from './rule.ts';
import { rules } from './rules/table.ts';

const inputsOf = <N extends string>(b: GraphBuilder, shape: readonly number[], names: readonly N[]): Record<N, Value> =>
  Object.fromEntries(names.map((name) => [name, b.input(name, { element: 'float32', shape })])) as Record<N, Value>;
const gradients = (b: GraphBuilder, y: Value, wanted: readonly string[], told: Diagnostic[] = []): string[] => {
  const loss = b.sum(y, undefined, false);
  return [...differentiate(b, [...b.build('g').nodes], loss, wanted, 'cpu', (d) => told.push(d)).keys()];
};

describe('a node without a gradient', () => {
  const chain = () => {
    const b = new GraphBuilder();
    const v = inputsOf(b, [4], ['x', 'before', 'after']);
    return { b, ...v, stuck: b.op('Mod', [b.mul(v.x, v.before), b.scalar(3)], {}, { name: 'odd one' }) };
  };

  it('is named, and what lies behind it trains', () => {
    const { b, stuck, after } = chain();
    const told: Diagnostic[] = [];
    expect(gradients(b, b.mul(stuck, after), ['before', 'after'], told)).toEqual(['after']);
    expect(told.map((d) => render(d).sentence)).toEqual(['odd one: expected an operator with a gradient rule, got Mod (node odd one). What lies before it does not train: freeze those layers, or replace it.']);
  });

  it('does not stop what has another way', () => {
    const { b, x, stuck, before } = chain();
    expect(gradients(b, b.add(stuck, b.mul(x, before)), ['before'])).toEqual(['before']);
  });

  it('is no matter where everything before it is frozen', () => {
    const { b, stuck, after } = chain();
    const told: Diagnostic[] = [];
    expect({ trained: gradients(b, b.mul(stuck, after), ['after'], told), told }).toEqual({ trained: ['after'], told: [] });
  });

  it('throws where nobody listens', () => {
    const { b, stuck } = chain();
    const loss = b.sum(stuck, undefined, false);
    expect(() => differentiate(b, [...b.build('g').nodes], loss, ['before'], 'cpu')).toThrow(/got Mod \(node odd one\)/);
  });

  it('may be a form of an operator that its rule does not follow', () => {
    const b = new GraphBuilder();
    const { x, w } = inputsOf(b, [1, 1, 4, 4], ['x', 'w']);
    const grid = b.constant({ element: 'float32', shape: [1, 4, 4, 2], data: new Float32Array(32) });
    const cubic = b.op('GridSample', [x, grid], { mode: text('bicubic') }, { name: 'sample' });
    const told: Diagnostic[] = [];
    expect(gradients(b, b.mul(cubic, w), ['x', 'w'], told)).toEqual(['w']);
    expect(told.map((d) => render(d).what)).toEqual(['expected bilinear or nearest, which the gradient of GridSample can follow, got bicubic (node sample)']);
  });

  it('may be a switch that is not known beforehand', () => {
    const b = new GraphBuilder();
    const { x } = inputsOf(b, [4], ['x']);
    const training = b.input('training', { element: 'bool', shape: [] });
    const told: Diagnostic[] = [];
    expect(gradients(b, b.op('Dropout', [x, b.scalar(0.5), training]), ['x'], told)).toEqual([]);
    expect(told.map((d) => d.code)).toEqual(['onnx.no-gradient-form']);
  });

  it('may bear the name of another domain\'s operator', () => {
    const b = new GraphBuilder();
    const { x } = inputsOf(b, [4], ['x']);
    b.append({ name: 'theirs', op: 'Relu', domain: 'com.example', inputs: ['x'], outputs: ['y'], attributes: {} }, [x.type]);
    const told: Diagnostic[] = [];
    expect({ trained: gradients(b, b.value('y'), ['x'], told), told: told.map((d) => d.place.label) }).toEqual({ trained: [], told: ['theirs'] });
  });
});

describe('outputs beyond the first', () => {
  it('carry gradients where the rule reads them, though the first does not', () => {
    const b = new GraphBuilder();
    const { x } = inputsOf(b, [6], ['x']);
    expect(gradients(b, b.ops('Split', [x], { attributes: { num_outputs: int(3) }, outputs: 3 })[2] as Value, ['x'])).toEqual(['x']);
  });

  it('are refused where the rule answers for the first alone', () => {
    const b = new GraphBuilder();
    const { x } = inputsOf(b, [2, 4], ['x']);
    const [y, mean] = b.ops('LayerNormalization', [x, b.constant({ element: 'float32', shape: [4], data: new Float32Array(4).fill(1) })], { outputs: 3, name: 'norm' }) as [Value, Value, Value];
    const told: Diagnostic[] = [];
    expect({ trained: gradients(b, b.add(y, mean), ['x'], told), told: told.map((d) => d.place.label) }).toEqual({ trained: [], told: ['norm'] });
  });

  it('carry none by design where they are truths or places', () => {
    const b = new GraphBuilder();
    const { x } = inputsOf(b, [1, 1, 4, 4], ['x']);
    const [pooled, places] = b.ops('MaxPool', [x], { attributes: { kernel_shape: ints([2, 2]), strides: ints([2, 2]) }, outputs: 2 }) as [Value, Value];
    const told: Diagnostic[] = [];
    expect({ trained: gradients(b, b.mul(pooled, b.cast(places, 'float32')), ['x'], told), told }).toEqual({ trained: ['x'], told: [] });
  });
});

describe('no gradient by design', () => {
  it.each(['Floor', 'Sign', 'Round'])('stops at %s without a word', (name) => {
    const b = new GraphBuilder();
    const { x } = inputsOf(b, [4], ['x']);
    const told: Diagnostic[] = [];
    expect({ trained: gradients(b, b.op(name, [x]), ['x'], told), told }).toEqual({ trained: [], told: [] });
  });

  it('stops at an input that is a condition', () => {
    const b = new GraphBuilder();
    const { x, y } = inputsOf(b, [4], ['x', 'y']);
    expect(gradients(b, b.op('Where', [b.op('Greater', [x, b.scalar(0)]), y, b.scalar(0)]), ['x', 'y'])).toEqual(['y']);
  });

  it('adds no node for what nobody wants', () => {
    const b = new GraphBuilder();
    const { x, w } = inputsOf(b, [4], ['x', 'w']);
    const loss = b.sum(b.op('Tanh', [b.mul(b.exp(x), w)]), undefined, false);
    const before = b.build('g').nodes.length;
    differentiate(b, [...b.build('g').nodes], loss, ['w'], 'cpu');
    expect(b.build('g').nodes.slice(before).filter((n) => n.name.startsWith('grad/Exp/'))).toEqual([]);
  });
});

describe('what is demanded of a rule', () => {
  const table = rules as Record<string, Rule>;
  const right = table.Mul as Rule;
  afterEach(() => {
    table.Mul = right;
  });
  const wrong: readonly (readonly [name: string, rule: Rule, message: RegExp])[] = [
    ['another shape', (c) => [c.b.reshape(c.dy, [2, 2]), c.dy], /gradient of input 0: expected float32\[4\], got float32\[2, 2\]/],
    ['another type', (c) => [c.b.cast(c.dy, 'int32'), c.dy], /gradient of input 0: expected float32\[4\], got int32\[4\]/],
    ['too many answers', (c) => [c.dy, c.dy, c.dy], /expected at most 2 gradients, got 3/],
    ['too few answers', (c) => [c.dy], /expected a gradient of input 1, got none/],
  ];
  it.each(wrong)('refuses %s', (_name, rule, message) => {
    const b = new GraphBuilder();
    const { x, w } = inputsOf(b, [4], ['x', 'w']);
    table.Mul = rule;
    expect(() => gradients(b, b.mul(x, w), ['x', 'w'])).toThrow(message);
  });
});
