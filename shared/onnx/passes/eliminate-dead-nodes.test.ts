/** What is needed stays, what is not goes. */
import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../builder.ts';
import { float, int } from '../ir.ts';
import { verify } from '../verify.ts';
import { eliminateDeadNodes } from './eliminate-dead-nodes.ts';

describe('eliminateDeadNodes', () => {
  it('drops a branch nobody reads, its weights and types, and keeps inputs', () => {
    const b = new GraphBuilder();
    const x = b.input('x', { element: 'float32', shape: [2, 2] });
    b.input('unused', { element: 'float32', shape: [1] });
    const kept = b.constant({ element: 'float32', shape: [2, 2], data: new Float32Array(4) }, 'kept');
    const lost = b.constant({ element: 'float32', shape: [2, 2], data: new Float32Array([1, 2, 3, 4]) }, 'lost');
    const y = b.matmul(x, kept);
    b.exp(b.matmul(y, lost));
    b.output('y', b.op('Relu', [y]));
    const { graph, changed } = eliminateDeadNodes(b.build('g'));
    expect({ changed, ops: graph.nodes.map((n) => n.op), inputs: graph.inputs.map((v) => v.name), initializers: [...graph.initializers.keys()], reasons: verify(graph) })
      .toEqual({ changed: true, ops: ['MatMul', 'Relu', 'Identity'], inputs: ['x', 'unused'], initializers: ['kept'], reasons: [] });
  });

  it('keeps a node of which one output is read', () => {
    const b = new GraphBuilder();
    const x = b.input('x', { element: 'float32', shape: [4] });
    const [, second] = b.ops('Split', [x], { outputs: 2, attributes: { num_outputs: int(2) } });
    b.output('y', b.op('LeakyRelu', [second ?? null], { alpha: float(0.1) }));
    const graph = b.build('g');
    expect(eliminateDeadNodes(graph)).toEqual({ graph, changed: false });
  });

  it('keeps an initializer that is an output', () => {
    const b = new GraphBuilder();
    const w = b.constant({ element: 'float32', shape: [1], data: new Float32Array(1) }, 'w');
    b.output('w', w);
    expect(eliminateDeadNodes(b.build('g')).changed).toBe(false);
  });
});
