/** Each rule of the verifier, broken once. */
import { describe, expect, it } from 'vitest';
import { GraphBuilder } from './builder.ts';
import type { Graph, Node } from './ir.ts';
import { verify } from './verify.ts';

const vector = { element: 'float32', shape: [2] } as const;

/** x -> Exp -> Add(w) -> y */
function sound(): Graph {
  const b = new GraphBuilder();
  const e = b.exp(b.input('x', vector));
  b.output('y', b.add(e, b.constant({ ...vector, data: new Float32Array(2) }, 'w')));
  return b.build('g');
}

const node = (graph: Graph, i: number, change: Partial<Node>): Graph => ({ ...graph, nodes: graph.nodes.map((n, k) => (k === i ? { ...n, ...change } : n)) });
const typed = (graph: Graph, name: string, shape: readonly number[] | null): Graph => {
  const types = new Map(graph.types);
  if (shape) types.set(name, { element: 'float32', shape });
  else types.delete(name);
  return { ...graph, types };
};

const broken: readonly (readonly [what: string, break_: (g: Graph) => Graph, reasons: readonly string[]])[] = [
  ['a value made twice', (g) => node(g, 2, { outputs: ['Exp:y'] }), ['value Exp:y is made twice', 'output y is never made', 'type of y, which is no value']],
  ['two nodes of a name', (g) => node(g, 1, { name: 'Exp' }), ['two nodes named Exp']],
  ['a node without a name', (g) => node(g, 1, { name: '' }), ['a Add node has no name']],
  ['a wrong order', (g) => ({ ...g, nodes: g.nodes.toReversed() }), ['out/y: Add:y is used before it is made', 'Add: Exp:y is used before it is made']],
  ['an input nobody makes', (g) => node(g, 1, { inputs: ['Exp:y', 'ghost'] }), ['Add: ghost is never made']],
  ['an output nobody makes', (g) => ({ ...g, outputs: [{ name: 'ghost', type: vector }] }), ['output ghost is never made']],
  ['a value without a type', (g) => typed(g, 'Exp:y', null), ['value Exp:y has no type']],
  ['a type left behind', (g) => typed(g, 'ghost', [1]), ['type of ghost, which is no value']],
  ['an input declared otherwise', (g) => ({ ...g, inputs: [{ name: 'x', type: { element: 'float32', shape: [3] } }] }), ['input x: declared float32[3], typed float32[2]']],
  ['data of another size', (g) => ({ ...g, initializers: new Map([['w', { ...vector, data: new Float32Array(3) }]]) }), ['initializer w: 3 numbers for float32[2]']],
  ['data of another kind', (g) => ({ ...g, initializers: new Map([['w', { ...vector, data: new Int32Array(2) }]]) }), ['initializer w: a Int32Array for float32[2]']],
  ['a type that is not what the operator answers', (g) => typed(g, 'Exp:y', [1]), ['Exp: Exp:y declared float32[1], inferred float32[2]']],
  ['an operator nobody knows', (g) => node(g, 0, { op: 'Frobnicate' }), ['Frobnicate Exp: expected an operator of the table, got one that nobody has written a signature for']],
];

describe('verify', () => {
  it('has nothing against a sound graph', () => {
    expect(verify(sound())).toEqual([]);
  });

  it.each(broken)('says what is wrong: %s', (_what, break_, reasons) => {
    const found = verify(break_(sound()));
    for (const reason of reasons) expect(found.some((f) => f.startsWith(reason)), `${reason} among ${found.join('; ')}`).toBe(true);
  });

  it('breaks no rule twice for one fault', () => {
    expect(verify(typed(sound(), 'Exp:y', [1]))).toHaveLength(1);
    expect(verify(node(sound(), 0, { op: 'Frobnicate' }))).toHaveLength(1);
  });
});
