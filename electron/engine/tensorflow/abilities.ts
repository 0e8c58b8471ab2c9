/** What TensorFlow trains here; nothing of TensorFlow is needed to know. */
import type { Abilities } from '../../../shared/training/abilities.ts';

/** Every layer of the palette, in 32 bits; of what files bring, only ONNX Runtime knows all operators. */
export const abilities: Abilities = { operators: false, precisions: ['float32'] };
