/** My models: nets kept for reuse. */
import { problem } from '../../../shared/diagnostics/diagnostic.ts';
import { DEFAULT_SEED } from '../../../shared/training/config.ts';
import { deleteModel, listModels, openModel, renameModel, saveModel } from '../hub/mine.ts';
import { isRegression } from '../insight/predict.ts';
import { preparationOf } from '../onnx-io/export-metadata.ts';
import type { Handlers } from './handler.ts';
import { bestAccuracy, classesOf, trialData } from './net-facts.ts';
import { projectHandlers } from './project.ts';

export const modelsHandlers: Handlers<'models'> = {
  'models.list': (w) => listModels(w.options.appDir),
  'models.save': async (w, { document, data, training, name, licence, description }) => {
    const network = w.network(document, null);
    if (!w.weights) throw problem('models.untrained', { label: document.name }, {});
    const trial = await trialData(w, network, data);
    const classes = [...classesOf(document, network, trial)];
    const weights = w.weightsOf(network, DEFAULT_SEED);
    const prepared = network.layers.some((l) => preparationOf(l));
    await saveModel(w.options.appDir, { document: { ...document, name, ...(classes.length > 0 ? { labels: classes } : {}) }, training, data, weights }, {
      name, task: isRegression(network) ? 'regression' : 'classification', classes, accuracy: trial.own ? await bestAccuracy(w, network) : null,
      input: [...(network.layers.find((l) => l.inputs.length === 0)?.shape ?? [])], preprocessing: prepared ? 'values from 0 to 1, brought to its own range inside' : 'values from 0 to 1',
      licence, description, parameters: network.parameters, size: [...weights.values()].reduce((a, t) => a + t.data.byteLength, 0),
    });
    w.log('info', `Kept ${name} in My models`);
    return listModels(w.options.appDir);
  },
  'models.rename': async (w, { id, name }) => {
    await renameModel(w.options.appDir, id, name);
    return listModels(w.options.appDir);
  },
  'models.delete': async (w, { id }) => {
    await deleteModel(w.options.appDir, id);
    return listModels(w.options.appDir);
  },
  'models.open': async (w, { id }) => {
    // A run that ends would put its weights in place of these.
    if (w.host.training) throw problem('training.busy', { label: 'My models' }, {});
    const { project, model } = await openModel(w.options.appDir, id);
    await projectHandlers['project.new'](w, {});
    w.weights = project.weights;
    const { document, training, data } = project;
    return { document: { ...document, origin: `models:${id}` }, training, data, model };
  },
};
