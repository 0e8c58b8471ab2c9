/** Why the next run would not start on the device that is meant, and what goes round it by a click. */
import { Button } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { render } from '../../../shared/diagnostics/diagnostic.ts';
import { useTold } from '../../state/told.ts';
import { wayRoundOf } from '../../state/way-round.ts';
import './refused.css';

/** Nothing where the device trains the net as it is configured. */
export function Refused() {
  const { refused } = useTold();
  const [first] = refused;
  if (!first) return null;
  const round = wayRoundOf(first);
  const { where, what, sentence } = render(first);
  return (
    <div className="refused" role="status">
      <IconAlertTriangle size={16} stroke={1.8} aria-hidden />
      <span>{round ? `${where}: ${what}.` : sentence}{refused.length > 1 && <span className="dim"> And {refused.length - 1} more under Problems.</span>}</span>
      {round && <Button variant="default" size="compact-sm" onClick={round.take}>{round.label}</Button>}
    </div>
  );
}
