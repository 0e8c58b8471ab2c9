/** The way to the race in the device menu. */
import { Menu } from '@mantine/core';
import { IconStopwatch } from '@tabler/icons-react';
import { useDocument } from '../../state/document.ts';
import { openRace, whyNoRace } from '../../state/race.ts';
import { useSession } from '../../state/session.ts';
import { useUi } from '../../state/ui.ts';

export function RaceItem() {
  // What the reason depends on.
  useUi((s) => s.connected);
  useSession((s) => s.progress?.state);
  useSession((s) => s.devices.length);
  useDocument((s) => s.compiled);
  const why = whyNoRace();
  return (
    <>
      <Menu.Divider />
      <Menu.Item className="device-item" fz="sm" disabled={why !== null} leftSection={<IconStopwatch size={15} stroke={1.7} />} onClick={openRace}>Which is fastest here?<div className="dim">{why ?? 'Trains this net for two seconds on each.'}</div></Menu.Item>
    </>
  );
}
