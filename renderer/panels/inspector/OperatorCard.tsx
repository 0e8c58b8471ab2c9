/** An operator of an imported net, read only: what it takes, what it was told, what comes out, and whether it learns. */
import { useEffect, useState } from 'react';
import type { NetworkLayer } from '../../../shared/compile/network.ts';
import type { DrawnGraph, Operand, OperatorNode, StoredConstant } from '../../../shared/graph/document.ts';
import { operandPorts } from '../../../shared/layers/operator.ts';
import { operandName } from '../../../shared/onnx/operand-names.ts';
import { formatShape } from '../../../shared/shapes/shape.ts';
import { formatValue } from '../../../shared/layers/value-type.ts';
import { loadConstant, type StoredAttribute } from '../../../shared/onnx/stored.ts';
import type { Answer } from '../../../shared/protocol/requests.ts';
import { bridge } from '../../state/engine.ts';
import { whole } from '../../ui/format.ts';

/** Numbers shown of a constant or a list; the rest is said by its size. */
const SHOWN = 8;

const brief = (v: number | bigint): string => (typeof v === 'bigint' ? String(v) : String(Number(v.toPrecision(6))));
const listed = (values: readonly string[]): string => (values.length > SHOWN ? `${values.slice(0, SHOWN).join(', ')} … (${whole(values.length)})` : values.join(', '));

function constantText(c: StoredConstant): string {
  const tensor = loadConstant(c);
  if (!tensor || tensor.data.length > SHOWN) return `${c.element} [${c.shape.join(', ')}]`;
  return tensor.data.length === 0 ? `${c.element}, empty` : Array.from(tensor.data as ArrayLike<number | bigint>, brief).join(', ');
}

function attributeText(a: StoredAttribute): string {
  switch (a.kind) {
    case 'tensor': return constantText(a.value);
    case 'ints': return listed(a.value.map(brief));
    case 'floats': return listed(a.value.map((v) => brief(Number(v))));
    case 'strings': return listed(a.value);
    case 'int': case 'float': return brief(Number(a.value));
    case 'string': return a.value;
  }
}

interface Line { readonly name: string; readonly value: string; readonly help?: string }

function operandLine(o: Operand, i: number, node: OperatorNode, graph: DrawnGraph, layer: NetworkLayer | undefined): Line {
  const name = operandName(node, i);
  if (o === null) return { name, value: 'left out' };
  if ('weight' in o) return { name: o.weight === name ? name : `${name}, ${o.weight}`, value: o.shape.length === 0 ? 'one number' : o.shape.join('×'), help: o.role ? 'A statistic: kept as it is' : 'A weight' };
  if ('constant' in o) return { name, value: constantText(o.constant), help: `Constant, ${o.constant.element} [${o.constant.shape.join(', ')}]` };
  const wire = graph.wires.find((w) => w.to.node === node.id && w.to.port === o.port);
  const from = graph.nodes.find((n) => n.id === wire?.from.node)?.name;
  const shape = layer?.inputShapes[operandPorts(node.operands).indexOf(o.port)];
  return { name, value: [from ?? (layer ? 'from outside' : 'no wire'), shape ? formatShape(shape) : ''].filter(Boolean).join(' · '), help: `Port ${o.port}` };
}

type Gradients = Answer<'system.gradients'>;
let asked: Promise<Gradients> | null = null;
/** The engine's table; asked once, and again after a failure. */
function useGradients(): Gradients | null {
  const [known, setKnown] = useState<Gradients | null>(null);
  useEffect(() => {
    let here = true;
    asked ??= bridge.request('system.gradients', {});
    asked.then((g) => { if (here) setKnown(g); }, () => { asked = null; });
    return () => { here = false; };
  }, []);
  return known;
}

function learning(node: OperatorNode, known: Gradients): { readonly word: string; readonly text: string } {
  if (node.domain === '' && known.passed.includes(node.op)) return { word: 'Known', text: 'Weights here and before it train.' };
  if (node.domain === '' && known.zero.includes(node.op)) return { word: 'Zero', text: 'Its steps have no slope: nothing before it learns through it.' };
  return { word: 'Not known', text: 'Weights here and what leads only here keep their values in training.' };
}

function Lines({ title, lines }: { title: string; lines: readonly Line[] }) {
  if (lines.length === 0) return null;
  return (
    <div className="card">
      <strong>{title}</strong>
      {lines.map((l, i) => <div key={`${l.name} ${i}`} className="row" title={l.help}><span className="dim ellipsis">{l.name}</span><span className="mono ellipsis value" title={l.value}>{l.value}</span></div>)}
    </div>
  );
}

export function OperatorCard({ node, graph, layer }: { node: OperatorNode; graph: DrawnGraph; layer: NetworkLayer | undefined }) {
  const gradients = useGradients();
  const learns = gradients && learning(node, gradients);
  const outputs = node.outputs.flatMap((o, i): Line[] => (o === '' ? [] : [{ name: o, value: layer?.types[i] ? formatValue(layer.types[i]) : '–' }]));
  return (
    <div data-testid="operator-card">
      <div className="card">
        <div className="row"><span className="dim">Operator</span><strong className="mono ellipsis" title={node.op}>{node.op}</strong></div>
        <div className="row"><span className="dim">Opset</span><span className="mono">{node.domain === '' ? '' : `${node.domain} `}{node.opset}</span></div>
        {learns && <div className="row"><span className="dim">Gradient</span><span data-testid="gradient">{learns.word}</span></div>}
        {learns && <div className="dim sum">{learns.text}</div>}
      </div>
      <Lines title="Attributes" lines={Object.entries(node.attributes).map(([name, a]) => ({ name, value: attributeText(a) }))} />
      <Lines title="Operands" lines={node.operands.map((o, i) => operandLine(o, i, node, graph, layer))} />
      {outputs.length > 1 && <Lines title="Outputs" lines={outputs} />}
    </div>
  );
}
