/** What the window shows: place, dock, dialogs, notices. Nothing of it is part of a project. */
import { create } from 'zustand';

export type Place = 'design' | 'data' | 'insight' | 'evaluate' | 'runs';
export type DockTab = 'train' | 'problems' | 'log';
export type DialogName = 'open' | 'save' | 'export' | 'new' | 'shortcuts' | 'settings' | null;

export interface LogLine { readonly time: string; readonly level: 'info' | 'warning' | 'error'; readonly text: string }

interface UiState {
  readonly place: Place;
  readonly dock: DockTab;
  readonly dialog: DialogName;
  readonly paletteOpen: boolean;
  readonly inspectorOpen: boolean;
  readonly connected: boolean;
  readonly log: readonly LogLine[];
  readonly zoom: number;
}

export const useUi = create<UiState>(() => ({ place: 'design', dock: 'train', dialog: null, paletteOpen: true, inspectorOpen: false, connected: false, log: [], zoom: 1 }));

export const setUi = (change: Partial<UiState>): void => useUi.setState(change);
export const addLog = (line: LogLine): void => useUi.setState((s) => ({ log: [...s.log.slice(-499), line] }));
