/** Above the table: search, groups, batch size, measuring, colours on the canvas, copies. */
import { Button, Menu, NumberInput, TextInput, Tooltip } from '@mantine/core';
import { IconCopy, IconListTree, IconStopwatch, IconX } from '@tabler/icons-react';
import { notifications } from '@mantine/notifications';
import type { Analysis } from '../../../shared/analysis/analyse.ts';
import { toCsv, toMarkdown } from '../../../shared/analysis/text.ts';
import { useAnalysisState } from '../../state/analysis.ts';
import { useDocument } from '../../state/document.ts';
import { whyIdle } from '../../state/lookup.ts';
import { attempt } from '../../state/engine.ts';
import { cancelMeasuring, measureLayers } from '../../state/measure.ts';
import { isTraining, useSession } from '../../state/session.ts';
import { useUi } from '../../state/ui.ts';
import { HeatMenu } from './HeatMenu.tsx';

/** Largest batch that the settings allow. */
const MOST = 65536;

function BatchField() {
  const own = useAnalysisState((s) => s.batch);
  const configured = useSession((s) => s.config.batchSize);
  return (
    <Tooltip label="Samples in one batch: activations and times are for so many. It follows the training settings until you change it here.">
      <NumberInput size="xs" w={96} aria-label="Batch size of the analysis" prefix="Batch " min={1} max={MOST} allowDecimal={false} allowNegative={false} clampBehavior="strict" hideControls value={own ?? configured}
        onChange={(v) => { if (typeof v === 'number' && v >= 1) useAnalysisState.setState({ batch: v === configured ? null : v }); }} />
    </Tooltip>
  );
}

function MeasureButton() {
  const measuring = useAnalysisState((s) => s.measuring);
  const ready = useDocument((s) => (s.compiled.ready && whyIdle(s.compiled) === null) || s.compiled.problems.every((p) => p.diagnostic.code === 'graph.data-shape' || p.diagnostic.code === 'graph.class-count'));
  const training = useSession((s) => isTraining(s.progress));
  const connected = useUi((s) => s.connected);
  if (measuring) return <Button variant="default" size="compact-sm" leftSection={<IconX size={13} />} onClick={() => attempt(cancelMeasuring)}>Cancel measuring</Button>;
  const why = training ? 'A run trains now and would be measured with it. Stop it first.' : !ready ? 'The network has problems, or takes no samples: see the Problems tab.' : 'Runs a few training steps on this computer’s processor and shows how long each layer takes, forward and backward.';
  return <Tooltip label={why}><Button variant="default" size="compact-sm" leftSection={<IconStopwatch size={14} />} data-disabled={training || !ready || !connected} aria-disabled={training || !ready || !connected} onClick={() => { if (!training && ready && connected) attempt(measureLayers); }}>Measure time</Button></Tooltip>;
}

function CopyMenu({ analysis }: { analysis: Analysis }) {
  const copy = (text: string, what: string) => attempt(async () => {
    await navigator.clipboard.writeText(text);
    notifications.show({ message: `The table is on the clipboard as ${what}.`, withBorder: true, autoClose: 2500 });
  });
  return (
    <Menu position="bottom-end" width={170}>
      <Menu.Target><Button variant="default" size="compact-sm" leftSection={<IconCopy size={14} />}>Copy</Button></Menu.Target>
      <Menu.Dropdown>
        <Menu.Item fz="sm" py={5} onClick={() => copy(toMarkdown(analysis), 'Markdown')}>As Markdown</Menu.Item>
        <Menu.Item fz="sm" py={5} onClick={() => copy(toCsv(analysis), 'CSV')}>As CSV</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

interface ToolbarProps { readonly analysis: Analysis; readonly filter: string; readonly found: number; readonly hasGroups: boolean; readonly flat: boolean; readonly allOpen: boolean; onFilter(filter: string): void; onFlat(flat: boolean): void; onOpenAll(open: boolean): void }

export function Toolbar({ analysis, filter, found, hasGroups, flat, allOpen, onFilter, onFlat, onOpenAll }: ToolbarProps) {
  return (
    <div className="analysis-tools" role="toolbar" aria-label="Analysis">
      <TextInput size="xs" w={150} placeholder="Find a layer" aria-label="Find a layer in the table" value={filter} onChange={(e) => onFilter(e.currentTarget.value)} onKeyDown={(e) => { if (e.key === 'Escape') onFilter(''); }} />
      {filter !== '' && <span className="dim" role="status">{found} found</span>}
      {hasGroups && <Tooltip label={flat ? 'Show layers in their groups' : 'Show layers side by side, without their groups'}><button className="icon-button" aria-label="Groups in the table" aria-pressed={!flat} onClick={() => onFlat(!flat)}><IconListTree size={15} /></button></Tooltip>}
      {hasGroups && !flat && <Button variant="subtle" color="gray" size="compact-sm" onClick={() => onOpenAll(!allOpen)}>{allOpen ? 'Close all' : 'Open all'}</Button>}
      <span style={{ flex: 1 }} />
      <BatchField />
      <MeasureButton />
      <HeatMenu />
      <CopyMenu analysis={analysis} />
    </div>
  );
}
