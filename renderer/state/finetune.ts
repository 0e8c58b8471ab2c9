/** Fine-tuning from the interface: the dialog, and what it brings about. */
import type { ReplacedHead } from '../../shared/compile/head.ts';
import type { TrainingConfig } from '../../shared/training/config.ts';
import { edit, select, showGraph } from './document.ts';
import { setSession } from './session.ts';
import { setUi } from './ui.ts';

/** Shows the dialog that gives the open net another head. */
export const openFineTune = (): void => setUi({ dialog: 'finetune', place: 'design' });

/** The net with its new head as one undo step, and the settings it trains with. */
export function applyHead(head: ReplacedHead, config: TrainingConfig): void {
  showGraph([]);
  edit(head.edit, 'Replace the head');
  setSession({ config });
  select(head.document.graph.nodes.filter((n) => n.id.startsWith('head-')).map((n) => n.id));
}
