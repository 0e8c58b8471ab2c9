/** What nets of a kind are fed, by who wrote the file and what it is called; the first row that fits tells. */
import type { Preprocessing, PreprocessingGuess } from '../../../shared/protocol/import-requests.ts';

/** What a row may look at. Names are in lower case. */
export interface PictureFacts {
  /** Name of the file and of the graph in it. */
  readonly names: string;
  /** "pytorch", "tf2onnx", "onnx-caffe2" …, as the file has it. */
  readonly producer: string;
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  /** Numbers of the only answer where that is a vector; null for several answers, maps or boxes. */
  readonly classes: number | null;
}

export interface PreprocessingRow {
  readonly when: Partial<Record<'names' | 'producer', RegExp>> & { readonly channels?: 1 | 3; readonly also?: (facts: PictureFacts) => boolean };
  /** Null: numbers from 0 to 1 as they are. */
  readonly values: Preprocessing | null;
  readonly source: PreprocessingGuess['source'];
  readonly confidence: PreprocessingGuess['confidence'];
  readonly reason: string;
}

const of = (scale: number, mean: number | readonly number[], deviation: number | readonly number[], order: 'rgb' | 'bgr' = 'rgb'): Preprocessing =>
  ({ order, scale, mean: [mean].flat() as number[], deviation: [deviation].flat() as number[] });

/** Krizhevsky's crop of ImageNet as torchvision, timm and most of today's collections have it. */
export const imageNet = of(1, [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]);
/** Means of ImageNet's pixels in the order of OpenCV, by which Caffe trained. */
export const caffe = of(255, [103.94, 116.78, 123.68], 1, 'bgr');
/** From −1 to 1. */
export const signed = of(255, 127.5, 127.5);
/** From about −1 to 1 in steps of a power of two. */
const byHalves = of(255, 128, 128);
const by127 = of(255, 127, 128);
export const pixels = of(255, 0, 1);

const imageNetClasses = ({ classes }: PictureFacts): boolean => classes === 1000 || classes === 1001;
const sized = (side: number, classes: number) => (f: PictureFacts): boolean => f.height === side && f.width === side && f.classes === classes;

