/** The nets that tests and the benchmark measure, at the sizes at which they are measured: small pictures of ten classes. */
import type { Document } from '../graph/document.ts';
import type { TemplateOptions } from './template.ts';
import { findTemplate } from './templates.ts';

const small = { size: 32, channels: 3, classes: 10 } as const;

/** By the name they go under in reports: the template and its options where they are not its own. */
const nets = {
  'lenet-5-digits': ['lenet-5-digits'],
  'lenet-5': ['lenet-5'],
  mlp: ['mlp'],
  'small-resnet': ['small-resnet'],
  'mnist-cnn': ['mnist-cnn'],
  'vgg-small': ['vgg-small'],
  'vgg-11': ['vgg-11-bn', small],
  'resnet-18': ['resnet-18', small],
  'densenet-bc': ['densenet-bc'],
  'mobilenet-v2': ['mobilenet-v2', small],
  'u-net': ['u-net-small'],
} as const satisfies Record<string, readonly [template: string, options?: TemplateOptions]>;

export type ReferenceNet = keyof typeof nets;
export const referenceNets = Object.keys(nets) as readonly ReferenceNet[];

/** A reference net by name; throws for a name that is none. */
export function referenceNet(name: string): Document {
  const [id, options] = (nets as Readonly<Record<string, readonly [string, TemplateOptions?]>>)[name] ?? [name];
  const template = findTemplate(id);
  if (!template) throw new Error(`No template ${id}`);
  return template.build(options);
}
