/** Seeing inside: maps, filters, evaluation. */
import { DEFAULT_SEED } from '../../../shared/training/config.ts';
import { resolveLoss } from '../training/class-weights.ts';
import type { Handlers } from './handler.ts';

/** While a run trains on the GPU, looking goes by the CPU: small work, and no wait behind the steps. */
const LOOKING = 'cpu';

export const insightHandlers: Handlers<'insight'> & Handlers<'evaluate'> = {
  'insight.maps': async (w, { document, data, seed, sample }) => {
    const dataset = await w.dataset(data);
    const network = w.network(document, dataset);
    return w.host.job('maps', { network, weights: w.weightsOf(network, seed), device: LOOKING, dataset, sample: Math.min(sample, dataset.count - 1), step: 0 });
  },
  'insight.filters': (w, { document, layer }) => {
    const network = w.network(document, null);
    return w.host.job('filters', { network, weights: w.weightsOf(network, DEFAULT_SEED), layer });
  },
  'evaluate.run': async (w, { document, data, validationSplit, seed, loss, split }) => {
    const dataset = await w.dataset(data);
    const network = w.network(document, dataset);
    const parts = w.split(dataset, validationSplit, seed);
    const all = Int32Array.from({ length: dataset.count }, (_, i) => i);
    const indices = { train: parts.train, validation: parts.validation, all }[split];
    return w.host.job('evaluate', { network, weights: w.weightsOf(network, seed), device: LOOKING, dataset, indices, split, loss: resolveLoss(loss, dataset, parts.train) });
  },
};
