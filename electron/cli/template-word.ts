/** "template:resnet-18?size=32&classes=10": a template and the options that a person gives it. */
import { problem } from '../../shared/diagnostics/diagnostic.ts';
import type { Document } from '../../shared/graph/document.ts';
import type { Template, TemplateOptions } from '../../shared/templates/template.ts';
import { findTemplate } from '../../shared/templates/templates.ts';

const PREFIX = 'template:';
export const isTemplateWord = (word: string): boolean => word.startsWith(PREFIX);

const usage = (expected: string, got: string) => problem('request.usage', { label: 'netloom' }, { expected, got });

/** Largest value of each option. */
const bounds: Readonly<Record<keyof TemplateOptions, number>> = { size: 4096, channels: 4096, classes: 100_000 };

/** Draws what the word names. Throws request.usage for a template, an option or a number that is none. */
export function openTemplate(word: string): { readonly template: Template; readonly document: Document } {
  const [id = '', query = ''] = word.slice(PREFIX.length).split(/\?(.*)/s);
  const template = findTemplate(id);
  if (!template) throw usage('template:<id> with an id of netloom templates', word);
  const options = [...new URLSearchParams(query)].map(([name, text]) => {
    if (!Object.hasOwn(bounds, name)) throw usage(`${PREFIX}${id} with ${Object.keys(bounds).join(', ')}`, name);
    const [least, most] = [name === 'size' ? template.smallest : 1, bounds[name as keyof TemplateOptions]];
    const value = Number(text);
    if (text.trim() === '' || !Number.isInteger(value) || value < least || value > most) throw usage(`${name} as a whole number from ${least} to ${most}`, text.trim() || 'nothing');
    return [name, value] as const;
  });
  return { template, document: template.build(Object.fromEntries(options)) };
}
