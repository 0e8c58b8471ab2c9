/** Every command is one row: menus, command palette, shortcuts and tests read this table. */
import { spotlight } from '@mantine/spotlight';
import { heatKinds } from '../../shared/analysis/heat.ts';
import { pretrained } from '../../shared/compile/head.ts';
import { canvas } from '../canvas/view.ts';
import { heatWords } from '../panels/analysis/heat-words.ts';
import { showHeat, toggleHeat } from '../state/analysis.ts';
import { attempt, pauseTraining, resumeTraining, saveProject, startTraining, stepTraining, stopTraining } from '../state/engine.ts';
import { currentDocument, redoEdit, select, showGraph, undoEdit, useDocument } from '../state/document.ts';
import { showExport } from '../state/exporting.ts';
import { openFineTune } from '../state/finetune.ts';
import { arrangeShown } from '../state/layout.ts';
import { measureLayers } from '../state/measure.ts';
import { chooseImport, hasImportReport, showImportReport } from '../state/importing.ts';
import { openRace, useRace, whyNoRace } from '../state/race.ts';
import { isTraining, useSession } from '../state/session.ts';
import { NARROW, setUi, useUi, type Place } from '../state/ui.ts';
import { focusLayerSearch } from '../ui/focus.ts';
import { saveSelectedBlocks } from './blocks.ts';
import { copySelection, cutSelection, pasteClipboard } from './clipboard.ts';
import { freezeBefore, hasFrozen, toggleFrozen, unfreezeAll } from './freezing.ts';
import { enterGroup, groupSelection, hasGroups, mayEnter, selectedGroups, ungroupAll, ungroupSelection } from './groups.ts';
import { duplicateSelection, joinSelection, removeSelection, removeSelectionAndReconnect, selectAll, selectJoined, toggleFlag } from './edits.ts';

export interface Action {
  readonly id: string;
  readonly label: string;
  /** "Mod" is Ctrl, or Cmd on a Mac. Several bindings may do the same. */
  readonly keys: readonly string[];
  /** The keys are the browser's own: its event does the work, not the key. */
  readonly native?: boolean;
  readonly group: 'Project' | 'Edit' | 'View' | 'Train';
  readonly enabled: () => boolean;
  readonly run: () => void;
}

const always = () => true;
const hasSelection = () => useDocument.getState().nodes.size + useDocument.getState().wires.size > 0;
const hasLayers = () => useDocument.getState().nodes.size > 0;
const designing = () => useUi.getState().place === 'design';
const training = () => isTraining(useSession.getState().progress);
/** Whatever computes beside a race would be timed too. */
const idle = () => !training() && !useRace.getState().running;
const paused = () => useSession.getState().progress?.state === 'paused';
const state = () => useSession.getState().progress?.state;
const goTo = (place: Place) => () => setUi({ place });

export function saveOrAsk(): void {
  const { projectPath } = useSession.getState();
  if (projectPath === null) setUi({ dialog: 'save' });
  else attempt(() => saveProject(projectPath));
}

/** Wide windows have it beside the canvas, narrow ones above it. */
function toggleInspector(): void {
  const { inspectorShown, inspectorOpen } = useUi.getState();
  setUi(matchMedia(NARROW).matches ? { inspectorOpen: !inspectorOpen } : { inspectorShown: !inspectorShown });
}

/** Escape goes one step out: first from the selection, then from the group that is shown. */
function deselectOrLeave(): void {
  const { path } = useDocument.getState();
  if (hasSelection()) select([]);
  else showGraph(path.slice(0, -1));
}

/** Train, pause or resume: whatever the button means now. */
export function trainOrPause(): void {
  if (state() === 'running') attempt(pauseTraining);
  else if (state() === 'paused') attempt(resumeTraining);
  else if (!training()) attempt(() => startTraining(pretrained(currentDocument()) ? 'current' : 'fresh'));
}

