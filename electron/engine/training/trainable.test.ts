/** What an import's report says of operators: those without a rule are named, also where another one keeps the question from reaching them. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { GraphBuilder } from '../../../shared/onnx/builder.ts';
import { int } from '../../../shared/onnx/ir.ts';
import { encodeModel } from '../onnx-io/model.ts';
import { importWithTrainable } from './trainable.ts';

it('two operators without a rule in a row, and a dense layer behind them that trains', async () => {
  const b = new GraphBuilder();
  const weight = (shape: readonly number[]) => b.constant({ element: 'float32', shape, data: Float32Array.from({ length: shape.reduce((n, d) => n * d, 1) }, (_, i) => Math.sin(i + 1)) }, 'w');
  const x = b.matmul(b.input('x', { element: 'float32', shape: [1, 5] }), weight([5, 7]));
  // Of the two only the last is asked for its gradient.
  const bent = b.op('Mod', [b.op('Shrink', [x]), b.scalar(2.5)], { fmod: int(1) });
  b.output('y', b.matmul(bent, weight([7, 3])));
  const folder = await mkdtemp(join(tmpdir(), 'netloom-trainable-'));
  try {
    const path = join(folder, 'odd.onnx');
    await writeFile(path, encodeModel(b.build('odd')));
    const { report } = await importWithTrainable({ path, sizes: {} });
    expect(report.operators.map((o) => [o.op, o.why !== null]).sort()).toEqual([['Mod', true], ['Shrink', true]]);
    expect(report.trainable).toBe(21);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
