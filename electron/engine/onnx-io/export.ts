/** A trained net as an ONNX file: the forward graph with its weights inside, any batch size. */
import { lowerForward } from '../../../shared/compile/lower.ts';
import type { Network } from '../../../shared/compile/network.ts';
import type { Graph, Tensor } from '../../../shared/onnx/ir.ts';
import { eliminateDeadNodes } from '../../../shared/onnx/passes/eliminate-dead-nodes.ts';
import { eliminateIdentity } from '../../../shared/onnx/passes/eliminate-identity.ts';
import { anyBatch } from './any-batch.ts';
import { encodeModel } from './model.ts';

export interface ExportInfo {
  readonly classes: readonly string[];
  /** What a stored value is divided by to become the net's input. */
  readonly maximum: number;
}

/** ONNX bytes. Input "input": float32 [N, …] of values from 0 to 1; output "output". Metadata: classes where they are known, input_scale. */
export function exportOnnx(network: Network, weights: ReadonlyMap<string, { readonly shape: readonly number[]; readonly data: Float32Array }>, info: ExportInfo): Uint8Array {
  const forward = lowerForward(network, { batch: 1, training: false });
  const free = anyBatch(forward.graph, lowerForward(network, { batch: 2, training: false }).graph, forward.dataInputs[0] ?? 'input');
  const initializers = new Map<string, Tensor>(free.initializers);
  for (const w of forward.weights) {
    const stored = weights.get(w.name);
    if (!stored) throw new Error(`No weights for ${w.name}`);
    initializers.set(w.name, { element: 'float32', shape: stored.shape, data: stored.data });
  }
  const graph: Graph = { ...free, initializers, inputs: free.inputs.filter((v) => forward.dataInputs.includes(v.name)) };
  const { graph: lean } = eliminateDeadNodes(eliminateIdentity(graph).graph);
  return encodeModel(lean, {
    dynamicBatch: forward.dataInputs,
    docString: `${network.name}, made with Netloom. Input: values from 0 to 1, channels first.`,
    metadata: { ...(info.classes.length > 0 ? { classes: JSON.stringify(info.classes) } : {}), input_scale: String(1 / info.maximum) },
  });
}
