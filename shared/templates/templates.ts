/** Nets to begin with: the list of all templates. */
import { classicTemplates } from './classic.ts';
import { deepTemplates } from './classic-deep.ts';
import { residualTemplates } from './classic-residual.ts';
import { mobileTemplates } from './modern-mobile.ts';
import { modernTemplates } from './modern.ts';
import { pixelTemplates } from './pixels.ts';
import type { Template } from './template.ts';

export type { Template } from './template.ts';

const inOrder = [...classicTemplates, ...residualTemplates, ...deepTemplates, ...mobileTemplates, ...modernTemplates, ...pixelTemplates];

/** The blank one last: it is no net yet. */
export const templates: readonly Template[] = [...inOrder.filter((t) => t.id !== 'blank'), ...inOrder.filter((t) => t.id === 'blank')];

export const findTemplate = (id: string): Template | undefined => templates.find((t) => t.id === id);
