/** What a net of a file expects of its pictures: told by its metadata, by its first layers, or by what nets of its kind are fed. */
import { attribute, type Graph, type Node, type Tensor } from '../../../shared/onnx/ir.ts';
import type { Preprocessing, PreprocessingGuess } from '../../../shared/protocol/import-requests.ts';
import { pixels, rowFor } from './preprocessing-rows.ts';
import { after, linesOf, preprocessingFrom, TWO_ROUNDINGS } from './scaling.ts';

export interface PictureInput { readonly name: string; readonly channels: number; readonly height: number; readonly width: number; /** Axis of the channels in the graph. */ readonly axis: 1 | 3 }

/** Smaller maps are no pictures: a channel of 1 and 3 places is a vector that somebody gave four axes. */
const SMALLEST_SIDE = 8;

/** The first input that is a picture, grey or in colour, channels first or last; null where there is none. */
export function pictureInput(graph: Pick<Graph, 'inputs'>): PictureInput | null {
  for (const { name, type } of graph.inputs) {
    const [, a, b, c] = type.shape;
    if (type.shape.length !== 4 || a === undefined || b === undefined || c === undefined) continue;
    const isColour = (n: number) => n === 1 || n === 3;
    if (isColour(a) && Math.min(b, c) >= SMALLEST_SIDE) return { name, channels: a, height: b, width: c, axis: 1 };
    if (isColour(c) && Math.min(a, b) >= SMALLEST_SIDE) return { name, channels: c, height: a, width: b, axis: 3 };
  }
  return null;
}

/** JSON, or numbers parted by commas or spaces; null where it is neither. */
function numbersOf(text: string | undefined): number[] | null {
  if (text === undefined) return null;
  const parts = text.replaceAll(/[[\](){}]/g, ' ').split(/[\s,;]+/).filter((t) => t !== '').map(Number);
  return parts.length > 0 && parts.every(Number.isFinite) ? parts : null;
}

/** Keys that tools write the same thing under. */
const keys = {
  mean: ['input_mean', 'mean', 'image_mean', 'normalization_mean', 'img_mean'],
  deviation: ['input_deviation', 'input_std', 'std', 'image_std', 'normalization_std', 'img_std'],
} as const;

type Metadata = Readonly<Record<string, string>>;
const certain = (values: Preprocessing | null, reason: string): PreprocessingGuess => ({ values, source: 'metadata', confidence: 'certain', reason });

/** Metadata that the ONNX standard names for pictures: Image.NominalPixelRange and Image.BitmapPixelFormat. */
const nominal: Readonly<Record<string, Omit<Preprocessing, 'order'>>> = {
  NominalRange_0_255: { scale: 255, mean: [0], deviation: [1] }, NominalRange_16_235: { scale: 219, mean: [-16], deviation: [1] },
  Normalized_0_1: { scale: 1, mean: [0], deviation: [1] }, Normalized_1_1: { scale: 2, mean: [1], deviation: [1] },
};

function fromMetadata(metadata: Metadata, channels: number): PreprocessingGuess | null {
  const format = metadata['Image.BitmapPixelFormat'] ?? '';
  const range = nominal[metadata['Image.NominalPixelRange'] ?? ''];
  if (range) return certain({ ...range, order: channels === 3 && /^bgr/i.test(format) ? 'bgr' : 'rgb' }, 'The file names its pixel range in its metadata.');
  const first = (names: readonly string[]) => names.map((k) => numbersOf(metadata[k])).find((n) => n !== null && (n.length === 1 || n.length === channels)) ?? null;
  const [mean, deviation] = [first(keys.mean), first(keys.deviation)];
  const largest = numbersOf(metadata.input_range)?.[1] ?? null;
  if ((!mean || !deviation || deviation.some((d) => d <= 0)) && largest === null) return null;
  // Means of tens are of pixels from 0 to 255; those of numbers from 0 to 1 are below one.
  const scale = numbersOf(metadata.input_factor)?.[0] ?? largest ?? (mean?.some((m) => Math.abs(m) > 2) ? 255 : 1);
  const order = channels === 3 && /bgr/i.test(metadata.input_order ?? metadata.channel_order ?? '') ? 'bgr' : 'rgb';
  const values: Preprocessing = { order, scale, mean: mean ?? [0], deviation: deviation ?? [1] };
  return certain(asItIs(values) ? null : values, 'The file says so in its metadata.');
}

const asItIs = (p: Preprocessing): boolean => p.order === 'rgb' && p.scale === 1 && p.mean.every((m) => m === 0) && p.deviation.every((d) => d === 1);

/** y = x · factor + summand, over all channels the largest in size. */
interface Line { readonly factor: number; readonly summand: number }

const largestOf = (t: Tensor): number => Array.from(t.data as Float32Array, Number).reduce((a, v) => (Math.abs(v) > Math.abs(a) ? v : a), 0);
const constantOf = (graph: Graph, node: Node): Tensor | undefined => node.inputs.map((i) => graph.initializers.get(i)).find((t) => t !== undefined && t.element === 'float32' && t.data.length <= 4);

