/** Operators that are no layer here, drawn as they are: attributes, weights and constants inside. */
import type { Attribute, Node } from '../../../../shared/onnx/ir.ts';
import { storeAttribute, storeConstant } from '../../../../shared/onnx/stored.ts';
import { inferTypes } from '../../../../shared/onnx/ops/infer.ts';
import { SignatureError } from '../../../../shared/onnx/ops/signature.ts';
import { signatureOf } from '../../../../shared/onnx/ops/table.ts';
import type { NamedWeight } from '../../../../shared/compile/weights.ts';
import type { Operand, OperatorNode, StoredType } from '../../../../shared/graph/document.ts';
import type { NormalModel } from '../normal.ts';
import { scalesInput } from './input-scaling.ts';
import type { Scene } from './scene.ts';

/** What weights are called by their place among the inputs; "weight", "weight-2" of others. */
const names: Readonly<Record<string, readonly string[]>> = {
  Conv: ['', 'kernel', 'bias'], ConvTranspose: ['', 'kernel', 'bias'], Gemm: ['', 'kernel', 'bias'], MatMul: ['kernel', 'kernel'], PRelu: ['', 'slope'],
  BatchNormalization: ['', 'scale', 'bias', 'mean', 'variance'], LayerNormalization: ['', 'scale', 'bias'], InstanceNormalization: ['', 'scale', 'bias'], GroupNormalization: ['', 'scale', 'bias'],
  LSTM: ['', 'kernel', 'recurrent', 'bias', '', '', '', 'peephole'], GRU: ['', 'kernel', 'recurrent', 'bias'], RNN: ['', 'kernel', 'recurrent', 'bias'],
  Gather: ['table'], Add: ['bias', 'bias'], Mul: ['scale', 'scale'],
};
/** Operands that say how, not with what: never a weight. */
const settings: Readonly<Record<string, readonly number[]>> = { Resize: [1, 2], Upsample: [1], Clip: [1, 2], Pad: [2], QuantizeLinear: [1], DequantizeLinear: [1], Range: [0, 1, 2], RoiAlign: [1], MelWeightMatrix: [3, 4] };
/** Weights that no gradient moves. */
const statistics: Readonly<Record<string, readonly number[]>> = { BatchNormalization: [3, 4] };

export interface DrawnOperator { readonly node: OperatorNode; readonly weights: ReadonlyMap<string, NamedWeight>; readonly ports: readonly { readonly port: string; readonly value: string }[] }

const numbered = (stem: string, i: number): string => (i === 0 ? stem : `${stem}-${i + 1}`);

/** Whether the table tells the types of a node's outputs from what it is given. */
function foretold(node: Node, scene: Scene): boolean {
  if (!signatureOf(node)) return false;
  try {
    inferTypes(node, node.inputs.map((v) => scene.type(v) ?? null), (i) => scene.constant(node.inputs[i]), node.outputs.length);
    return true;
  } catch (error) {
    if (error instanceof SignatureError) return false;
    throw error;
  }
}

/** The node of the document, the weights it holds by name, and the values its ports take. */
export function drawOperator(node: Node, id: string, model: NormalModel, scene: Scene): DrawnOperator {
  const weights = new Map<string, NamedWeight>();
  const ports: { port: string; value: string }[] = [];
  const ranges = scalesInput(node, scene);
  const operands = node.inputs.map((value, i): Operand => {
    if (value === '') return null;
    const tensor = scene.constant(value);
    if (!tensor) {
      const port = numbered('in', ports.length);
      ports.push({ port, value });
      return { port };
    }
    if (!(tensor.data instanceof Float32Array) || tensor.data.length < 2 || model.constants.has(value) || settings[node.op]?.includes(i) || ranges) return { constant: storeConstant(tensor) };
    let name = names[node.op]?.[i] ?? '';
    for (let k = 0; name === '' || weights.has(name); k++) name = numbered('weight', k);
    weights.set(name, { shape: tensor.shape, data: tensor.data });
    return { weight: name, shape: tensor.shape, ...(statistics[node.op]?.includes(i) ? { role: 'statistic' } : {}) };
  });
  const types = node.outputs.map((value): StoredType => {
    const { element, shape } = scene.type(value) ?? { element: 'float32', shape: [] };
    return { element, shape: scene.isBatched(value) ? [-1, ...shape.slice(1)] : shape };
  });
  const told = foretold(node, scene) && !node.outputs.some((o) => model.varying.has(o));
  return {
    weights, ports,
    node: {
      kind: 'operator', id, name: id, position: { x: 0, y: 0 }, op: node.op, domain: node.domain, opset: model.opsets[node.domain] ?? 1,
      attributes: Object.fromEntries(Object.entries(node.attributes).map(([k, a]: [string, Attribute]) => [k, storeAttribute(a)])),
      operands, outputs: node.outputs.map((o, i) => (o === '' ? '' : numbered('out', i))), ...(told ? {} : { types }),
    },
  };
}
