/** What a device does not train, as a person reads it, and which device is taken or offered instead. */
import { describe, expect, it } from 'vitest';
import { compile } from '../compile/compile.ts';
import { render } from '../diagnostics/diagnostic.ts';
import { emptyDocument, type Document, type DrawnNode } from '../graph/document.ts';
import { defaultParams, layerTypes, type LayerType } from '../layers/table.ts';
import { Sketch } from '../templates/build.ts';
import type { Abilities } from '../training/abilities.ts';
import { required } from '../util/assert.ts';
import { deviceInstead, meantDevice, refusals, whyNot, type Trainer } from './refusals.ts';

const position = { x: 0, y: 0 };
const layer = (id: string, type: LayerType, params: Record<string, unknown> = {}): DrawnNode => ({ kind: 'layer', id, name: id, layer: type, params: { ...defaultParams(type), ...params }, position });
const chain = (nodes: readonly DrawnNode[], ports: readonly (readonly [string, string])[]): Document => ({
  ...emptyDocument('test'),
  graph: { nodes, wires: ports.map(([from, to], i) => ({ id: `w${i}`, from: { node: nodes[i]?.id ?? '', port: from }, to: { node: nodes[i + 1]?.id ?? '', port: to } })) },
});

const everything: Abilities = { operators: true, precisions: ['float32', 'mixed'] };
const single: Abilities = { operators: true, precisions: ['float32'] };
const layersOnly: Abilities = { operators: false, precisions: ['float32'] };
const device = (id: string, trains: Abilities, available = true): Trainer => ({ id, available, detail: available ? 'here' : `no ${id} here.`, trains });
const [gpu, cpu, tensorflow] = [device('webgpu', everything), device('cpu', single), device('tensorflow', layersOnly)];

const whole = (): Document => {
  const s = new Sketch();
  s.add('output', {}, [s.add('dense', { units: 3 }, [s.add('input', { kind: 'vector', channels: 4 }, [])])]);
  return s.document('net', 'test');
};
const bend: DrawnNode = { kind: 'operator', id: 'op', name: 'Bend', op: 'Sinh', domain: '', opset: 18, attributes: {}, operands: [{ port: 'x' }], outputs: ['y'], position };
const bent = (middle: DrawnNode = bend, ports: readonly [string, string] = ['x', 'y']): Document => chain([layer('input', 'input', { kind: 'vector', channels: 4 }), middle, layer('output', 'output')], [['out', ports[0]], [ports[1], 'in']]);

const network = (document: Document) => compile(document).network;
const float32 = { device: 'auto', precision: 'float32' } as const;
const mixed = { device: 'auto', precision: 'mixed' } as const;
const said = (document: Document, d: Trainer, config: typeof float32 | typeof mixed = float32): string[] => refusals(network(document), config, d).map((r) => render(r).sentence);

describe('refusals', () => {
  it('are none of a net of layers in 32 bits, on any device', () => {
    for (const d of [gpu, cpu, tensorflow]) expect(said(whole(), d)).toEqual([]);
  });

  it('name the imported operator and its place where the device knows layers alone', () => {
    expect(compile(bent()).problems).toEqual([]);
    expect(said(bent(), tensorflow)).toEqual(['Bend: expected a layer that TensorFlow trains, got the operator Sinh. Train on another device, such as the CPU.']);
    expect(refusals(network(bent()), float32, tensorflow).map((d) => d.place.node)).toEqual(['op']);
    for (const d of [gpu, cpu]) expect(said(bent(), d)).toEqual([]);
    expect(said(bent({ ...bend, bypassed: true }), tensorflow)).toEqual([]);
  });

  it('name an operator of a repeated group once, where it is drawn', () => {
    const group: DrawnNode = { kind: 'group', id: 'stage', name: 'Stage', position, repeat: 3, graph: { nodes: [bend], wires: [] }, inputs: [{ id: 'in', label: 'in', node: 'op', port: 'x' }], outputs: [{ id: 'out', label: 'out', node: 'op', port: 'y' }] };
    const document = bent(group, ['in', 'out']);
    expect(compile(document).problems).toEqual([]);
    expect(network(document).layers.filter((l) => l.type === 'operator')).toHaveLength(3);
    expect(refusals(network(document), float32, tensorflow).map((d) => d.place.node)).toEqual(['stage/op']);
  });

  it('name inputs and outputs of tensors as well', () => {
    expect(said(chain([layer('input', 'tensor-input', { shape: [-1, 4] }), layer('output', 'tensor-output')], [['out', 'in']]), tensorflow)).toHaveLength(2);
  });

  it('say in which precision the device does not train', () => {
    expect(said(whole(), tensorflow, mixed)).toEqual(['Precision: expected TensorFlow to compute with 16-bit numbers, got a device that cannot. Set the precision to 32 bit, or choose a graphics card that can.']);
    expect(said(whole(), cpu, mixed)).toHaveLength(1);
    expect(said(whole(), gpu, mixed)).toEqual([]);
  });

  it('pass every row of the palette that takes samples', () => {
    expect(layerTypes.filter((type) => refusals({ name: '', parameters: 0, macs: 0, layers: [{ id: type, name: type, type, params: defaultParams(type), inputs: [], inputShapes: [], shape: [], types: [], arithmetic: [], weights: [], parameters: 0, parameterArithmetic: '', macs: 0, receptiveField: null, frozen: false, bypassed: false }] }, float32, tensorflow).length > 0)).toEqual(['tensor-input', 'tensor-output']);
  });
});

