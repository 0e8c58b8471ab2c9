/** Whatever training and inference are written in has a row: templates, losses, optimisers. */
import { expect, it } from 'vitest';
import { compile } from '../../../../shared/compile/compile.ts';
import type { GraphWeight } from '../../../../shared/compile/forward.ts';
import { lowerForward } from '../../../../shared/compile/lower.ts';
import { GraphBuilder } from '../../../../shared/onnx/builder.ts';
import { int, type Graph } from '../../../../shared/onnx/ir.ts';
import { templates } from '../../../../shared/templates/templates.ts';
import { buildEvaluationGraph, buildLossGraph } from '../../autodiff/loss-graph.ts';
import { lossValues, meanLoss, type LossChoice } from '../../autodiff/losses/losses.ts';
import { labelShape } from '../../autodiff/losses/targets.ts';
import type { OptimizerSpec } from '../../autodiff/optimisers/optimisers.ts';
import { buildUpdateGraph, type GradientOptions } from '../../autodiff/update-graph.ts';
import { operatorTable } from './table.ts';

/** Operators of the graphs without a row. */
const bare = (...graphs: readonly Graph[]): string[] => [...new Set(graphs.flatMap((g) => g.nodes).filter((n) => n.domain !== '' || !(n.op in operatorTable)).map((n) => n.op))];

it.each(templates.filter((t) => t.id !== 'blank'))('$id', (template) => {
  const { network } = compile(template.build({ size: template.smallest, classes: 3 }));
  const options = { loss: 'mse', input: { element: 'uint8', offset: 1, scale: 1 / 255 }, targets: 'values' } as const;
  expect(bare(buildLossGraph(lowerForward(network, { batch: 2, training: true }), options), buildEvaluationGraph(lowerForward(network, { batch: 2, training: false }), options))).toEqual([]);
});

const losses: readonly LossChoice[] = ['cross-entropy', { kind: 'cross-entropy', labelSmoothing: 0.1, classWeights: [1, 2, 3] }, 'binary-cross-entropy', 'mse', 'mae', 'huber', 'dice'];

it('every loss of classes and of places', () => {
  const graphs = losses.flatMap((loss) => [[2, 3], [2, 3, 4, 4]].flatMap((shape) => ['Identity', 'Softmax', 'Sigmoid'].map((end) => {
    const b = new GraphBuilder();
    const y = b.op(end, [b.input('x', { element: 'float32', shape })], end === 'Softmax' ? { axis: int(1) } : {});
    const values = lossValues(b, loss, b.build('net').nodes, y, b.input('labels', { element: 'int32', shape: labelShape(shape) }));
    b.output('loss', meanLoss(b, values));
    return b.build('loss');
  })));
  expect(bare(...graphs)).toEqual([]);
});

const optimizers: readonly OptimizerSpec[] = [
  { kind: 'sgd', momentum: 0, nesterov: false }, { kind: 'sgd', momentum: 0.9, nesterov: true }, { kind: 'rmsprop', rho: 0.9, momentum: 0.5, epsilon: 1e-8, centered: true }, { kind: 'adagrad', epsilon: 1e-8 },
  { kind: 'adam', beta1: 0.9, beta2: 0.999, epsilon: 1e-8 }, { kind: 'adamw', beta1: 0.9, beta2: 0.999, epsilon: 1e-8 }, { kind: 'lion', beta1: 0.9, beta2: 0.99 },
];

it('every optimiser with all that goes with it', () => {
  const weights = [{ shape: [3, 2] }, { shape: [2] }, { shape: [4], joined: 2 }, { shape: [2] }].map((w, i): GraphWeight => ({ ...w, name: `w${i}`, layer: `layer${i}`, trainable: true, decays: i % 2 === 0 }));
  const options = optimizers.flatMap((optimizer) => ([{ kind: 'none' }, { kind: 'norm', limit: 1 }, { kind: 'value', limit: 1 }] as const).flatMap((clip) => ([null, { phase: 'gather', count: 2 }, { phase: 'apply', count: 2 }] as const).map((accumulation): GradientOptions => (
    { optimizer, clip, accumulation, weightDecay: 0.1, device: 'cpu', ema: { decay: 0.9 }, layerRates: { layer0: 0.5 } }))));
  expect(bare(...options.map((o) => buildUpdateGraph(weights, o).graph))).toEqual([]);
});
