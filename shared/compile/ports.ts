/** Ports of any drawn node: a layer's by its row, a group's and an operator's by what they hold. */
import type { DrawnNode, GroupPort, OperatorNode } from '../graph/document.ts';
import { operandPorts, outputPorts } from '../layers/operator.ts';
import { isLayerType, layerSpec } from '../layers/table.ts';

export interface DrawnPort { readonly id: string; readonly label?: string; readonly many?: boolean }
export interface Ports { readonly inputs: readonly DrawnPort[]; readonly outputs: readonly DrawnPort[] }

/** Ties of one id are one port. */
const drawnOnce = (ports: readonly GroupPort[]): DrawnPort[] => ports.filter((p, i) => ports.findIndex((q) => q.id === p.id) === i).map(({ id, label }) => ({ id, label }));

/** By node: a large import asks for those of each operator at every wire. */
const known = new WeakMap<OperatorNode, Ports>();
function operatorPorts(node: OperatorNode): Ports {
  const ports = known.get(node) ?? { inputs: operandPorts(node.operands).map((id) => ({ id })), outputs: outputPorts(node.outputs).map((id) => ({ id })) };
  known.set(node, ports);
  return ports;
}

/** Ports of a node; none of a layer that this version does not know. */
export function portsOf(node: DrawnNode): Ports {
  switch (node.kind) {
    case 'layer': return isLayerType(node.layer) ? layerSpec(node.layer) : { inputs: [], outputs: [] };
    case 'group': return { inputs: drawnOnce(node.inputs), outputs: drawnOnce(node.outputs) };
    case 'operator': return operatorPorts(node);
  }
}

/** Whether a wire may end at such a port. A layer nobody knows may have any. */
export const hasPort = (node: DrawnNode, side: 'inputs' | 'outputs', port: string): boolean => (node.kind === 'layer' && !isLayerType(node.layer)) || portsOf(node)[side].some((p) => p.id === port);
