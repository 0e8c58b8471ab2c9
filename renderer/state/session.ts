/** What the engine told: project, data, devices, the run and its curve and maps. */
import { create } from 'zustand';
import type { FeatureState } from '../../shared/protocol/finetune-requests.ts';
import type { CurvePoint, DataRef, Device, Gradients, MapsFrame, Progress } from '../../shared/protocol/values.ts';
import { defaultTrainingConfig, type TrainingConfig } from '../../shared/training/config.ts';
import { setUi } from './ui.ts';

interface SessionState {
  readonly projectPath: string | null;
  readonly savedAt: number | null;
  readonly data: DataRef;
  readonly config: TrainingConfig;
  readonly devices: readonly Device[];
  readonly progress: Progress | null;
  readonly curve: readonly CurvePoint[];
  /** Newest last; as many as a sparkline shows. */
  readonly gradients: readonly Gradients[];
  readonly maps: MapsFrame | null;
  /** Features of frozen layers that the run trains on. */
  readonly features: FeatureState | null;
  readonly probe: number;
  /** The net has weights from a training or a project. */
  readonly trained: boolean;
}

export const useSession = create<SessionState>(() => ({
  projectPath: null, savedAt: null, data: { kind: 'builtin', id: 'digits' }, config: defaultTrainingConfig(), devices: [], progress: null, curve: [], gradients: [], maps: null, features: null, probe: 37, trained: false,
}));

export const setSession = (change: Partial<SessionState>): void => useSession.setState(change);

/** Another net takes the place of the open one: without a folder unless told, and nothing of what was before it is shown. */
export function beginSession(change: Partial<SessionState>): void {
  setUi({ recovered: null });
  setSession({ projectPath: null, savedAt: null, curve: [], gradients: [], progress: null, maps: null, features: null, ...change });
}

const underWay = new Set(['preparing', 'running', 'paused', 'stopping']);
export const isTraining = (p: Progress | null): boolean => p !== null && underWay.has(p.state);

/** The device of the next run; "auto" leaves it to the engine. */
export const trainOn = (device: string): void => setSession({ config: { ...useSession.getState().config, device } });
