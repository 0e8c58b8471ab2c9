/** A drawing of a graph's top level: its boxes in the colours of their families, its wires. */
import type { DrawnGraph, DrawnNode } from '../../../shared/graph/document.ts';
import { NODE } from '../../../shared/graph/layout.ts';
import { isLayerType, layerSpec } from '../../../shared/layers/table.ts';
import type { Family } from '../../../shared/layers/spec.ts';
import { familyColor } from '../../ui/theme.ts';

/** A group has the colour of what most of it is, weights before shape: norms and activations follow any layer. */
const order: readonly Family[] = ['convolution', 'dense', 'merge', 'pooling', 'normalise', 'activation', 'io'];
function familyOf(node: DrawnNode): Family {
  if (node.kind === 'layer') return isLayerType(node.layer) ? layerSpec(node.layer).family : 'io';
  if (node.kind !== 'group') return 'io';
  const inside = new Set(node.graph.nodes.map(familyOf));
  return order.find((f) => inside.has(f)) ?? 'io';
}

const PAD = 34;
/** How far a wire to the next row stands out. */
const OUT = 26;
const STACK = 22;

/** A curve to what lies ahead; to the next row around the boxes, half-way between the rows. */
function wirePath(x1: number, y1: number, x2: number, y2: number): string {
  if (x2 > x1) {
    const bend = Math.max((x2 - x1) / 2, 20);
    return `M${x1},${y1} C${x1 + bend},${y1} ${x2 - bend},${y2} ${x2},${y2}`;
  }
  const middle = (y1 + y2) / 2;
  const [out, back] = [x1 + OUT, x2 - OUT];
  return `M${x1},${y1} H${out - OUT / 2} Q${out},${y1} ${out},${y1 + OUT / 2} V${middle - OUT / 2} Q${out},${middle} ${out - OUT / 2},${middle} H${back + OUT / 2} Q${back},${middle} ${back},${middle + OUT / 2} V${y2 - OUT / 2} Q${back},${y2} ${back + OUT / 2},${y2} H${x2}`;
}

export function Thumbnail({ graph, label }: { readonly graph: DrawnGraph; readonly label: string }) {
  const xs = graph.nodes.map((n) => n.position.x);
  const ys = graph.nodes.map((n) => n.position.y);
  const [left, top] = [Math.min(...xs) - PAD, Math.min(...ys) - PAD];
  const [width, height] = [Math.max(...xs) + NODE.width + PAD + STACK - left, Math.max(...ys) + NODE.height + PAD + STACK - top];
  const at = new Map(graph.nodes.map((n) => [n.id, n.position]));
  // Wires and corners keep their looks however large the net is.
  const scale = Math.max(width / 190, height / 100);
  return (
    <svg className="thumbnail" viewBox={`${left} ${top} ${width} ${height}`} role="img" aria-label={label} preserveAspectRatio="xMidYMid meet">
      {graph.wires.map((w) => {
        const [a, b] = [at.get(w.from.node), at.get(w.to.node)];
        if (!a || !b) return null;
        const [x1, y1, x2, y2] = [a.x + NODE.width, a.y + NODE.height / 2, b.x, b.y + NODE.height / 2];
        return <path key={w.id} d={wirePath(x1, y1, x2, y2)} fill="none" stroke="var(--wire)" strokeWidth={scale * 1.1} opacity={0.75} />;
      })}
      {graph.nodes.map((n) => {
        const color = familyColor[familyOf(n)];
        const box = { width: NODE.width, height: NODE.height, rx: 26 };
        return (
          <g key={n.id}>
            {n.kind === 'group' && <rect {...box} x={n.position.x + STACK} y={n.position.y + STACK} fill={color} opacity={0.35} />}
            <rect {...box} x={n.position.x} y={n.position.y} fill={color} stroke="var(--panel)" strokeWidth={scale * 0.8} />
          </g>
        );
      })}
    </svg>
  );
}
