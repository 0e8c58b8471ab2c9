/** How much of the input one output sees. Araujo, Norris and Sim, "Computing Receptive Fields of Convolutional Neural Networks", Distill 2019. */

/** Extent in input pixels, and the distance in input pixels between neighbours (jump), per axis [height, width]. */
export interface Field {
  readonly size: readonly [number, number];
  readonly jump: readonly [number, number];
}

export const pixelField: Field = { size: [1, 1], jump: [1, 1] };

/** The field after a window of `kernel` (dilated extent) and `stride`. */
export function widen(field: Field, kernel: readonly [number, number], stride: readonly [number, number]): Field {
  const axis = (i: 0 | 1) => field.size[i] + (kernel[i] - 1) * field.jump[i];
  return { size: [axis(0), axis(1)], jump: [field.jump[0] * stride[0], field.jump[1] * stride[1]] };
}

/** What an output that reads all of these sees at most. */
export function unite(fields: readonly Field[]): Field {
  const most = (pick: (f: Field) => number) => Math.max(...fields.map(pick));
  return { size: [most((f) => f.size[0]), most((f) => f.size[1])], jump: [most((f) => f.jump[0]), most((f) => f.jump[1])] };
}
