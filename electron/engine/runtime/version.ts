/** Which runtime this is, for what is written down about it. */
import * as ort from 'onnxruntime-node';

/** "onnxruntime-node 1.30.0" */
export const runtimeName = `onnxruntime-node ${ort.env.versions.node ?? ort.env.versions.common}`;
