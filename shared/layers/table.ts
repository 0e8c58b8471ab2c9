/** The total table of layers. */
export type LayerType = 'input' | 'conv2d';
