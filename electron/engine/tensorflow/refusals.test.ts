/** What TensorFlow is not asked to train, as a person reads it. */
import { describe, expect, it } from 'vitest';
import { compile } from '../../../shared/compile/compile.ts';
import { render } from '../../../shared/diagnostics/diagnostic.ts';
import { emptyDocument, type Document, type DrawnNode } from '../../../shared/graph/document.ts';
import { defaultParams, layerTypes, type LayerType } from '../../../shared/layers/table.ts';
import { Sketch } from '../../../shared/templates/build.ts';
import { refusals } from './refusals.ts';

const position = { x: 0, y: 0 };
const layer = (id: string, type: LayerType, params: Record<string, unknown> = {}): DrawnNode => ({ kind: 'layer', id, name: id, layer: type, params: { ...defaultParams(type), ...params }, position });
const chain = (nodes: readonly DrawnNode[], ports: readonly (readonly [string, string])[]): Document => ({
  ...emptyDocument('test'),
  graph: { nodes, wires: ports.map(([from, to], i) => ({ id: `w${i}`, from: { node: nodes[i]?.id ?? '', port: from }, to: { node: nodes[i + 1]?.id ?? '', port: to } })) },
});
const said = (document: Document, precision: 'float32' | 'mixed' = 'float32'): string[] => refusals(compile(document).network, { precision }).map((d) => render(d).sentence);

const whole = (): Document => {
  const s = new Sketch();
  s.add('output', {}, [s.add('dense', { units: 3 }, [s.add('input', { kind: 'vector', channels: 4 }, [])])]);
  return s.document('net', 'test');
};

describe('refusals', () => {
  it('are none of a net of layers', () => {
    expect(said(whole())).toEqual([]);
  });

  it('name the imported operator and offer the other engine', () => {
    const operator: DrawnNode = { kind: 'operator', id: 'op', name: 'Bend', op: 'Sinh', domain: '', opset: 18, attributes: {}, operands: [{ port: 'x' }], outputs: ['y'], position };
    const document = chain([layer('input', 'input', { kind: 'vector', channels: 4 }), operator, layer('output', 'output')], [['out', 'x'], ['y', 'in']]);
    expect(compile(document).problems).toEqual([]);
    expect(said(document)).toEqual(['Bend: expected layers that TensorFlow trains, got the operator Sinh, which only ONNX Runtime computes. Train on another device, such as the CPU.']);
    expect(refusals(compile(document).network, { precision: 'float32' }).map((d) => d.place.node)).toEqual(['op']);
  });

  it('name tensors that no data set feeds', () => {
    const document = chain([layer('input', 'tensor-input', { shape: [-1, 4] }), layer('output', 'tensor-output')], [['out', 'in']]);
    expect(said(document)).toHaveLength(2);
  });

  it('say that it trains in 32 bits', () => {
    expect(said(whole(), 'mixed')).toEqual(['Precision: expected 32 bit, in which TensorFlow trains here, got mixed precision. Set the precision to 32 bit, or choose a graphics card of ONNX Runtime’s that can.']);
  });

  it('pass every row of the palette that takes samples', () => {
    expect(layerTypes.filter((type) => refusals({ name: '', parameters: 0, macs: 0, layers: [{ id: type, name: type, type, params: defaultParams(type), inputs: [], inputShapes: [], shape: [], types: [], arithmetic: [], weights: [], parameters: 0, parameterArithmetic: '', macs: 0, receptiveField: null, frozen: false, bypassed: false }] }, { precision: 'float32' }).length > 0)).toEqual(['tensor-input', 'tensor-output']);
  });
});
