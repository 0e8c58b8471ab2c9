/** The device that trains, in the top bar; its menu chooses another and says why one is not there. */
import { Button, Menu } from '@mantine/core';
import { IconTool } from '@tabler/icons-react';
import { useState } from 'react';
import type { Device } from '../../../shared/protocol/values.ts';
import { chosenDevice, trainOn, useSession } from '../../state/session.ts';
import { useUi } from '../../state/ui.ts';
import { RaceItem } from '../race/RaceItem.tsx';
import { DeviceHelp } from './DeviceHelp.tsx';
import './devices.css';

/** "CPU · AMD Ryzen", "TensorFlow". */
const chipText = ({ id, name }: Device): string => (id === name.toLowerCase() ? name : `${id.toUpperCase()} · ${name}`);

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
  const [helped, setHelped] = useState<string | null>(null);
  const device = chosenDevice(devices, wanted);
  const colour = connected && device?.available ? 'var(--ok)' : 'var(--error)';
  return (
    <>
      <Menu position="bottom-end" width={360}>
        <Menu.Target>
          <Button variant="default" size="xs" radius={16} aria-label="Device" style={{ maxWidth: 220 }}>
            <span style={{ width: 7, height: 7, borderRadius: 4, background: colour, marginRight: 7, flex: 'none' }} />
            <span style={{ overflow: 'hidden', textOverflow: 'ellipsis' }}>{!connected ? 'Connecting …' : device ? chipText(device) : 'Looking for devices'}</span>
          </Button>
        </Menu.Target>
        <Menu.Dropdown className="device-menu">
          <Menu.Label>Train on</Menu.Label>
          <Menu.Item className="device-item" fz={12.5} onClick={() => trainOn('auto')} rightSection={wanted === 'auto' ? '✓' : ''}>Automatic<div className="dim">The first available of the list.</div></Menu.Item>
          {devices.map((d) => <DeviceItem key={d.id} device={d} chosen={wanted === d.id} onHelp={setHelped} />)}
          <RaceItem />
        </Menu.Dropdown>
      </Menu>
      <DeviceHelp id={helped} onClose={() => setHelped(null)} />
    </>
  );
}