export const preprocessingRows: readonly PreprocessingRow[] = [
  { when: { names: /ultraface|version-(slim|rfb)/, channels: 3 }, values: by127, source: 'name', confidence: 'likely', reason: 'Face detectors of this family take (x − 127) / 128.' },
  { when: { names: /efficientnet-?lite/, channels: 3 }, values: by127, source: 'name', confidence: 'likely', reason: 'EfficientNet-Lite takes (x − 127) / 128.' },
  { when: { names: /yolo(v?[5-9]|v?1\d|x)/, channels: 3 }, values: null, source: 'name', confidence: 'likely', reason: 'Detectors of this family take pictures from 0 to 1.' },
  { when: { names: /(^|[^a-z])clip([^a-z]|$)/, channels: 3 }, values: of(1, [0.48145466, 0.4578275, 0.40821073], [0.26862954, 0.26130258, 0.27577711]), source: 'name', confidence: 'likely', reason: 'CLIP’s picture encoders take its own mean and deviation.' },
  { when: { names: /(^|[^a-z])(vit|deit3)([^a-z]|$)/, channels: 3 }, values: of(1, 0.5, 0.5), source: 'name', confidence: 'unsure', reason: 'Vision transformers are mostly fed (x − 0.5) / 0.5; some take ImageNet’s mean and deviation.' },
  { when: { names: /(style|candy|mosaic|udnie|rain-?princess|pointilism)/, channels: 3 }, values: pixels, source: 'name', confidence: 'likely', reason: 'Style transfer takes pixels from 0 to 255.' },
  { when: { names: /super.?resolution|espcn|srcnn/, channels: 1 }, values: null, source: 'name', confidence: 'likely', reason: 'Super-resolution takes the luma of a picture from 0 to 1.' },

  { when: { producer: /caffe/, names: /densenet/, channels: 3 }, values: of(255, [103.94, 116.78, 123.68], 58.8235, 'bgr'), source: 'producer', confidence: 'likely', reason: 'Caffe’s DenseNet takes BGR pixels, ImageNet’s mean taken off, times 0.017.' },
  { when: { producer: /caffe/, names: /shufflenet/, channels: 3 }, values: imageNet, source: 'producer', confidence: 'likely', reason: 'Caffe2’s ShuffleNet was trained with ImageNet’s mean and deviation.' },
  { when: { producer: /caffe/, channels: 3 }, values: caffe, source: 'producer', confidence: 'likely', reason: 'Caffe’s nets take BGR pixels from 0 to 255 with ImageNet’s mean taken off.' },
  { when: { producer: /caffe/, channels: 1 }, values: null, source: 'producer', confidence: 'unsure', reason: 'Caffe’s nets for grey digits take numbers from 0 to 1.' },
  { when: { producer: /cntk/ }, values: pixels, source: 'producer', confidence: 'likely', reason: 'CNTK’s nets take pixels from 0 to 255.' },
  { when: { producer: /tflite/, names: /quant/ }, values: byHalves, source: 'producer', confidence: 'likely', reason: 'TensorFlow Lite’s quantised nets take (x − 128) / 128.' },
  { when: { producer: /tf2onnx|tflite|tensorflow|keras/, names: /(resnet-?\d+(?!.*v2)|vgg-?(16|19))/, channels: 3 }, values: of(255, [103.939, 116.779, 123.68], 1, 'bgr'), source: 'producer', confidence: 'likely', reason: 'Keras feeds this family as Caffe did: BGR pixels with ImageNet’s mean taken off.' },
  { when: { producer: /tf2onnx|tflite|tensorflow|keras/, names: /densenet/, channels: 3 }, values: imageNet, source: 'producer', confidence: 'likely', reason: 'Keras feeds DenseNet with ImageNet’s mean and deviation.' },
  { when: { producer: /tf2onnx|tflite|tensorflow|keras/, names: /efficientnet|convnext|mobilenet.?v3|regnet/, channels: 3 }, values: pixels, source: 'producer', confidence: 'likely', reason: 'Keras gives this family pixels from 0 to 255; the net scales them itself.' },
  { when: { producer: /tf2onnx|tflite|tensorflow|keras/, channels: 3 }, values: signed, source: 'producer', confidence: 'likely', reason: 'TensorFlow’s nets for pictures mostly take x / 127.5 − 1.' },
  { when: { producer: /tf2onnx|tflite|tensorflow|keras/, channels: 1 }, values: null, source: 'producer', confidence: 'unsure', reason: 'TensorFlow’s tutorials divide grey pictures by 255.' },

  { when: { channels: 3, also: imageNetClasses }, values: imageNet, source: 'kind', confidence: 'likely', reason: 'It tells a thousand classes apart: ImageNet’s mean and deviation, as torchvision has them.' },
  { when: { channels: 1, also: sized(28, 10) }, values: of(1, 0.1307, 0.3081), source: 'kind', confidence: 'unsure', reason: '28×28 and ten classes: PyTorch’s example for MNIST takes (x − 0.1307) / 0.3081.' },
  { when: { channels: 3, also: sized(32, 10) }, values: of(1, 0.5, 0.5), source: 'kind', confidence: 'unsure', reason: '32×32 and ten classes: PyTorch’s tutorial for CIFAR-10 takes (x − 0.5) / 0.5.' },
  { when: { producer: /pytorch|torch/, channels: 3, also: (f) => f.classes !== null && f.height >= 96 }, values: imageNet, source: 'producer', confidence: 'unsure', reason: 'PyTorch’s nets for photographs are mostly trained from ImageNet’s, with its mean and deviation.' },
];

export const rowFor = (facts: PictureFacts): PreprocessingRow | undefined => preprocessingRows.find(({ when }) =>
  (when.names?.test(facts.names) ?? true) && (when.producer?.test(facts.producer) ?? true) && (when.channels ?? facts.channels) === facts.channels && (when.also?.(facts) ?? true));
