/** Chooses what the canvas is coloured by. */
import { Button, Menu } from '@mantine/core';
import { IconFlame } from '@tabler/icons-react';
import { heatKinds } from '../../../shared/analysis/heat.ts';
import { showHeat, useAnalysisState } from '../../state/analysis.ts';
import { heatWords } from './heat-words.ts';

export function HeatMenu() {
  const heat = useAnalysisState((s) => s.heat);
  return (
    <Menu position="bottom-end" width={200}>
      <Menu.Target><Button variant={heat === null ? 'default' : 'light'} size="compact-sm" leftSection={<IconFlame size={14} />}>{heat === null ? 'Colour the canvas' : heatWords[heat].label}</Button></Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>Colour the canvas by</Menu.Label>
        {heatKinds.map((k) => <Menu.Item key={k} fz="sm" py={5} rightSection={heat === k ? '✓' : ''} onClick={() => showHeat(k)}>{heatWords[k].label}</Menu.Item>)}
        <Menu.Divider />
        <Menu.Item fz="sm" py={5} disabled={heat === null} rightSection={<kbd className="dim">H</kbd>} onClick={() => showHeat(null)}>Kinds of layers</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
