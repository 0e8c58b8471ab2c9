/** Twins become one; what only looks alike stays. */
import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../builder.ts';
import { float } from '../ir.ts';
import { verify } from '../verify.ts';
import { eliminateCommon } from './eliminate-common.ts';

describe('eliminateCommon', () => {
  it('joins chains of twins and leaves other attributes, other inputs and outputs alone', () => {
    const b = new GraphBuilder();
    const x = b.input('x', { element: 'float32', shape: [4] });
    const chain = () => b.exp(b.op('LeakyRelu', [x], { alpha: float(0.1) }));
    b.output('sum', b.add(b.add(chain(), chain()), b.op('LeakyRelu', [x], { alpha: float(0.2) })));
    b.output('again', b.exp(x));
    b.output('and again', b.exp(x));
    const { graph, changed } = eliminateCommon(b.build('g'));
    expect(changed).toBe(true);
    expect(graph.nodes.filter((n) => n.op === 'LeakyRelu')).toHaveLength(2);
    expect(graph.nodes.filter((n) => n.op === 'Exp')).toHaveLength(2);
    expect(graph.outputs.map((o) => o.name)).toEqual(['sum', 'again', 'and again']);
    expect(verify(graph)).toEqual([]);
  });

  it('lets every random number be drawn', () => {
    const b = new GraphBuilder();
    const x = b.input('x', { element: 'float32', shape: [4] });
    const ratio = b.scalar(0.5);
    b.output('y', b.add(b.op('Dropout', [x, ratio]), b.op('Dropout', [x, ratio])));
    expect(eliminateCommon(b.build('g')).changed).toBe(false);
  });
});
