/** Mark, project and its state, the five places, device, search, train. */
import { Button, Menu, SegmentedControl, TextInput } from '@mantine/core';
import { spotlight } from '@mantine/spotlight';
import { actions, findAction, keyLabel, trainOrPause } from '../actions/actions.ts';
import { DeviceChip } from '../panels/devices/DeviceChip.tsx';
import { edit, useDocument } from '../state/document.ts';
import { attempt, stopTraining } from '../state/engine.ts';
import { isTraining, useSession } from '../state/session.ts';
import { useTold, whyNoRun } from '../state/told.ts';
import { setUi, useUi, type Place } from '../state/ui.ts';

const places: readonly { value: Place; label: string }[] = [{ value: 'design', label: 'Design' }, { value: 'data', label: 'Data' }, { value: 'insight', label: 'Insight' }, { value: 'evaluate', label: 'Evaluate' }, { value: 'runs', label: 'Runs' }];

function MainMenu() {
  return (
    <Menu position="bottom-start" width={370} shadow="md">
      <Menu.Target><button className="tab" aria-label="Menu" style={{ padding: 4, display: 'flex' }}><img src="./icon.svg" width={22} height={22} alt="" /></button></Menu.Target>
      <Menu.Dropdown className="main-menu">
        {(['Project', 'Edit', 'View'] as const).map((group, i) => [
          i > 0 && <Menu.Divider key={`${group} line`} />,
          ...actions.filter((a) => a.group === group && (group !== 'View' || a.keys.length > 0) && !(group === 'Edit' && !['undo', 'redo', 'select-all', 'group', 'ungroup', 'enter'].includes(a.id))).map((a) => (
            <Menu.Item key={a.id} fz="sm" py={5} disabled={!a.enabled()} rightSection={<span className="mono dim">{a.keys[0] ? keyLabel(a.keys[0]) : ''}</span>} onClick={a.run}>{a.label}</Menu.Item>
          )),
        ])}
      </Menu.Dropdown>
    </Menu>
  );
}

function TrainButton() {
  const progress = useSession((s) => s.progress);
  const idle = whyNoRun(useTold());
  const connected = useUi((s) => s.connected);
  const state = progress?.state;
  const label = state === 'running' ? 'Pause' : state === 'paused' ? 'Resume' : state === 'stopping' ? 'Stopping' : state === 'preparing' ? 'Preparing' : 'Train';
  const action = findAction(isTraining(progress) ? 'pause' : 'train');
  return (
    <span style={{ display: 'flex', gap: 6, flex: 'none' }}>
      <Button variant={label === 'Train' ? 'filled' : 'default'} disabled={!connected || state === 'stopping' || state === 'preparing' || (idle !== null && label === 'Train')} title={idle ?? keyLabel(action?.keys[0] ?? '')} onClick={trainOrPause}>{label === 'Pause' ? '❚❚ ' : label === 'Train' || label === 'Resume' ? '▶ ' : ''}{label}</Button>
      {isTraining(progress) && <Button variant="default" disabled={state === 'stopping'} onClick={() => attempt(stopTraining)}>■ Stop</Button>}
    </span>
  );
}

export function TopBar() {
  const place = useUi((s) => s.place);
  const document_ = useDocument((s) => s.history.document);
  const saved = useDocument((s) => s.saved);
  const path = useSession((s) => s.projectPath);
  return (
    <header className="topbar">
      <MainMenu />
      <TextInput variant="unstyled" size="xs" aria-label="Project name" value={document_.name} onChange={(e) => edit({ kind: 'set-document', change: { name: e.currentTarget.value } }, 'Rename the project', 'project name')} w={`${Math.min(24, Math.max(6, document_.name.length + 1))}ch`} styles={{ input: { fontWeight: 600, fontSize: 13 } }} />
      <span className="dim wide-only" style={{ whiteSpace: 'nowrap' }}>{path === null ? 'not saved yet' : saved === document_ ? 'saved' : 'edited'}</span>
      <span className="grow" />
      <SegmentedControl size="xs" aria-label="Place" value={place} data={[...places]} onChange={(v) => setUi({ place: v as Place })} />
      <span className="grow" />
      <DeviceChip />
      <Button variant="default" className="wide-only" onClick={spotlight.open} aria-label="Search commands">Search <kbd className="mono dim" style={{ marginLeft: 8 }}>{keyLabel('Mod+K')}</kbd></Button>
      <TrainButton />
    </header>
  );
}
