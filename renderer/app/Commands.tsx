/** The command palette: every command with its key, and every layer of the network that is shown. */
import { Spotlight } from '@mantine/spotlight';
import { graphAt } from '../../shared/graph/apply.ts';
import { families } from '../../shared/layers/table.ts';
import { actions, keyLabel } from '../actions/actions.ts';
import { describe } from '../canvas/describe.ts';
import { canvas } from '../canvas/view.ts';
import { select, useDocument } from '../state/document.ts';
import { setUi } from '../state/ui.ts';
import { familyColor } from '../ui/theme.ts';

/** Shows a layer of the graph on screen, from whichever place one is in. */
function showLayer(id: string): void {
  setUi({ place: 'design' });
  select([id]);
  requestAnimationFrame(() => canvas.centre(id));
}

export function Commands() {
  const document_ = useDocument((s) => s.history.document);
  const path = useDocument((s) => s.path);
  const layers = graphAt(document_, path).nodes;
  return (
    <Spotlight tagsToIgnore={[]} shortcut={['mod + K', 'mod + shift + P']} nothingFound="No such command or layer" highlightQuery limit={14} scrollable maxHeight={420} searchProps={{ placeholder: 'Find a command or a layer', 'aria-label': 'Find a command or a layer' }}
      actions={[
        ...actions.map((a) => ({ id: a.id, label: a.label, group: a.group, rightSection: a.keys[0] ? <kbd className="dim">{keyLabel(a.keys[0])}</kbd> : null, onClick: () => { if (a.enabled()) a.run(); } })),
        ...layers.map((node) => {
          const { family, label, caption } = describe(node);
          return { id: `layer ${node.id}`, label: node.name, description: `${label} · ${caption}`, group: 'Layers', leftSection: <span className="glyph" style={{ background: familyColor[family] }} aria-hidden>{families[family].glyph}</span>, onClick: () => showLayer(node.id) };
        }),
      ]} />
  );
}
