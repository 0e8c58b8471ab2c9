/** netloom on the command line: one answer on stdout, everything else on stderr. */
import { NetloomError, render } from '../../shared/diagnostics/diagnostic.ts';
import { VERSION } from '../engine/handlers/system.ts';
import { helpText, isCommand, parseCommand } from './args.ts';
import { actions } from './commands.ts';

/** 2 for words that do not fit, 1 for anything else that went wrong. */
async function main(argv: readonly string[]): Promise<number> {
  if (argv.includes('--version') || argv[0] === '-v') {
    process.stdout.write(`${VERSION}\n`);
    return 0;
  }
  if (argv.length === 0 || argv.includes('--help') || argv.includes('-h') || argv[0] === 'help') {
    process.stdout.write(helpText(argv.find(isCommand)));
    return 0;
  }
  try {
    const parsed = parseCommand(argv);
    const { data, text, code } = await actions[parsed.command](parsed);
    if (parsed.flags.json === true) process.stdout.write(`${JSON.stringify(data, null, 2)}\n`);
    else if (text !== '') process.stdout.write(`${text}\n`);
    return code ?? 0;
  } catch (e) {
    const sentence = e instanceof NetloomError ? render(e.diagnostic).sentence : `netloom: ${e instanceof Error ? e.message : String(e)}`;
    process.stderr.write(`${sentence}\n`);
    return e instanceof NetloomError && e.diagnostic.code === 'request.usage' ? 2 : 1;
  }
}

process.exitCode = await main(process.argv.slice(2));
