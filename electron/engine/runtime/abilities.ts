/** What ONNX Runtime trains on each of its devices. */
import type { Abilities } from '../../../shared/training/abilities.ts';
import type { DeviceId } from './session.ts';

/** Devices whose half precision kernels are faster than their others. */
const halves: ReadonlySet<DeviceId> = new Set(['webgpu', 'cuda', 'dml']);

/** `half`: whether the card has half precision; its self-test tells. */
export const onnxAbilities = (device: DeviceId, half: boolean): Abilities => ({ operators: true, precisions: half && halves.has(device) ? ['float32', 'mixed'] : ['float32'] });
