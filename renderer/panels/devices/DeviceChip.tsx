/** The device that trains, in the top bar; its menu chooses another and says why one is not there. */
import { Button, Menu } from '@mantine/core';
import { IconTool } from '@tabler/icons-react';
import { useState } from 'react';
import type { Device } from '../../../shared/protocol/values.ts';
import { deviceName } from '../../../shared/util/device-names.ts';
import { chosenDevice, isTraining, trainOn, useSession } from '../../state/session.ts';
import { useUi } from '../../state/ui.ts';
import { RaceItem } from '../race/RaceItem.tsx';
import { DeviceHelp } from './DeviceHelp.tsx';
import { DEVICE_CHIP } from '../../ui/focus.ts';
import './devices.css';

/** "CPU · AMD Ryzen", "TensorFlow". */
const chipText = ({ id, name }: Device): string => (id === name.toLowerCase() ? name : `${id.toUpperCase()} · ${name}`);

/** What the chip says: of a device that is wanted and not there, so. */
function chipWords(devices: readonly Device[], wanted: string): string {
  const device = chosenDevice(devices, wanted);
  if (devices.length === 0) return 'Looking for devices';
  return device?.available ? chipText(device) : `${device?.name ?? deviceName(wanted)} is not available`;
}

interface DeviceItemProps { readonly device: Device; readonly chosen: boolean; readonly onHelp: (id: string) => void }

function DeviceItem({ device, chosen, onHelp }: DeviceItemProps) {
  const { id, name, available, detail, commands } = device;
  const help = <Menu.Item className="device-help-item" fz={12.5} leftSection={<IconTool size={15} stroke={1.7} aria-hidden />} onClick={() => onHelp(id)}>{available ? `Set up a graphics card for ${name} …` : `Set up ${name} …`}</Menu.Item>;
  return (
    <>
      <Menu.Item className="device-item" fz={12.5} disabled={!available} onClick={() => trainOn(id)} rightSection={chosen ? '✓' : ''}>
        {name}{!available && <span className="device-absent">not available</span>}
        <div className="dim">{detail}</div>
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
  const device = chosenDevice(devices, wanted);
  const colour = connected && device?.available ? 'var(--ok)' : 'var(--error)';
  const first = chosenDevice(devices, 'auto');
  return (
    <>
      <Menu position="bottom-end" width={360}>
        <Menu.Target>
          <Button variant="default" size="xs" radius={16} className={DEVICE_CHIP} aria-label="Device" style={{ maxWidth: 220 }}>
            <span style={{ width: 7, height: 7, borderRadius: 4, background: colour, marginRight: 7, flex: 'none' }} />
            <span style={{ overflow: 'hidden', textOverflow: 'ellipsis' }}>{connected ? chipWords(devices, wanted) : 'Connecting …'}</span>
          </Button>
        </Menu.Target>
        <Menu.Dropdown className="device-menu">
          <Menu.Label>{progress && isTraining(progress) ? `This run stays on ${deviceName(progress.device)}. Train the next one on` : 'Train on'}</Menu.Label>
          <Menu.Item className="device-item" fz={12.5} onClick={() => trainOn('auto')} rightSection={wanted === 'auto' ? '✓' : ''}>Automatic<div className="dim">The first of these that is available{first ? `: ${first.name}` : ''}.</div></Menu.Item>
          {devices.map((d) => <DeviceItem key={d.id} device={d} chosen={wanted === d.id} onHelp={setHelped} />)}
          <RaceItem />
        </Menu.Dropdown>
      </Menu>
      <DeviceHelp id={helped} onClose={() => setHelped(null)} />
    </>
  );
}
