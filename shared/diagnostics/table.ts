/** The whole table of diagnostics; one file per domain. */
import { dataDiagnostics } from './data.ts';
import { engineDiagnostics } from './engine.ts';
import { exportDiagnostics } from './export.ts';
import { finetuneDiagnostics } from './finetune.ts';
import { graphDiagnostics } from './graph.ts';
import { hubDiagnostics } from './hub.ts';
import { onnxDiagnostics } from './onnx.ts';
import { projectDiagnostics } from './project.ts';
import { requestDiagnostics } from './request.ts';
import { shapeDiagnostics } from './shape.ts';
import { tensorflowDiagnostics } from './tensorflow.ts';
import { trainingDiagnostics } from './training.ts';

export const table = {
  ...shapeDiagnostics,
  ...graphDiagnostics,
  ...onnxDiagnostics,
  ...exportDiagnostics,
  ...dataDiagnostics,
  ...projectDiagnostics,
  ...trainingDiagnostics,
  ...tensorflowDiagnostics,
  ...finetuneDiagnostics,
  ...hubDiagnostics,
  ...engineDiagnostics,
  ...requestDiagnostics,
};
