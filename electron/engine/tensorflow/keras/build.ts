/** The layers of a net that TensorFlow.js has as they are, built from their Keras configurations. */
import type { Network, NetworkLayer } from '../../../../shared/compile/network.ts';
import { required } from '../../../../shared/util/assert.ts';
import type { WholeLayers } from '../run-graph.ts';
import type { Tensor, Tf, Variable } from '../tf.ts';
import { camel, isWhole, kerasOf, makers, type Keras, type Layer } from './makers.ts';
import { turningOf, type Turning } from './turned.ts';

export { isWhole } from './makers.ts';

export interface WholeWeight extends Pick<Turning, 'fromOurs' | 'toOurs'> { readonly variable: Variable }

export interface WholeNet {
  readonly layers: WholeLayers;
  /** By full name; all zeros until they are assigned. */
  readonly variables: ReadonlyMap<string, WholeWeight>;
  dispose(): void;
}

/** A sample's shape with channels last, behind a batch of any size. */
const batchOf = (shape: readonly number[]): (number | null)[] => [null, ...shape.slice(1), ...shape.slice(0, 1)];

/** Makes and builds a layer from its configuration, without its activation and with zeros as weights. */
function built(tf: Tf, layer: NetworkLayer): Layer {
  const { class_name, config } = kerasOf(layer) as Keras;
  const { activation: _, ...plain } = camel(config);
  const made = required(makers[class_name], class_name).make(tf, plain as never);
  made.setFastWeightInitDuringBuild(true);
  const shapes = layer.inputShapes.map(batchOf);
  made.build(shapes.length === 1 ? (shapes[0] as (number | null)[]) : shapes);
  return made;
}

/** Builds every whole layer of the net. What is built holds variables of TensorFlow until it is disposed of. */
export function buildWhole(tf: Tf, network: Network): WholeNet {
  const layers = new Map<string, (inputs: readonly Tensor[]) => Tensor>();
  const variables = new Map<string, WholeWeight>();
  for (const layer of network.layers.filter(isWhole)) {
    const made = built(tf, layer);
    layers.set(layer.id, (inputs) => made.apply(inputs.length === 1 ? (inputs[0] as Tensor) : [...inputs]) as Tensor);
    for (const [i, weight] of layer.weights.entries()) {
      const { fromOurs, toOurs } = turningOf(tf, layer, weight);
      // A layer's variables stand in the order of our weights.
      variables.set(weight.fullName, { variable: required(made.weights[i], weight.fullName).read() as Variable, fromOurs, toOurs });
    }
  }
  return { layers, variables, dispose: () => variables.forEach(({ variable }) => variable.dispose()) };
}
