/** The device that trains, in the top bar; its menu chooses another and says why one is not there. */
import { Button, Menu } from '@mantine/core';
import { IconAlertTriangle, IconTool } from '@tabler/icons-react';
import { useState } from 'react';
import { meantDevice, refusals } from '../../../shared/analysis/refusals.ts';
import type { Network } from '../../../shared/compile/network.ts';
import { render } from '../../../shared/diagnostics/diagnostic.ts';
import type { Device } from '../../../shared/protocol/values.ts';
import type { TrainingConfig } from '../../../shared/training/config.ts';
import { deviceName } from '../../../shared/util/device-names.ts';
import { useDocument } from '../../state/document.ts';
import { lookForDevices } from '../../state/engine.ts';
import { isTraining, trainOn, useSession } from '../../state/session.ts';
import { useTold } from '../../state/told.ts';
import { useUi } from '../../state/ui.ts';
import { RaceItem } from '../race/RaceItem.tsx';
import { DeviceHelp } from './DeviceHelp.tsx';
import { DEVICE_CHIP } from '../../ui/focus.ts';
import './devices.css';

/** "CPU · AMD Ryzen", "TensorFlow". */
const chipText = ({ id, name }: Device): string => (id === name.toLowerCase() ? name : `${id.toUpperCase()} · ${name}`);

/** What the chip says: of a device that is wanted and not there, so. */
function chipWords(device: Device | undefined, devices: readonly Device[], wanted: string): string {
  if (devices.length === 0) return 'Looking for devices';
  return device?.available ? chipText(device) : `${device?.name ?? deviceName(wanted)} is not available`;
}

/** What a device does not train of the net that is open, in short; null where it trains it. */
function refusal(device: Device, network: Network, config: TrainingConfig): string | null {
  const [first, ...more] = device.available ? refusals(network, config, device) : [];
  if (!first) return null;
  const { where, what } = render(first);
  return `${where}: ${what}${more.length > 0 ? `, and ${more.length} more` : ''}.`;
}

function AutomaticItem({ chosen }: { readonly chosen: boolean }) {
  const devices = useSession((s) => s.devices);
  const precision = useSession((s) => s.config.precision);
  const network = useDocument((s) => s.compiled.network);
  const first = meantDevice(devices, network, { device: 'auto', precision });
  const none = first && refusals(network, { precision }, first).length > 0;
  return <Menu.Item className="device-item" fz="sm" onClick={() => trainOn('auto')} rightSection={chosen ? '✓' : ''}>Automatic<div className="dim">The first of these that is available and trains the net{none ? '; now none does' : first ? `: ${first.name}` : ''}.</div></Menu.Item>;
}

interface DeviceItemProps { readonly device: Device; readonly chosen: boolean; readonly onHelp: (id: string) => void }

function DeviceItem({ device, chosen, onHelp }: DeviceItemProps) {
  const { id, name, available, detail, commands } = device;
  const network = useDocument((s) => s.compiled.network);
  const refused = refusal(device, network, useSession((s) => s.config));
  const help = <Menu.Item className="device-help-item" fz="sm" leftSection={<IconTool size={15} stroke={1.7} aria-hidden />} onClick={() => onHelp(id)}>{available ? `Set up a graphics card for ${name} …` : `Set up ${name} …`}</Menu.Item>;
  return (
    <>
      <Menu.Item className="device-item" fz="sm" disabled={!available} onClick={() => trainOn(id)} rightSection={chosen ? '✓' : ''}>
        {name}{!available && <span className="device-absent">not available</span>}
        <div className="dim">{detail}</div>
        {refused !== null && <div className="device-refusal"><IconAlertTriangle size={13} stroke={1.8} aria-hidden /><span>{refused}</span></div>}
      </Menu.Item>
      {commands && help}
    </>
  );
}

export function DeviceChip() {
  const devices = useSession((s) => s.devices);
  const wanted = useSession((s) => s.config.device);
  const connected = useUi((s) => s.connected);
  const progress = useSession((s) => s.progress);
  const [helped, setHelped] = useState<string | null>(null);
  const { device, refused } = useTold();
  const colour = !connected || !device?.available ? 'var(--error)' : refused.length > 0 ? 'var(--warning)' : 'var(--ok)';
  return (
    <>
      <Menu position="bottom-end" width={360} onOpen={() => void lookForDevices().catch(() => undefined)}>
        <Menu.Target>
          <Button variant="default" size="xs" radius={16} className={DEVICE_CHIP} aria-label="Device" style={{ maxWidth: 220 }}>
            <span style={{ width: 7, height: 7, borderRadius: 4, background: colour, marginRight: 7, flex: 'none' }} />
            <span style={{ overflow: 'hidden', textOverflow: 'ellipsis' }}>{connected ? chipWords(device, devices, wanted) : 'Connecting …'}</span>
          </Button>
        </Menu.Target>
        <Menu.Dropdown className="device-menu">
          <Menu.Label>{progress && isTraining(progress) ? `This run stays on ${deviceName(progress.device)}. Train the next one on` : 'Train on'}</Menu.Label>
          <AutomaticItem chosen={wanted === 'auto'} />
          {devices.map((d) => <DeviceItem key={d.id} device={d} chosen={wanted === d.id} onHelp={setHelped} />)}
          <RaceItem />
        </Menu.Dropdown>
      </Menu>
      <DeviceHelp id={helped} onClose={() => setHelped(null)} />
    </>
  );
}
