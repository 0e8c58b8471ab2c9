/** Nets whose answer is a picture: U-Net, an encoder-decoder, an autoencoder. */
import { convNormRelu, unetDown, unetUp } from './blocks.ts';
import type { Row, Sketch } from './build.ts';
import { dense, image, maxPool, training } from './parts.ts';
import { template, type Paper, type Template, type TemplateOptions } from './template.ts';

const unetPaper: Paper = { authors: 'O. Ronneberger, P. Fischer, T. Brox', title: 'U-Net: convolutional networks for biomedical image segmentation', venue: 'MICCAI 2015', link: 'https://arxiv.org/abs/1505.04597' };
const segPaper: Paper = { authors: 'V. Badrinarayanan, A. Kendall, R. Cipolla', title: 'SegNet: a deep convolutional encoder-decoder architecture for image segmentation', venue: 'IEEE TPAMI 2017', link: 'https://arxiv.org/abs/1511.00561' };
const autoPaper: Paper = { authors: 'G. E. Hinton, R. R. Salakhutdinov', title: 'Reducing the dimensionality of data with neural networks', venue: 'Science 313', link: 'https://doi.org/10.1126/science.1127647' };

/** A class for each pixel. */
const everyPixel = (classes: number): readonly Row[] => [['conv2d', { filters: classes, kernel: [1, 1], activation: 'softmax' }], ['output', { task: 'regression' }]];

/** Down through `widths` and up again, each level joined with its own of the way down; the size halves as often as it can be doubled back. */
function drawUNet(s: Sketch, o: TemplateOptions, widths: readonly number[]): void {
  const [first, ...deeper] = widths as [number, ...number[]];
  const levels = [s.place(unetDown(first, false), s.chain(null, [image(o)]), 'level')];
  deeper.forEach((width, i) => levels.push(s.place(unetDown(width), levels.at(-1) as string, `down ${i + 1}`)));
  let x = levels.pop() as string;
  deeper.forEach((_, i) => {
    const skip = levels.pop() as string;
    x = s.place(unetUp(widths[levels.length] as number), [x, skip], `up ${deeper.length - i}`);
  });
  s.chain(x, everyPixel(o.classes));
}

/** How often an even size can be halved, at most `most` times. */
const halvings = (size: number, most: number): number => (most > 0 && size % 2 === 0 ? 1 + halvings(size / 2, most - 1) : 0);

export const pixelTemplates: readonly Template[] = [
  template({
    id: 'u-net', label: 'U-Net', family: 'pixel', year: 2015, paper: unetPaper, defaults: { size: 256, channels: 1, classes: 2 }, smallest: 2, training: { ...training.adam, batchSize: 8 },
    summary: 'A class for each pixel: down four levels and up again.',
    description: 'The way down says what is in the picture, the way up where; bridges carry fine maps across. It learnt to find cells from thirty pictures and is still the first thing to try in segmentation, and the heart of most diffusion models. Convolutions keep the size and have batch norm, as is usual now. A size that cannot be halved four times has fewer levels.',
    draw: (s, o) => { drawUNet(s, o, [64, 128, 256, 512, 1024].slice(0, 1 + halvings(o.size, 4))); },
  }),
  template({
    id: 'u-net-small', label: 'Small U-Net', family: 'pixel', year: 2015, paper: unetPaper, defaults: { size: 32, channels: 3, classes: 2 }, smallest: 2, training: { ...training.adam, batchSize: 16 },
    summary: 'Three levels and half the maps for 32×32 pictures.',
    description: 'U-Net with three levels and 32 to 128 maps: half a million parameters, a class for each pixel, quick enough to try.',
    draw: (s, o) => { drawUNet(s, o, [32, 64, 128].slice(0, 1 + halvings(o.size, 2))); },
  }),
  template({
    id: 'encoder-decoder', label: 'Encoder-decoder', family: 'pixel', year: 2015, paper: segPaper, defaults: { size: 32, channels: 3, classes: 2 }, smallest: 4, training: { ...training.adam, batchSize: 16 },
    summary: 'Down by pools, up by transposed convolutions, no bridges.',
    description: 'The plain way to a class for each pixel: an encoder that halves the size twice and a decoder that doubles it back. Compare it with the small U-Net: without bridges the borders stay soft, since the fine maps of the way down are lost. The size must be a multiple of four.',
    draw: (s, o) => {
      const up = (filters: number): Row => ['conv-transpose', { filters, kernel: [2, 2], stride: [2, 2] }, 'up'];
      let x = s.place({ ...convNormRelu(32), repeat: 2 }, s.chain(null, [image(o)]), 'encode 1');
      x = s.place({ ...convNormRelu(64), repeat: 2 }, s.chain(x, [maxPool(2)]), 'encode 2');
      x = s.place(convNormRelu(128), s.chain(x, [maxPool(2)]), 'middle');
      x = s.place(convNormRelu(64), s.chain(x, [up(64)]), 'decode 1');
      x = s.place(convNormRelu(32), s.chain(x, [up(32)]), 'decode 2');
      s.chain(x, everyPixel(o.classes));
    },
  }),
  template({
    id: 'autoencoder', label: 'Autoencoder', family: 'pixel', year: 2006, paper: autoPaper, defaults: { size: 28, channels: 1, classes: 10 }, smallest: 4, withoutClasses: true, training: { ...training.adam, loss: { kind: 'mse' } },
    summary: 'Squeezes a picture into 32 numbers and draws it again.',
    description: 'Two strided convolutions and a dense layer press the picture through 32 numbers; transposed convolutions draw it again. Trained to give back its input it finds, without a label, what pictures of this kind have in common. The size must be a multiple of four.',
    draw: (s, o) => {
      const quarter = o.size / 4;
      const down = (filters: number): Row => ['conv2d', { filters, kernel: [3, 3], stride: [2, 2], padding: 'same', activation: 'relu' }];
      const up = (filters: number, activation: string): Row => ['conv-transpose', { filters, kernel: [4, 4], stride: [2, 2], activation }, 'up'];
      s.chain(null, [image(o), down(16), down(32), ['flatten', {}], dense(32, 'none', 'code'), dense(32 * quarter * quarter, 'relu'), ['reshape', { to: 'image', channels: 32, height: quarter, width: quarter }], up(16, 'relu'), up(o.channels, 'sigmoid'), ['output', { task: 'regression' }]]);
    },
  }),
];