/** Operators that only bring numbers to another range, as the line they draw. */
const lines: Readonly<Record<string, (line: Line, constant: number, flipped: boolean) => Line>> = {
  Sub: ({ factor, summand }, c, flipped) => (flipped ? { factor: -factor, summand: c - summand } : { factor, summand: summand - c }),
  Add: ({ factor, summand }, c) => ({ factor, summand: summand + c }),
  Mul: ({ factor, summand }, c) => ({ factor: factor * c, summand: summand * c }),
  Div: ({ factor, summand }, c) => ({ factor: factor / c, summand: summand / c }),
};
/** Those that leave numbers as they are; what they ask beside them is only where and how. */
const passing = new Set(['Transpose', 'Identity', 'Cast', 'Pad', 'Reshape']);

/** How the net itself scales its pictures before anything learns from them; null where it does not. */
function ownScaling(graph: Graph, input: string): Line | null {
  let line: Line = { factor: 1, summand: 0 };
  let value = input;
  let scaled = false;
  for (let steps = 0; steps < 12; steps++) {
    const node = graph.nodes.find((n) => n.inputs.includes(value));
    if (!node) break;
    const constant = constantOf(graph, node);
    const rule = lines[node.op];
    if (rule && constant) {
      const c = largestOf(constant);
      if (node.op === 'Div' && (c === 0 || node.inputs[1] === value)) break;
      line = rule(line, c, node.inputs[1] === value);
      scaled = true;
    } else if (node.op === 'BatchNormalization') {
      const [, scale, bias, mean, variance] = node.inputs.map((i) => graph.initializers.get(i));
      if (!scale || !bias || !mean || !variance) break;
      const factor = largestOf(scale) / Math.sqrt(Math.abs(largestOf(variance)) + attribute(node, 'epsilon', 'float', 1e-5));
      line = { factor: line.factor * factor, summand: (line.summand - largestOf(mean)) * factor + largestOf(bias) };
      scaled = true;
    } else if (!passing.has(node.op)) break;
    value = node.outputs[0] ?? '';
  }
  return scaled ? line : null;
}

/** Factors below this, or summands above, bring pixels from 0 to 255 to about one; others begin with numbers from 0 to 1. */
const PIXEL_FACTOR = 10 / 255;
const PIXEL_SUMMAND = 16;

function fromLayers(graph: Graph, input: string): PreprocessingGuess | null {
  const line = ownScaling(graph, input);
  if (!line) return null;
  const takesPixels = Math.abs(line.factor) < PIXEL_FACTOR || Math.abs(line.summand) > PIXEL_SUMMAND;
  return takesPixels
    ? { values: pixels, source: 'layers', confidence: 'likely', reason: 'The net scales pixels from 0 to 255 itself; its first layers say so.' }
    : { values: null, source: 'layers', confidence: 'likely', reason: 'The net begins with layers that scale its pictures; it takes numbers from 0 to 1.' };
}

/** What is said of the file as a whole; a SourceModel has it. */
export interface FileFacts { readonly file: string; readonly producer: string; readonly metadata: Metadata; readonly graph: { readonly name: string } }

/** Numbers of the only answer where it is one vector a sample, also with places of size one behind. */
export function classesOf(graph: Pick<Graph, 'outputs'>): number | null {
  const [output, ...others] = graph.outputs;
  const [, classes, ...places] = output?.type.shape ?? [];
  return others.length === 0 && classes !== undefined && places.every((p) => p === 1) ? classes : null;
}

/** Guesses what the pictures must look like, with the reason; null where the net takes no pictures. `graph` in its normal form. */
export function guessPreprocessing(file: FileFacts, graph: Graph): PreprocessingGuess | null {
  const input = pictureInput(graph);
  if (!input) return null;
  const told = fromMetadata(file.metadata, input.channels) ?? fromLayers(graph, input.name);
  if (told) return told;
  const row = rowFor({
    names: `${file.file} ${file.graph.name} ${file.metadata.model_name ?? ''}`.toLowerCase(), producer: file.producer.toLowerCase(),
    channels: input.channels, height: input.height, width: input.width, classes: classesOf(graph),
  });
  if (row) return { values: row.values, source: row.source, confidence: row.confidence, reason: row.reason };
  return { values: null, source: 'none', confidence: 'unsure', reason: 'Nothing in the file tells; numbers from 0 to 1 are given to it.' };
}

type Kept = Omit<Preprocessing, 'mean' | 'deviation'> & { readonly mean: readonly number[]; readonly deviation: readonly number[] };

/** The guess for a net that is drawn with preprocessing of its own (`kept`): both in one layer. */
export function withKept(guess: PreprocessingGuess | null, kept: Kept | null, channels: number): PreprocessingGuess | null {
  if (!guess || !kept) return guess;
  const own: Preprocessing = { ...kept, mean: [...kept.mean], deviation: [...kept.deviation] };
  if (!guess.values) return { values: own, source: 'layers', confidence: 'certain', reason: 'The file brings it along, as its first layers.' };
  return { ...guess, values: preprocessingFrom(after(linesOf(guess.values, channels), linesOf(own, channels)), TWO_ROUNDINGS), source: 'layers', reason: `${guess.reason} Both are one here.` };
}
