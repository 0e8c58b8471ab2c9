/** Hand-made files for the tests of normalising. Not part of the product. */
import type { Attribute, Graph, Node, Tensor, TensorType } from '../../../../shared/onnx/ir.ts';
import { tensorOfNumbers } from '../../../../shared/onnx/fold/numbers.ts';
import { required } from '../../../../shared/util/assert.ts';
import type { SourceAttribute, SourceDimension, SourceFunction, SourceGraph, SourceModel, SourceNode, SourceValue } from '../../onnx-io/source.ts';
import { encodeModel } from '../../onnx-io/model.ts';
import { answer } from './corpus.harness.ts';

export const node = (op: string, inputs: readonly string[], outputs: readonly string[], attributes: Readonly<Record<string, SourceAttribute>> = {}, more: Partial<SourceNode> = {}): SourceNode =>
  ({ name: outputs[0] ? `make ${outputs[0]}` : op, op, domain: '', overload: '', inputs, outputs, attributes, ...more });

export const value = (name: string, shape: readonly SourceDimension[] | null, element: TensorType['element'] = 'float32'): SourceValue => ({ name, type: { element, shape } });
export const untyped = (name: string): SourceValue => ({ name, type: null });

export interface SourceParts {
  readonly nodes: readonly SourceNode[];
  readonly inputs?: readonly SourceValue[];
  readonly outputs?: readonly string[];
  readonly initializers?: Readonly<Record<string, Tensor>>;
}
export const graph = ({ nodes, inputs = [], outputs = ['y'], initializers = {} }: SourceParts): SourceGraph =>
  ({ name: 'g', inputs, outputs: outputs.map(untyped), initializers: new Map(Object.entries(initializers)), nodes, values: new Map(), opaque: new Map() });

export const source = (parts: SourceParts, opset = 18, functions: readonly SourceFunction[] = [], more: Partial<SourceModel> = {}): SourceModel =>
  ({ file: 'net.onnx', size: 0, irVersion: 8, opsets: { '': opset }, producer: '', producerVersion: '', docString: '', metadata: {}, graph: graph(parts), functions, ...more });

export const tensor = (element: TensorType['element'], shape: readonly number[], values: readonly number[]): Tensor => required(tensorOfNumbers(element, shape, values), element);
export const f32 = (shape: readonly number[], values?: readonly number[]): Tensor => tensor('float32', shape, values ?? Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => Math.sin(1 + 3 * i)));
export const i64 = (...values: readonly number[]): Tensor => tensor('int64', [values.length], values);

/** What ONNX Runtime answers for a file as it stands. */
export async function original(model: SourceModel, feeds: readonly Tensor[]): Promise<Map<string, Tensor>> {
  const g = model.graph;
  const plain: Graph = {
    name: 'g', inputs: g.inputs.map((v, i) => ({ name: v.name, type: { element: feeds[i]?.element ?? 'float32', shape: feeds[i]?.shape ?? [] } })), outputs: g.outputs.map((v) => ({ name: v.name, type: { element: 'float32', shape: [] } })),
    initializers: g.initializers, types: new Map(), nodes: g.nodes.map((n): Node => ({ ...n, attributes: n.attributes as Readonly<Record<string, Attribute>> })),
  };
  return answer(encodeModel(plain, { opsets: model.opsets, untyped: true }), g.inputs.map((v) => v.name), feeds);
}
