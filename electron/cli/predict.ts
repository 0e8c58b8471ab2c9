/** netloom predict: what a net says of one picture, with the picture brought to its Input. */
import type { Network } from '../../shared/compile/network.ts';
import { answersOf, inputsOf, requireTrainable } from '../../shared/compile/trainable.ts';
import { problem } from '../../shared/diagnostics/diagnostic.ts';
import { formatShape, sameShape } from '../../shared/shapes/shape.ts';
import type { Dataset } from '../engine/datasets/dataset.ts';
import { readImage } from '../engine/datasets/image.ts';
import type { Workspace } from '../engine/handlers/workspace.ts';
import { storeImage } from '../engine/insight/predict.ts';
import { encodingOf } from '../engine/training/batches.ts';
import type { InputEncoding } from '../engine/training/engine.ts';
import { numberFlag, type ParsedCommand } from './args.ts';
import { open, withEngine, type Opened, type Outcome } from './opened.ts';
import { percent } from './progress.ts';

const DEFAULT_TOP = 3;

/** Numbers from 0 to 1, for a net that has no data of its own to be fed as. */
const unit: InputEncoding = { element: 'float32', offset: 0, scale: 1 };

/** The project's data where the net was made for it, for its class names and how it stores values; null where it is another's or cannot be read. */
async function ownData(w: Workspace, opened: Opened, network: Network, asked: boolean): Promise<Dataset | null> {
  try {
    const data = await w.dataset(opened.data);
    const answers = answersOf(network)[0]?.shape ?? [];
    const fits = sameShape(inputsOf(network)[0]?.shape ?? [], data.shape) && answers.length === 1 && (answers[0] === data.classes.length || (answers[0] === 1 && data.classes.length === 2));
    return fits ? data : null;
  } catch (e) {
    if (asked) throw e;
    return null;
  }
}

/** The k most probable classes. Throws data.picture, and training.tensors for a net that takes no samples of pictures. */
export async function predictPicture(p: ParsedCommand): Promise<Outcome> {
  const [word, image] = p.words as [string, string];
  const { fit = 'stretch' } = p.flags;
  if (fit !== 'stretch' && fit !== 'crop') throw problem('request.usage', { label: 'netloom' }, { expected: '--fit stretch or crop', got: String(fit) });
  const top = numberFlag(p.flags, 'top', { min: 1, max: 100_000, whole: true }) ?? DEFAULT_TOP;
  const opened = await open(word, p.flags);
  return withEngine(opened, async (w) => {
    const { document, training } = opened.project;
    const network = w.network(document, null);
    requireTrainable(network);
    const shape = inputsOf(network)[0]?.shape ?? [];
    if (shape.length !== 3 || (shape[0] !== 1 && shape[0] !== 3)) throw problem('data.no-picture-input', { label: document.name }, { got: formatShape(shape) });
    const data = await ownData(w, opened, network, typeof p.flags.data === 'string');
    const encoding = data ? encodingOf(data) : unit;
    const pixels = await readImage(image, shape, 1, fit);
    const classes = data?.classes ?? document.labels ?? [];
    const predictions = await w.host.job('predict', { network, weights: w.weightsOf(network, training.seed), device: 'cpu', image: storeImage(pixels, encoding), encoding, classes, k: top });
    return { data: { image, predictions }, text: predictions.map((q) => `${q.label}  ${percent(q.probability)}`).join('\n') };
  });
}
