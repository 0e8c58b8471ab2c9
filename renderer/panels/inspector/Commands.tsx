/** Commands on what is selected, as small buttons: the same rows as menus and keys. */
import { Tooltip } from '@mantine/core';
import { IconArrowsJoin, IconCopy, IconEyeOff, IconTrash } from '@tabler/icons-react';
import { findAction, keyLabel } from '../../actions/actions.ts';

const commands = [{ id: 'bypass', icon: IconEyeOff }, { id: 'duplicate', icon: IconCopy }, { id: 'delete-reconnect', icon: IconArrowsJoin }, { id: 'delete', icon: IconTrash }] as const;

export function Commands({ bypassed }: { bypassed: boolean }) {
  return (
    <div style={{ display: 'flex', gap: 2 }} role="group" aria-label="Commands">
      {commands.map(({ id, icon: Icon }) => {
        const action = findAction(id);
        return action && <Tooltip key={id} label={`${action.label} (${keyLabel(action.keys[0] ?? '')})`}><button className="icon-button" aria-label={action.label} aria-pressed={id === 'bypass' ? bypassed : undefined} onClick={action.run}><Icon size={15} stroke={1.6} /></button></Tooltip>;
      })}
    </div>
  );
}
