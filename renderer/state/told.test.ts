/** What a device refuses is told with the net's own problems, live, and is gone once it is mended. */
import { beforeEach, describe, expect, it } from 'vitest';
import { emptyDocument, type Document, type DrawnNode } from '../../shared/graph/document.ts';
import { defaultParams, type LayerType } from '../../shared/layers/table.ts';
import type { Device } from '../../shared/protocol/values.ts';
import { defaultTrainingConfig } from '../../shared/training/config.ts';
import { edit, isError, problemsAt, replaceDocument, useDocument } from './document.ts';
import { setSession, trainOn, useSession } from './session.ts';
import { toldNow, whyNoRun } from './told.ts';
import { wayRoundOf } from './way-round.ts';

const position = { x: 0, y: 0 };
const layer = (id: string, type: LayerType, params: Record<string, unknown> = {}): DrawnNode => ({ kind: 'layer', id, name: id, layer: type, params: { ...defaultParams(type), ...params }, position });
const bend: DrawnNode = { kind: 'operator', id: 'bend', name: 'Bend', op: 'Sinh', domain: '', opset: 18, attributes: {}, operands: [{ port: 'x' }], outputs: ['y'], position };
const drawn: Document = {
  ...emptyDocument('bent'),
  graph: {
    nodes: [layer('input', 'input', { kind: 'vector', channels: 4 }), bend, layer('output', 'output')],
    wires: [{ id: 'a', from: { node: 'input', port: 'out' }, to: { node: 'bend', port: 'x' } }, { id: 'b', from: { node: 'bend', port: 'y' }, to: { node: 'output', port: 'in' } }],
  },
};
const device = (id: string, operators: boolean, available = true): Device => ({ id, name: id.toUpperCase(), available, detail: 'as it is', trains: { operators, precisions: ['float32'] } });
const devices = [device('cpu', true), device('cuda', true, false), device('tensorflow', false)];
const codes = () => toldNow().refused.map((d) => d.code);
const offered = () => toldNow().refused.map((d) => wayRoundOf(d)?.label);

beforeEach(() => {
  replaceDocument(drawn, null);
  setSession({ devices, config: defaultTrainingConfig() });
});

describe('what is told', () => {
  it('is the net as it was compiled where the device trains it', () => {
    expect(toldNow().compiled).toBe(useDocument.getState().compiled);
    expect(whyNoRun(toldNow())).toBeNull();
  });

  it('marks the layer as soon as a device is chosen that does not train it, and Train says why', () => {
    trainOn('tensorflow');
    const { compiled, refused } = toldNow();
    expect(problemsAt(compiled, [], 'bend')).toEqual(refused);
    expect(refused.map((d) => [d.code, isError(d)])).toEqual([['engine.operator', true]]);
    // Maps and evaluation do not run on it.
    expect(compiled.ready).toBe(true);
    expect(whyNoRun(toldNow())).toBe('Bend: expected a layer that TensorFlow trains, got the operator Sinh. Train on another device, such as the CPU.');
    expect(toldNow()).toBe(toldNow());
  });

  it('follows the drawing', () => {
    trainOn('tensorflow');
    edit({ kind: 'set-node', path: [], id: 'bend', change: { bypassed: true } }, 'Bypass');
    expect(codes()).toEqual([]);
    edit({ kind: 'set-node', path: [], id: 'bend', change: { bypassed: false } }, 'Bypass');
    expect(codes()).toEqual(['engine.operator']);
  });

  it('offers a device that trains it, which mends it', () => {
    trainOn('tensorflow');
    expect(offered()).toEqual(['Use the CPU instead']);
    wayRoundOf(toldNow().refused[0] as never)?.take();
    expect(useSession.getState().config.device).toBe('cpu');
    expect(codes()).toEqual([]);
  });

  it('follows the precision, and offers 32 bits where the device has no other', () => {
    setSession({ config: { ...defaultTrainingConfig(), precision: 'mixed' } });
    expect(codes()).toEqual(['engine.precision']);
    expect(offered()).toEqual(['Use 32-bit numbers instead']);
    wayRoundOf(toldNow().refused[0] as never)?.take();
    expect([codes(), useSession.getState().config.precision]).toEqual([[], 'float32']);
  });

  it('is a device that is not there, once devices are known', () => {
    trainOn('cuda');
    expect(codes()).toEqual(['engine.device']);
    expect(offered()).toEqual(['Use the CPU instead']);
    setSession({ devices: [] });
    expect(codes()).toEqual([]);
  });

  it('leaves devices out of a net that no data set feeds', () => {
    const tensors: Document = { ...emptyDocument('tensors'), graph: { nodes: [layer('in', 'tensor-input', { shape: [3, 4] }), layer('out', 'tensor-output')], wires: [{ id: 'a', from: { node: 'in', port: 'out' }, to: { node: 'out', port: 'in' } }] } };
    replaceDocument(tensors, null);
    trainOn('tensorflow');
    expect(codes()).toEqual([]);
  });
});
