/** Whether the weights of what is selected train or keep their values. */
import { SegmentedControl, Tooltip } from '@mantine/core';
import { toggleFrozen } from '../../actions/freezing.ts';

/** `inherited`: a group around is frozen, and all in it with it. */
export function Freeze({ frozen, inherited = false }: { frozen: boolean; inherited?: boolean }) {
  if (inherited) return <div className="field"><span className="dim">Weights</span><span style={{ flex: 1 }} /><span>Frozen with the group around</span></div>;
  return (
    <div className="field">
      <Tooltip label="Frozen weights keep their values in training." position="left"><span className="dim">Weights <kbd>L</kbd></span></Tooltip>
      <span style={{ flex: 1 }} />
      <SegmentedControl size="xs" w={134} aria-label="Freeze weights" value={frozen ? 'frozen' : 'trains'} data={[{ value: 'trains', label: 'Train' }, { value: 'frozen', label: 'Frozen' }]} onChange={toggleFrozen} />
    </div>
  );
}
