/** What a loss compares: the network's raw scores, and targets as labels or as values. */
import { problem } from '../../../../shared/diagnostics/diagnostic.ts';
import type { GraphBuilder, Value } from '../../../../shared/onnx/builder.ts';
import type { Node } from '../../../../shared/onnx/ir.ts';

/** The activation that a network ends in, as far as losses care; "none" means that its outputs are scores (logits). */
export type FinalActivation = 'softmax' | 'sigmoid' | 'none';

export interface Scores {
  /** Before the final activation, so that logarithms are taken stably: [N, C, …]. */
  readonly logits: Value;
  /** As the network answers. */
  readonly outputs: Value;
  readonly activation: FinalActivation;
}

export interface LossPart {
  /** float32 [N] */
  readonly perSample: Value;
  /** float32 [N]: the mean is Σ perSample / Σ weight; null where every sample weighs 1. */
  readonly weight: Value | null;
  /** Values whose gradient cancels: differentiation may take them for constants. */
  readonly detached?: readonly Value[];
}
/** Class axis of every output: [N, C] or [N, C, H, W]. */
export const CLASS_AXIS = 1;

/** Looks through Identities for a Softmax over the class axis or a Sigmoid at the end of the net. */
export function scoresOf(b: GraphBuilder, nodes: readonly Node[], outputs: Value): Scores {
  let name = outputs.name;
  for (;;) {
    const node = nodes.find((n) => n.outputs[0] === name);
    if (!node) break;
    const before = node.inputs[0] as string;
    const rank = outputs.type.shape.length;
    const axis = node.attributes.axis?.kind === 'int' ? node.attributes.axis.value : -1;
    if (node.op === 'Softmax' && (axis + rank) % rank === CLASS_AXIS) return { logits: b.value(before), outputs, activation: 'softmax' };
    if (node.op === 'Sigmoid') return { logits: b.value(before), outputs, activation: 'sigmoid' };
    if (node.op !== 'Identity') break;
    name = before;
  }
  return { logits: outputs, outputs, activation: 'none' };
}

/** Axes of a value from `from` on. */
export const axesFrom = (value: Value, from: number): number[] => value.type.shape.flatMap((_, i) => (i < from ? [] : [i]));

/** The labels that fit outputs [N, C, …]: one for each sample, or for each place of a picture. */
export const labelShape = (outputs: readonly number[]): number[] => outputs.filter((_, i) => i !== CLASS_AXIS);

/**
 * Targets in the outputs' shape, float32: values as they are; of labels (int32 [N, …]) 1 in the class's place, and the label
 * itself where there is one output only. Throws training.targets when they do not fit.
 */
export function targetValues(b: GraphBuilder, outputs: Value, targets: Value): Value {
  const { shape } = outputs.type;
  const wanted = targets.type.element === 'float32' ? shape : labelShape(shape);
  if (wanted.join() !== targets.type.shape.join()) throw problem('training.targets', { label: 'Loss' }, { expected: wanted.join(' × '), got: targets.type.shape.join(' × ') });
  if (targets.type.element === 'float32') return targets;
  const column = b.reshape(b.cast(targets, 'float32'), shape.map((d, i) => (i === CLASS_AXIS ? 1 : d)));
  const classes = shape[CLASS_AXIS] as number;
  if (classes === 1) return column;
  return b.cast(b.op('Equal', [column, classVector(b, Float32Array.from({ length: classes }, (_, i) => i), shape.length)]), 'float32');
}

/** One number a class, broadcast along the class axis: [1, C, 1, …]. */
export function classVector(b: GraphBuilder, data: Float32Array, rank: number): Value {
  return b.constant({ element: 'float32', shape: Array.from({ length: rank }, (_, i) => (i === CLASS_AXIS ? data.length : 1)), data }, 'classes');
}
