/** Windows along any number of axes: sequences and volumes. */
import { ints } from '../onnx/ir.ts';
import { formatShape, type Shape } from '../shapes/shape.ts';
import { extentOf, outputSize, resolvePadding, writeOutputSize, type AxisWindow } from '../shapes/window.ts';
import { fail, ok, type Result } from '../util/result.ts';
import type { LayerIssue, ShapeAnswer } from './spec.ts';

export type Sides = 'valid' | 'same';
export const sidesField = { kind: 'choice', label: 'Padding', help: 'Valid adds none, same keeps the size at stride 1.', default: 'valid' as Sides, options: [{ value: 'valid' as Sides, label: 'Valid' }, { value: 'same' as Sides, label: 'Same' }] } as const;
export const extentField = (label: string, help: string, value: number) => ({ kind: 'int', label, help, default: value, min: 1, max: 4096 }) as const;

/** A window along any number of axes. */
export interface Window { readonly kernel: readonly number[]; readonly stride: readonly number[]; readonly dilation: readonly number[]; readonly padding: Sides }

export const windowsOf = (w: Window, input: Shape): AxisWindow[] => w.kernel.map((kernel, i) => {
  const [size, stride, dilation] = [input[i + 1] as number, w.stride[i] as number, w.dilation[i] as number];
  const [before, after] = resolvePadding(w.padding, size, kernel, stride, dilation, [0, 0]);
  return { size, kernel, stride, dilation, before, after };
});

/** Shape of channels and axes after the windows, or why they do not fit. */
export function windowsShape(w: Window, input: Shape | undefined, channels: number, names: readonly string[], needs: LayerIssue['code'] & ('shape.needs-sequence' | 'shape.needs-volume')): Result<ShapeAnswer, LayerIssue> {
  if (!input || input.length !== names.length + 1) return fail({ code: needs, args: { got: input ? formatShape(input) : 'nothing' } });
  const windows = windowsOf(w, input);
  for (const [i, axis] of windows.entries()) {
    const room = axis.size + axis.before + axis.after;
    if (extentOf(axis.kernel, axis.dilation) > room) return fail({ code: 'shape.kernel-too-large', field: 'kernel', args: { kernel: extentOf(axis.kernel, axis.dilation), input: room, axis: names[i] as string } });
  }
  return ok({ shape: [channels, ...windows.map(outputSize)], arithmetic: [...new Set(windows.map(writeOutputSize))].map((line, i, all) => (all.length === 1 ? line : `${names[i]} ${line}`)) });
}

export const windowsAttributes = (w: Window, input: Shape) => {
  const windows = windowsOf(w, input);
  return { kernel_shape: ints(w.kernel), strides: ints(w.stride), pads: ints([...windows.map((v) => v.before), ...windows.map((v) => v.after)]) };
};
