import { describe, expect, it } from 'vitest';
import { devicesOf, sittings } from './run-words.ts';

describe('the devices of a run', () => {
  it('are named in their turn', () => {
    const moved = { device: 'cpu', devices: [{ device: 'cpu', epoch: 1 }, { device: 'tensorflow', epoch: 4 }, { device: 'cpu', epoch: 9 }] };
    expect([devicesOf(moved), sittings(moved)]).toEqual(['CPU, then TensorFlow, then CPU', 'CPU, from epoch 4 on TensorFlow, from epoch 9 on CPU']);
    expect([devicesOf({ device: 'webgpu' }), sittings({ device: 'webgpu' })]).toEqual(['WebGPU', null]);
  });
});
