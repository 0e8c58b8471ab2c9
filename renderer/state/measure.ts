/** Measuring the milliseconds of each layer, and taking it back. */
import { setMeasured, useAnalysisState } from './analysis.ts';
import { currentDocument, useDocument } from './document.ts';
import { bridge } from './engine.ts';
import { useSession } from './session.ts';

/** Times one training step at the batch size of the analysis. An answer that comes after an edit is of the net it was asked for. */
export async function measureLayers(): Promise<void> {
  if (useAnalysisState.getState().measuring) return;
  const { config } = useSession.getState();
  const { network } = useDocument.getState().compiled;
  useAnalysisState.setState({ measuring: true });
  try {
    const timings = await bridge.request('analysis.measure', { document: currentDocument(), config: { ...config, batchSize: useAnalysisState.getState().batch ?? config.batchSize } });
    if (timings) setMeasured(timings, network);
  } finally {
    useAnalysisState.setState({ measuring: false });
  }
}

export const cancelMeasuring = async (): Promise<void> => void (await bridge.request('analysis.cancel', {}));
