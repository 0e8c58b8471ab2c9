/** What a node does, in a letter or two: blocks of nets are told apart by words of these. */
import type { DrawnNode, OperatorNode } from '../../../../shared/graph/document.ts';
import { isLayerType, layerSpec, type LayerType } from '../../../../shared/layers/table.ts';
import type { Family } from '../../../../shared/layers/spec.ts';

/** By family, where a layer has no letter of its own. */
const families: Readonly<Record<Family, string>> = { convolution: 'c', pooling: 'q', dense: 't', activation: 'a', normalise: 'n', merge: '?', io: '?' };

const layers: Readonly<Partial<Record<LayerType, string>>> = {
  'depthwise-conv': 'd', dense: 'f', 'global-average-pool': 'g', 'global-max-pool': 'g', softmax: 's', dropout: '.', 'spatial-dropout': '.', 'stochastic-depth': '.', 'layer-scale': 'l',
  add: '+', multiply: 'x', concat: 'o', matmul: 'M', 'channel-slice': 'z', 'channel-shuffle': 'w', upsample: 'u', 'conv-transpose': 'u',
};

/** Operators: as they are, and with a weight inside. */
const operators: Readonly<Record<string, readonly [plain: string, weighted: string]>> = {
  MatMul: ['M', 'f'], Gemm: ['M', 'f'], Add: ['+', 'b'], Mul: ['x', 'l'], Softmax: ['s', 's'], Transpose: ['t', 't'], Reshape: ['t', 't'], LayerNormalization: ['n', 'n'], BatchNormalization: ['n', 'n'],
  Conv: ['c', 'c'], Concat: ['o', 'o'], Sigmoid: ['a', 'a'], Erf: ['a', 'a'], Relu: ['a', 'a'], Clip: ['a', 'a'], GlobalAveragePool: ['g', 'g'], Split: ['z', 'z'], Slice: ['z', 'z'], Squeeze: ['t', 't'], Unsqueeze: ['t', 't'],
};

const weighted = (node: OperatorNode): 0 | 1 => (node.operands.some((o) => o !== null && 'weight' in o) ? 1 : 0);
/** A window of one place mixes channels only. */
const pointwise = (kernel: unknown): boolean => (Array.isArray(kernel) ? kernel.every((k) => k === 1) : kernel === 1);

/** The letters of a node that is no group: p for a convolution of one place, c for a wider one, with a behind it for its activation; "?" for what no block asks about. */
export function letterOf(node: Exclude<DrawnNode, { readonly kind: 'group' }>): string {
  if (node.kind === 'operator') return operators[node.op]?.[weighted(node)] ?? '?';
  if (!isLayerType(node.layer)) return '?';
  const letter = layers[node.layer] ?? families[layerSpec(node.layer).family];
  const bent = node.params.activation !== undefined && node.params.activation !== 'none' ? 'a' : '';
  return `${letter === 'c' && pointwise(node.params.kernel) ? 'p' : letter}${bent}`;
}
