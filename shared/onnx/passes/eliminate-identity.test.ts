/** Identities go where nobody outside can tell. */
import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../builder.ts';
import type { Graph } from '../ir.ts';
import { verify } from '../verify.ts';
import { eliminateIdentity } from './eliminate-identity.ts';

const vector = { element: 'float32', shape: [2] } as const;
const wires = (graph: Graph) => graph.nodes.map((n) => `${n.op}(${n.inputs.join()})=${n.outputs.join()}`);

describe('eliminateIdentity', () => {
  it('lets readers of a chain of copies read the original', () => {
    const b = new GraphBuilder();
    const x = b.input('x', vector);
    const copy = b.op('Identity', [b.op('Identity', [x])]);
    const y = b.add(copy, b.exp(copy));
    b.output(y.name, y);
    const { graph, changed } = eliminateIdentity(b.build('g'));
    expect([changed, wires(graph), verify(graph)]).toEqual([true, ['Exp(x)=Exp:y', 'Add(x,Exp:y)=Add:y'], []]);
  });

  it('gives an output’s name to the value it copies, for every reader', () => {
    const b = new GraphBuilder();
    const e = b.exp(b.input('x', vector));
    const n = b.neg(b.op('Identity', [e]));
    b.output('first', e);
    b.output('second', n);
    const { graph } = eliminateIdentity(b.build('g'));
    expect([wires(graph), graph.outputs.map((v) => v.name), verify(graph)]).toEqual([['Exp(x)=first', 'Neg(first)=second'], ['first', 'second'], []]);
  });

  it('keeps the copy that makes an output of an input, an initializer or another output', () => {
    const b = new GraphBuilder();
    const x = b.input('x', vector);
    const e = b.exp(x);
    b.output('copy of x', x);
    b.output('copy of w', b.constant({ ...vector, data: new Float32Array(2) }, 'w'));
    b.output('one', e);
    b.output('two', e);
    const { graph } = eliminateIdentity(b.build('g'));
    expect([wires(graph), verify(graph)]).toEqual([['Exp(x)=one', 'Identity(x)=copy of x', 'Identity(w)=copy of w', 'Identity(one)=two'], []]);
  });

  it('answers the same graph where there is nothing to do', () => {
    const b = new GraphBuilder();
    const y = b.neg(b.input('x', vector));
    b.output(y.name, y);
    const graph = b.build('g');
    expect(eliminateIdentity(graph)).toEqual({ graph, changed: false });
  });
});
