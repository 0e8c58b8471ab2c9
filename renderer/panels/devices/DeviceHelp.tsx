/** What would bring a device, or more of it: the reason, and the commands one by one. */
import { ActionIcon, Button, CopyButton, Modal } from '@mantine/core';
import { IconAlertTriangle, IconCheck, IconCircleCheck, IconCopy } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import type { Device } from '../../../shared/protocol/values.ts';
import { lookForDevices, showError } from '../../state/engine.ts';
import { focusDevices } from '../../ui/focus.ts';
import { trainOn, useSession } from '../../state/session.ts';

type Looked = 'idle' | 'looking' | 'same';

function Command({ does, command }: { readonly does: string; readonly command: string }) {
  return (
    <li>
      <p>{does}</p>
      <div className="command">
        <code className="mono" tabIndex={0}>{command}</code>
        <CopyButton value={command} timeout={1600}>
          {({ copied, copy }) => <ActionIcon variant="subtle" color={copied ? 'green' : 'gray'} aria-label={copied ? 'Copied' : `Copy: ${does}`} title={copied ? 'Copied' : 'Copy'} onClick={copy}>{copied ? <IconCheck size={15} stroke={2} /> : <IconCopy size={15} stroke={1.7} />}</ActionIcon>}
        </CopyButton>
      </div>
    </li>
  );
}

function Help({ device, onClose }: { readonly device: Device; readonly onClose: () => void }) {
  const { id, name, available, detail, commands = [] } = device;
  const [looked, setLooked] = useState<Looked>('idle');
  useEffect(() => setLooked('idle'), [detail]);
  // It stays enabled while it looks: a disabled button would lose the keyboard's place.
  const look = () => {
    if (looked === 'looking') return;
    setLooked('looking');
    lookForDevices().then((devices) => {
      setLooked(devices.find((d) => d.id === id)?.detail === detail ? 'same' : 'idle');
    }, (e: unknown) => {
      setLooked('idle');
      showError(e);
    });
  };
  const use = () => {
    trainOn(id);
    onClose();
  };
  return (
    <div className="device-help">
      <p className="state" data-available={available} role="status">{available ? <IconCircleCheck size={18} stroke={1.8} aria-hidden /> : <IconAlertTriangle size={18} stroke={1.8} aria-hidden />}<span>{detail}</span></p>
      {commands.length > 0 && (
        <>
          <p className="dim">{commands.length === 1 ? 'Run this in a terminal' : 'Run these in a terminal, one after another'}, then look again.</p>
          <ol>{commands.map((c) => <Command key={c.command} {...c} />)}</ol>
        </>
      )}
      <footer>
        <span className="dim grow" aria-live="polite">{looked === 'same' ? 'Nothing has changed yet.' : ''}</span>
        {available && <Button variant={commands.length > 0 ? 'default' : 'filled'} onClick={use}>Train on {name}</Button>}
        <Button variant={available ? 'default' : 'filled'} miw={104} aria-busy={looked === 'looking'} onClick={look}>{looked === 'looking' ? 'Looking …' : 'Look again'}</Button>
        <Button variant="default" onClick={onClose}>Close</Button>
      </footer>
    </div>
  );
}

/** `id`: of the device that is asked about; null: closed. */
export function DeviceHelp({ id, onClose }: { readonly id: string | null; readonly onClose: () => void }) {
  const device = useSession((s) => s.devices.find((d) => d.id === id));
  return <Modal opened={device !== undefined} onClose={onClose} returnFocus={false} onExitTransitionEnd={focusDevices} title={device ? `Set up ${device.name}` : ''} size="min(620px, 94vw)">{device && <Help device={device} onClose={onClose} />}</Modal>;
}
