/** What the window shows: place, dock, dialogs, notices. Nothing of it is part of a project. */
import { create } from 'zustand';

/** Windows this narrow have the inspector over the canvas. */
export const NARROW = '(max-width: 1100px)';

export type Place = 'design' | 'data' | 'insight' | 'evaluate' | 'runs';
export type DockTab = 'train' | 'problems' | 'analysis' | 'log';
export type DialogName = 'open' | 'save' | 'export' | 'new' | 'shortcuts' | 'settings' | 'finetune' | 'hub' | 'race' | 'training' | null;

export interface LogLine { readonly time: string; readonly level: 'info' | 'warning' | 'error'; readonly text: string }

interface UiState {
  readonly place: Place;
  readonly dock: DockTab;
  readonly dialog: DialogName;
  readonly paletteOpen: boolean;
  readonly dockOpen: boolean;
  /** Most of the window's height, for tables. */
  readonly dockTall: boolean;
  /** Beside the canvas. */
  readonly inspectorShown: boolean;
  /** Over the canvas, in a window too narrow for it. */
  readonly inspectorOpen: boolean;
  /** null: when the net is large. */
  readonly minimap: boolean | null;
  /** What was found of a window that ended without saving, and the way to do without it. */
  readonly recovered: { readonly name: string; readonly startFresh: () => void } | null;
  readonly connected: boolean;
  readonly log: readonly LogLine[];
  readonly zoom: number;
}

const KEPT = ['paletteOpen', 'dockOpen', 'inspectorShown', 'minimap', 'dock'] as const;
const KEY = 'netloom-view';

/** What the last window had open; nothing where there is no storage or its content is foreign. */
function kept(): Partial<UiState> {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(KEY) ?? '{}');
    const flags = Object.entries(stored as Record<string, unknown>).filter(([k, v]) => (KEPT as readonly string[]).includes(k) && (k === 'dock' ? ['train', 'problems', 'analysis', 'log'].includes(v as string) : typeof v === 'boolean'));
    return Object.fromEntries(flags) as Partial<UiState>;
  } catch {
    return {};
  }
}

export const useUi = create<UiState>(() => ({
  place: 'design', dock: 'train', dialog: null, paletteOpen: true, dockOpen: true, dockTall: false, inspectorShown: true, inspectorOpen: false, minimap: null, recovered: null, connected: false, log: [], zoom: 1, ...kept(),
}));

/** Naming a tab of the dock also opens the dock. */
export function setUi(change: Partial<UiState>): void {
  useUi.setState({ ...(change.dock === undefined ? {} : { dockOpen: true }), ...change });
  if (!KEPT.some((k) => k in change)) return;
  const state = useUi.getState();
  try {
    localStorage.setItem(KEY, JSON.stringify(Object.fromEntries(KEPT.map((k) => [k, state[k]]))));
  } catch {
    // A full or forbidden storage only means that the next window opens as new.
  }
}

export const addLog = (line: LogLine): void => useUi.setState((s) => ({ log: [...s.log.slice(-499), line] }));