export const actions: readonly Action[] = [
  { id: 'new', label: 'New project', keys: ['Mod+Alt+N'], group: 'Project', enabled: () => !training(), run: () => setUi({ dialog: 'new' }) },
  { id: 'open', label: 'Open project', keys: ['Mod+O'], group: 'Project', enabled: () => !training(), run: () => setUi({ dialog: 'open' }) },
  { id: 'hub', label: 'Pretrained nets …', keys: ['Mod+Alt+P'], group: 'Project', enabled: () => !training(), run: () => setUi({ dialog: 'hub' }) },
  { id: 'import', label: 'Import ONNX', keys: ['Mod+Alt+O'], group: 'Project', enabled: () => !training(), run: chooseImport },
  { id: 'import-report', label: 'Import report', keys: [], group: 'Project', enabled: hasImportReport, run: showImportReport },
  { id: 'save', label: 'Save', keys: ['Mod+S'], group: 'Project', enabled: always, run: saveOrAsk },
  { id: 'save-as', label: 'Save as', keys: ['Mod+Shift+S'], group: 'Project', enabled: always, run: () => setUi({ dialog: 'save' }) },
  { id: 'export', label: 'Export as ONNX', keys: ['Mod+E'], group: 'Project', enabled: always, run: () => showExport('net') },
  { id: 'export-training', label: 'Export the training step', keys: [], group: 'Project', enabled: always, run: () => showExport('training') },
  { id: 'keep-model', label: 'Keep in My models', keys: [], group: 'Project', enabled: always, run: () => showExport('model') },
  { id: 'undo', label: 'Undo', keys: ['Mod+Z'], group: 'Edit', enabled: () => useDocument.getState().history.past.length > 0, run: undoEdit },
  { id: 'redo', label: 'Redo', keys: ['Mod+Y', 'Mod+Shift+Z'], group: 'Edit', enabled: () => useDocument.getState().history.future.length > 0, run: redoEdit },
  { id: 'cut', label: 'Cut', keys: ['Mod+X'], native: true, group: 'Edit', enabled: hasSelection, run: () => attempt(cutSelection) },
  { id: 'copy', label: 'Copy', keys: ['Mod+C'], native: true, group: 'Edit', enabled: hasSelection, run: () => attempt(copySelection) },
  { id: 'paste', label: 'Paste', keys: ['Mod+V'], native: true, group: 'Edit', enabled: always, run: () => attempt(pasteClipboard) },
  { id: 'duplicate', label: 'Duplicate', keys: ['Mod+D', 'Shift+D'], group: 'Edit', enabled: hasSelection, run: duplicateSelection },
  { id: 'delete', label: 'Delete', keys: ['Delete', 'Backspace'], group: 'Edit', enabled: hasSelection, run: removeSelection },
  { id: 'delete-reconnect', label: 'Delete and reconnect', keys: ['Mod+Delete'], group: 'Edit', enabled: hasSelection, run: removeSelectionAndReconnect },
  { id: 'select-all', label: 'Select all', keys: ['Mod+A'], group: 'Edit', enabled: always, run: selectAll },
  { id: 'select-joined', label: 'Select what leads here and what follows', keys: ['Mod+L'], group: 'Edit', enabled: hasLayers, run: selectJoined },
  { id: 'freeze', label: 'Freeze or unfreeze weights', keys: ['L', 'F'], group: 'Edit', enabled: hasSelection, run: toggleFrozen },
  { id: 'freeze-before', label: 'Freeze everything before this', keys: ['Shift+L'], group: 'Edit', enabled: hasLayers, run: freezeBefore },
  { id: 'unfreeze-all', label: 'Unfreeze everything', keys: ['Alt+L'], group: 'Edit', enabled: hasFrozen, run: unfreezeAll },
  { id: 'bypass', label: 'Bypass', keys: ['M'], group: 'Edit', enabled: hasSelection, run: () => toggleFlag('bypassed', 'Bypass') },
  { id: 'add', label: 'Add a layer', keys: ['Shift+A'], group: 'Edit', enabled: designing, run: () => canvas.quickAdd() },
  { id: 'join', label: 'Connect the selected layers', keys: ['J'], group: 'Edit', enabled: () => useDocument.getState().nodes.size > 1, run: joinSelection },
  { id: 'group', label: 'Group', keys: ['Mod+G'], group: 'Edit', enabled: () => designing() && hasLayers(), run: groupSelection },
  { id: 'ungroup', label: 'Ungroup', keys: ['Mod+Shift+G'], group: 'Edit', enabled: () => designing() && selectedGroups().length > 0, run: ungroupSelection },
  { id: 'ungroup-all', label: 'Ungroup everything, and arrange', keys: [], group: 'Edit', enabled: () => designing() && hasGroups(), run: () => { ungroupAll(); findAction('arrange')?.run(); } },
  { id: 'save-block', label: 'Save to my blocks', keys: [], group: 'Edit', enabled: () => selectedGroups().length > 0, run: saveSelectedBlocks },
  { id: 'enter', label: 'Open the group', keys: ['Enter'], group: 'Edit', enabled: () => designing() && mayEnter(), run: enterGroup },
  { id: 'deselect', label: 'Step out', keys: ['Escape', 'Mod+Shift+A'], group: 'Edit', enabled: () => designing() && (hasSelection() || useDocument.getState().path.length > 0), run: deselectOrLeave },
  { id: 'arrange', label: 'Arrange', keys: ['Mod+Shift+L'], group: 'View', enabled: always, run: () => { canvas.animate(); attempt(async () => { if (await arrangeShown()) canvas.fit(); }); } },
  { id: 'find', label: 'Find a layer of the network', keys: ['Mod+F'], group: 'View', enabled: designing, run: () => spotlight.open() },
  { id: 'find-type', label: 'Find a layer to add', keys: ['/'], group: 'View', enabled: designing, run: () => { setUi({ paletteOpen: true }); focusLayerSearch(); } },
  { id: 'frame', label: 'Frame the selection', keys: ['.', 'Z'], group: 'View', enabled: hasLayers, run: () => canvas.frame() },
  { id: 'fit', label: 'Fit everything', keys: ['Shift+1'], group: 'View', enabled: always, run: () => canvas.fit() },
  { id: 'zoom-100', label: 'Zoom to 100 %', keys: ['Mod+0'], group: 'View', enabled: always, run: () => canvas.actualSize() },
  { id: 'palette', label: 'Show or hide the palette', keys: ['Mod+B'], group: 'View', enabled: always, run: () => setUi({ paletteOpen: !useUi.getState().paletteOpen }) },
  { id: 'dock', label: 'Show or hide the dock', keys: ['Mod+J'], group: 'View', enabled: always, run: () => setUi({ dockOpen: !useUi.getState().dockOpen }) },
  { id: 'inspector', label: 'Show or hide the inspector', keys: ['Mod+I'], group: 'View', enabled: always, run: toggleInspector },
  { id: 'minimap', label: 'Show or hide the overview', keys: ['Alt+M'], group: 'View', enabled: designing, run: () => setUi({ minimap: !canvas.hasOverview() }) },
  { id: 'analysis', label: 'Show the analysis', keys: ['Alt+A'], group: 'View', enabled: always, run: () => setUi({ place: 'design', dock: 'analysis' }) },
  { id: 'heat', label: 'Colour layers by cost, or by kind again', keys: ['H'], group: 'View', enabled: designing, run: toggleHeat },
  ...heatKinds.map((kind): Action => ({ id: `heat-${kind}`, label: `Colour layers by ${heatWords[kind].label.toLowerCase()}`, keys: [], group: 'View', enabled: designing, run: () => showHeat(kind) })),
  { id: 'measure', label: 'Measure the time of each layer', keys: [], group: 'View', enabled: idle, run: () => { setUi({ place: 'design', dock: 'analysis' }); attempt(measureLayers); } },
  { id: 'design', label: 'Go to Design', keys: [], group: 'View', enabled: always, run: goTo('design') },
  { id: 'data', label: 'Go to Data', keys: [], group: 'View', enabled: always, run: goTo('data') },
  { id: 'insight', label: 'Go to Insight', keys: [], group: 'View', enabled: always, run: goTo('insight') },
  { id: 'evaluate', label: 'Go to Evaluate', keys: [], group: 'View', enabled: always, run: goTo('evaluate') },
  { id: 'runs', label: 'Go to Runs', keys: [], group: 'View', enabled: always, run: goTo('runs') },
  { id: 'settings', label: 'Settings', keys: ['Mod+,'], group: 'View', enabled: always, run: () => setUi({ dialog: 'settings' }) },
  { id: 'training-settings', label: 'Training settings', keys: ['Alt+T'], group: 'View', enabled: always, run: () => setUi({ dialog: 'training' }) },
  { id: 'shortcuts', label: 'Keyboard shortcuts', keys: ['?'], group: 'View', enabled: always, run: () => setUi({ dialog: 'shortcuts' }) },
  { id: 'train', label: 'Train', keys: ['Mod+Enter'], group: 'Train', enabled: idle, run: trainOrPause },
  { id: 'race', label: 'Which device is fastest here?', keys: [], group: 'Train', enabled: () => whyNoRace() === null, run: openRace },
  { id: 'replace-head', label: 'Replace the head …', keys: ['Mod+Shift+H'], group: 'Train', enabled: () => !training(), run: openFineTune },
  { id: 'train-on', label: 'Train on from the current weights', keys: [], group: 'Train', enabled: () => idle() && useSession.getState().trained, run: () => attempt(() => startTraining('current')) },
  { id: 'pause', label: 'Pause or resume training', keys: ['Mod+.'], group: 'Train', enabled: training, run: trainOrPause },
  { id: 'step-batch', label: 'Train one batch', keys: ['Mod+Alt+B'], group: 'Train', enabled: paused, run: () => attempt(() => stepTraining('batch')) },
  { id: 'step-epoch', label: 'Train to the end of the epoch', keys: ['Mod+Alt+E'], group: 'Train', enabled: paused, run: () => attempt(() => stepTraining('epoch')) },
  { id: 'stop', label: 'Stop training', keys: ['Mod+Shift+.'], group: 'Train', enabled: training, run: () => attempt(stopTraining) },
];

export const findAction = (id: string): Action | undefined => actions.find((a) => a.id === id);

export const isMac = typeof navigator !== 'undefined' && /mac/i.test(navigator.platform);
/** "Ctrl Shift L", or "⌘ Shift L". */
export const keyLabel = (keys: string): string => keys.replaceAll('Mod', isMac ? '⌘' : 'Ctrl').replaceAll('+', ' ');
