/** Opsets that a net's own operators ask for. */
import { layerSpec } from '../layers/table.ts';
import { OPSET } from '../onnx/ir.ts';
import type { Network } from './network.ts';

/** Opset by domain: ours of the standard one, or newer where an imported operator has no older form. Domains of our own are not told. */
export function opsetsOf(network: Network): Readonly<Record<string, number>> {
  const opsets: Record<string, number> = { '': OPSET };
  for (const layer of network.layers) {
    const own = layerSpec(layer.type).tensors?.opset?.(layer.params as never);
    if (own) opsets[own.domain] = Math.max(opsets[own.domain] ?? 1, own.version);
  }
  return opsets;
}
