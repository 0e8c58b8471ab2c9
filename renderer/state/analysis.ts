/** The analysis of the net that is shown: batch size, measured times, and what the canvas is coloured by. */
import { create } from 'zustand';
import { analyse, type Analysis, type LayerTimes } from '../../shared/analysis/analyse.ts';
import { heatOf, type HeatKind, type HeatMap } from '../../shared/analysis/heat.ts';
import { trainingMemory, type TrainingMemory } from '../../shared/analysis/memory.ts';
import type { Network } from '../../shared/compile/network.ts';
import type { GraphPath } from '../../shared/graph/document.ts';
import type { LayerTimings } from '../../shared/protocol/values.ts';
import type { TrainingConfig } from '../../shared/training/config.ts';
import { useDocument } from './document.ts';
import { useSession } from './session.ts';

interface Measured { readonly of: string; readonly timings: LayerTimings; readonly times: LayerTimes }

interface AnalysisState {
  /** null: the batch size of the training settings. */
  readonly batch: number | null;
  readonly measured: Measured | null;
  readonly measuring: boolean;
  /** null: the families' own colours. */
  readonly heat: HeatKind | null;
  /** What the key turns on again. */
  readonly lastHeat: HeatKind;
}

export const useAnalysisState = create<AnalysisState>(() => ({ batch: null, measured: null, measuring: false, heat: null, lastHeat: 'parameters' }));

/** Remembers the last answer: many components ask the same. */
function lately<A extends readonly unknown[], T>(compute: (...args: A) => T): (...args: A) => T {
  let last: { readonly args: A; readonly answer: T } | null = null;
  return (...args) => {
    if (!last || args.some((a, i) => a !== last?.args[i])) last = { args, answer: compute(...args) };
    return last.answer;
  };
}

/** What times depend on: a moved or renamed layer takes as long as before. */
const signature = lately((network: Network) => JSON.stringify(network.layers.map((l) => [l.id, l.type, l.params, l.shape, l.bypassed])));

const analysisOf = lately(analyse);
const memoryOf = lately((network: Network, batchSize: number, { optimizer, ema }: TrainingConfig): TrainingMemory => trainingMemory(network, { batchSize, optimizer, ema: ema !== null }));
const heatMapOf = lately((analysis: Analysis, kind: HeatKind, path: GraphPath) => heatOf(analysis, kind, path));

/** The last measurement, where it was of this net. */
const currentOf = (measured: Measured | null, network: Network): Measured | null => (measured?.of === signature(network) ? measured : null);

export function setMeasured(timings: LayerTimings, network: Network): void {
  useAnalysisState.setState({ measured: { of: signature(network), timings, times: new Map(timings.layers.map((l) => [l.layer, l])) } });
}

export const useBatch = (): number => {
  const own = useAnalysisState((s) => s.batch);
  const configured = useSession((s) => s.config.batchSize);
  return own ?? configured;
};

/** The measurement that holds for the net as it is now. */
export function useTimings(): LayerTimings | null {
  const network = useDocument((s) => s.compiled.network);
  const measured = useAnalysisState((s) => s.measured);
  return currentOf(measured, network)?.timings ?? null;
}

export function useAnalysis(): Analysis {
  const network = useDocument((s) => s.compiled.network);
  const measured = useAnalysisState((s) => s.measured);
  return analysisOf(network, useBatch(), currentOf(measured, network)?.times ?? null);
}

/** Memory of one training step at a batch size. */
export function useMemory(batchSize: number): TrainingMemory {
  const network = useDocument((s) => s.compiled.network);
  const config = useSession((s) => s.config);
  return memoryOf(network, batchSize, config);
}

/** Heat of the graph that is shown; null while it is off. */
export function useHeat(): HeatMap | null {
  const kind = useAnalysisState((s) => s.heat);
  const path = useDocument((s) => s.path);
  const network = useDocument((s) => (kind === null ? null : s.compiled.network));
  const measured = useAnalysisState((s) => s.measured);
  const batch = useBatch();
  if (kind === null || network === null) return null;
  return heatMapOf(analysisOf(network, batch, currentOf(measured, network)?.times ?? null), kind, path);
}

export function showHeat(heat: HeatKind | null): void {
  useAnalysisState.setState(heat === null ? { heat } : { heat, lastHeat: heat });
}
export const toggleHeat = (): void => {
  const { heat, lastHeat } = useAnalysisState.getState();
  showHeat(heat === null ? lastHeat : null);
};
