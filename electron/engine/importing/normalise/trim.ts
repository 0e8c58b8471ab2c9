/** Leaves out optional outputs that nobody reads. */
import type { Graph } from '../../../../shared/onnx/ir.ts';

/** Operators whose outputs behind the first may be left out. */
const optional = new Set(['Dropout', 'MaxPool', 'BatchNormalization', 'LayerNormalization', 'LSTM', 'GRU', 'RNN', 'SkipLayerNormalization']);

/** The graph without outputs that an operator need not make. */
export function trimmed(graph: Graph): Graph {
  const read = new Set([...graph.nodes.flatMap((n) => n.inputs), ...graph.outputs.map((v) => v.name)]);
  const gone = new Set<string>();
  const nodes = graph.nodes.map((n) => {
    if (!optional.has(n.op) || n.outputs.length < 2 || n.outputs.slice(1).every((y) => read.has(y))) return n;
    const outputs = n.outputs.map((y, i) => (i > 0 && y !== '' && !read.has(y) ? (gone.add(y), '') : y));
    while (outputs.at(-1) === '') outputs.pop();
    return { ...n, outputs };
  });
  return gone.size === 0 ? graph : { ...graph, nodes, types: new Map([...graph.types].filter(([name]) => !gone.has(name))) };
}