describe('the device that is meant', () => {
  it.each([
    ['the first that is there', whole(), float32, [device('cuda', everything, false), gpu, cpu], 'webgpu'],
    ['not one that refuses the operators', bent(), float32, [tensorflow, cpu], 'cpu'],
    ['not one that refuses the precision', whole(), mixed, [device('webgpu', single), device('cuda', everything), cpu], 'cuda'],
    ['the first that is there, where all refuse', whole(), mixed, [device('webgpu', everything, false), cpu, tensorflow], 'cpu'],
    ['the one that is named, whatever it refuses', bent(), { ...mixed, device: 'tensorflow' }, [gpu, cpu, tensorflow], 'tensorflow'],
  ] as const)('is %s', (_what, document, config, devices, id) => {
    expect(meantDevice<Trainer>(devices, network(document), config)?.id).toBe(id);
  });
});

describe('why not', () => {
  it('is what the meant device refuses, and nothing where another is taken by itself', () => {
    expect(whyNot([gpu, cpu, tensorflow], network(bent()), { ...mixed, device: 'tensorflow' }).map((d) => d.code)).toEqual(['engine.operator', 'engine.precision']);
    expect(whyNot([tensorflow, cpu], network(bent()), float32)).toEqual([]);
    expect(whyNot([cpu], network(whole()), mixed).map((d) => d.args)).toEqual([{ device: 'cpu' }]);
  });
  it('is that the device is not there, or not known', () => {
    expect(whyNot([device('cuda', everything, false), cpu], network(bent()), { ...float32, device: 'cuda' })).toEqual([{ code: 'engine.device', place: { label: 'Device' }, args: { wanted: 'cuda', available: 'cpu', reason: 'no cuda here' } }]);
    expect(whyNot([cpu], network(bent()), { ...float32, device: 'tpu' })).toMatchObject([{ args: { reason: 'There is no such device' } }]);
  });
});

describe('the device that is offered instead', () => {
  const operator = required(refusals(network(bent()), float32, tensorflow)[0], 'refusal');
  const onTensorflow = (precision: 'float32' | 'mixed') => ({ device: 'tensorflow', precision });
  it('trains the net', () => {
    expect(deviceInstead([tensorflow, gpu, cpu], network(bent()), onTensorflow('float32'), operator)?.id).toBe('webgpu');
    expect(deviceInstead([tensorflow, cpu, gpu], network(bent()), onTensorflow('mixed'), operator)?.id).toBe('webgpu');
  });
  it('or does not say the same, or is none', () => {
    expect(deviceInstead([tensorflow, cpu], network(bent()), onTensorflow('mixed'), operator)?.id).toBe('cpu');
    expect(deviceInstead([device('webgpu', everything, false), tensorflow], network(bent()), onTensorflow('float32'), operator)).toBeUndefined();
    expect(deviceInstead([tensorflow, device('other', layersOnly)], network(bent()), onTensorflow('float32'), operator)).toBeUndefined();
  });
});
