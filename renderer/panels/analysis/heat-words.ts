/** What the canvas is coloured by, in words. */
import type { HeatKind } from '../../../shared/analysis/heat.ts';
import { bytes, milliseconds, short, whole } from '../../ui/format.ts';

export const heatWords: Readonly<Record<HeatKind, { readonly label: string; readonly text: (value: number) => string }>> = {
  parameters: { label: 'Parameters', text: whole },
  macs: { label: 'Multiply-adds', text: short },
  activations: { label: 'Activation memory', text: bytes },
  field: { label: 'Receptive field', text: (v) => `${whole(v)} px` },
  time: { label: 'Measured time', text: (v) => `${milliseconds(v)} ms` },
};
