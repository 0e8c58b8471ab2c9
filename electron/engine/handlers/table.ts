/** Every method's handler; a forgotten one does not compile. */
import type { Method } from '../../../shared/protocol/requests.ts';
import { analysisHandlers } from './analysis.ts';
import { blocksHandlers } from './blocks.ts';
import { dataHandlers } from './data.ts';
import { exportHandlers } from './export.ts';
import { featuresHandlers } from './features.ts';
import type { Handler } from './handler.ts';
import { hubHandlers } from './hub.ts';
import { importHandlers } from './import.ts';
import { insightHandlers } from './insight.ts';
import { modelsHandlers } from './models.ts';
import { projectHandlers } from './project.ts';
import { raceHandlers } from './race.ts';
import { runsHandlers } from './runs.ts';
import { systemHandlers } from './system.ts';
import { trainingHandlers } from './training.ts';

export const handlers: { readonly [M in Method]: Handler<M> } = {
  ...systemHandlers, ...dataHandlers, ...projectHandlers, ...blocksHandlers, ...trainingHandlers, ...featuresHandlers, ...runsHandlers, ...insightHandlers, ...analysisHandlers, ...exportHandlers, ...modelsHandlers, ...importHandlers, ...hubHandlers, ...raceHandlers,
};
