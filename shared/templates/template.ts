/** What a template and a block are: nets and parts of nets to begin with. */
import type { z } from 'zod';
import type { Document, GroupNode } from '../graph/document.ts';
import type { TrainingConfigSchema } from '../training/config.ts';
import { Sketch } from './build.ts';

export interface TemplateOptions {
  /** Height and width of the picture, in pixels. */
  readonly size: number;
  /** 1 for grey, 3 for colour. */
  readonly channels: number;
  readonly classes: number;
}

/** Settings that go with a net: the optimiser, rate, schedule, batch, epochs and weight decay of the paper or of good practice. */
export type RecommendedTraining = z.input<typeof TrainingConfigSchema>;

export interface Paper { readonly authors: string; readonly title: string; readonly venue: string; readonly link: string }

export const families = { start: 'First steps', classic: 'Classics', deep: 'Deep nets', residual: 'Residual nets', dense: 'DenseNets', small: 'Small and fast', modern: 'Modern', pixel: 'Pictures out' } as const;
export type TemplateFamily = keyof typeof families;

export interface Template {
  readonly id: string;
  readonly label: string;
  readonly family: TemplateFamily;
  /** One line for a card. */
  readonly summary: string;
  /** A paragraph: what was new, how it is built, what to look at. */
  readonly description: string;
  readonly paper: Paper | null;
  readonly year: number | null;
  readonly defaults: TemplateOptions;
  /** The smallest picture that makes sense: below it nothing is left to see, or nothing at all. */
  readonly smallest: number;
  /** The number of classes changes nothing. */
  readonly withoutClasses?: true;
  readonly training: RecommendedTraining;
  /** Sizes not given are the defaults. */
  readonly build: (options?: Partial<TemplateOptions>) => Document;
}

export interface TemplateRow extends Omit<Template, 'build'> {
  /** What the document is called, where not as the template. */
  readonly title?: string;
  /** Draws the whole net, from the Input to the Output. */
  readonly draw: (s: Sketch, options: TemplateOptions) => void;
}

/** A template of its row: the document takes its name and origin from it. */
export function template({ draw, title, ...row }: TemplateRow): Template {
  return {
    ...row,
    build(options = {}) {
      const s = new Sketch();
      draw(s, { ...row.defaults, ...options });
      return s.document(title ?? row.label, `template:${row.id}`);
    },
  };
}

/** A group of the palette. */
export interface Block {
  readonly id: string;
  readonly label: string;
  readonly description: string;
  readonly keywords: readonly string[];
  readonly build: () => GroupNode;
}
