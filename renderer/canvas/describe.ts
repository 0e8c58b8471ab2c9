/** What a drawn node is called and coloured, and the line of what matters. */
import type { DrawnNode, GroupNode } from '../../shared/graph/document.ts';
import { checkParams, families, isLayerType, layerSpec, type LayerType } from '../../shared/layers/table.ts';
import { blocks } from '../../shared/templates/blocks.ts';
import type { Block } from '../../shared/templates/template.ts';
import { isExpression } from '../../shared/util/expression.ts';
import { familyColor } from '../ui/theme.ts';

export interface Description { readonly family: keyof typeof families; readonly glyph: string; readonly color: string; readonly label: string; readonly caption: string }

export const GROUP_GLYPH = '□';
const OPERATOR_GLYPH = '◇';

const isWritten = (params: Readonly<Record<string, unknown>>): boolean => Object.values(params).flat().some(isExpression);

/** The caption with the parameters as they are computed; with formulas that nobody computed yet, that there are some. */
function captionOf(type: LayerType, drawn: Readonly<Record<string, unknown>>, computed: Readonly<Record<string, unknown>> | undefined): string {
  const params = checkParams(type, isWritten(drawn) && computed ? computed : drawn);
  return params.ok ? layerSpec(type).caption(params.value) : isWritten(drawn) ? 'by formula' : 'needs attention';
}

const builtIn = new Map(blocks.map((b) => [b.id, b]));
/** The built-in block that a group was made from. */
export const blockOf = (group: GroupNode): Block | undefined => builtIn.get(group.block ?? '');

const layersIn = (group: GroupNode): number => group.graph.nodes.reduce((n, c) => n + (c.kind === 'group' ? layersIn(c) * c.repeat : 1), 0);
const counted = (n: number, word: string): string => `${n} ${word}${n === 1 ? '' : 's'}`;

/** Family, glyph, colour, label and caption of any drawn node; `computed` are its parameters in the network, where it is known. */
export function describe(drawn: DrawnNode, computed?: Readonly<Record<string, unknown>>): Description {
  const io = { family: 'io' as const, glyph: families.io.glyph, color: familyColor.io };
  switch (drawn.kind) {
    case 'layer': {
      if (!isLayerType(drawn.layer)) return { ...io, label: drawn.layer, caption: 'unknown layer' };
      const { family, label } = layerSpec(drawn.layer);
      return { family, glyph: families[family].glyph, color: familyColor[family], label, caption: captionOf(drawn.layer, drawn.params, computed) };
    }
    case 'group': return { ...io, glyph: GROUP_GLYPH, label: blockOf(drawn)?.label ?? 'Group', caption: counted(layersIn(drawn), 'layer') };
    case 'operator': return { ...io, glyph: OPERATOR_GLYPH, label: drawn.op, caption: [drawn.domain, layerSpec('operator').caption(drawn as never)].filter(Boolean).join(' · ') || 'imported operator' };
  }
}
