/** The command line's words: commands, options, help. */
import { parseArgs, type ParseArgsOptionsConfig } from 'node:util';
import { problem } from '../../shared/diagnostics/diagnostic.ts';
import { devicesCommand } from './devices-words.ts';
import { exportCommand } from './export-words.ts';
import { hubCommand } from './hub-words.ts';
import { importCommand, predictCommand } from './import-words.ts';
import { replaceHeadCommand } from './replace-head-words.ts';

export interface CommandSpec {
  readonly usage: string;
  readonly help: string;
  /** Names of the words after the command; all must be given. */
  readonly words: readonly string[];
  readonly options: ParseArgsOptionsConfig;
}

const json = { json: { type: 'boolean' } } as const;

export const commands = {
  train: {
    usage: 'train <project> [--epochs n] [--batch n] [--lr x] [--seed n] [--device id] [--data path] [--out folder] [--resume]',
    help: 'Trains and saves the weights into the project, or into --out for a template. --device takes auto or an id that netloom devices lists; --resume goes on with the newest run that was stopped, on another device too.', words: ['project'],
    options: { ...json, epochs: { type: 'string' }, batch: { type: 'string' }, lr: { type: 'string' }, seed: { type: 'string' }, device: { type: 'string' }, data: { type: 'string' }, out: { type: 'string' }, resume: { type: 'boolean' } },
  },
  info: { usage: 'info <project>', help: 'Layers, shapes, parameters, multiply-adds of a project or of template:<id>?size=…&channels=…&classes=….', words: ['project'], options: json },
  evaluate: { usage: 'evaluate <project> [--split train|validation|all]', help: 'Loss, accuracy and the result for each class.', words: ['project'], options: { ...json, split: { type: 'string' }, data: { type: 'string' } } },
  predict: predictCommand,
  hub: hubCommand,
  import: importCommand,
  'replace-head': replaceHeadCommand,
  export: exportCommand,
  serve: { usage: 'serve [--port n]', help: 'Serves the interface to a browser on this machine.', words: [], options: { port: { type: 'string' } } },
  devices: devicesCommand,
  templates: { usage: 'templates', help: 'Nets to begin with; use them as template:<id>, or template:<id>?size=32&channels=3&classes=10.', words: [], options: json },
} as const satisfies Record<string, CommandSpec>;

export type Command = keyof typeof commands;

export interface ParsedCommand {
  readonly command: Command;
  readonly words: readonly string[];
  readonly flags: Readonly<Record<string, string | boolean | undefined>>;
}

export const isCommand = (word: string | undefined): word is Command => word !== undefined && Object.hasOwn(commands, word);

const usage = (expected: string, got: string) => problem('request.usage', { label: 'netloom' }, { expected, got });

/** Help for everything or one command. */
export function helpText(command?: Command): string {
  const line = (c: Command) => `  netloom ${commands[c].usage}\n      ${commands[c].help}`;
  const which = command ? [command] : (Object.keys(commands) as Command[]);
  return [...(command ? [] : ['Netloom: draw, train and export neural networks.', '']), ...which.map(line), '', '<project> is a project folder or template:<id>, which takes ?size=…&channels=…&classes=…. --json prints one JSON document on stdout.', ''].join('\n');
}

/** Throws request.usage with one sentence when the words do not fit. */
export function parseCommand(argv: readonly string[]): ParsedCommand {
  const [name, ...rest] = argv;
  if (!isCommand(name)) throw usage(`one of ${Object.keys(commands).join(', ')}`, name ?? 'no command');
  const spec: CommandSpec = commands[name];
  let parsed;
  try {
    parsed = parseArgs({ args: rest, options: spec.options, allowPositionals: true, strict: true });
  } catch (cause) {
    throw usage(`netloom ${spec.usage}`, (cause as Error).message.split('. ')[0] ?? 'something else');
  }
  if (parsed.positionals.length !== spec.words.length) throw usage(`netloom ${spec.usage}`, parsed.positionals.length < spec.words.length ? `no <${spec.words[parsed.positionals.length] ?? ''}>` : `${parsed.positionals.slice(spec.words.length).join(' ')} beside it`);
  return { command: name, words: parsed.positionals, flags: parsed.values as ParsedCommand['flags'] };
}

/** A number option within bounds. */
export function numberFlag(flags: ParsedCommand['flags'], name: string, bounds: { min: number; max: number; whole?: boolean }): number | undefined {
  const text = flags[name];
  if (text === undefined) return undefined;
  const value = Number(text);
  const fits = typeof text === 'string' && text.trim() !== '' && value >= bounds.min && value <= bounds.max && (bounds.whole !== true || Number.isInteger(value));
  if (!fits) throw usage(`--${name} as ${bounds.whole ? 'a whole number' : 'a number'} from ${bounds.min} to ${bounds.max}`, String(text));
  return value;
}
