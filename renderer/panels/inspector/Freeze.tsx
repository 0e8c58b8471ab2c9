/** Whether the weights of what is selected train or keep their values. */
import { SegmentedControl, Tooltip } from '@mantine/core';
import { toggleFrozen } from '../../actions/freezing.ts';

/** `frozen`: all weights of what is selected are, by their own mark or that of a group around, of which they can be taken out. */
export function Freeze({ frozen }: { frozen: boolean }) {
  return (
    <div className="field">
      <Tooltip label="Frozen weights keep their values in training." position="left"><span className="dim">Weights <kbd>L</kbd></span></Tooltip>
      <span style={{ flex: 1 }} />
      <SegmentedControl size="xs" w={134} aria-label="Freeze weights" value={frozen ? 'frozen' : 'trains'} data={[{ value: 'trains', label: 'Train' }, { value: 'frozen', label: 'Frozen' }]} onChange={toggleFrozen} />
    </div>
  );
}
