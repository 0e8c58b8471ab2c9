/** The words of netloom devices. */
export const devicesCommand = {
  usage: 'devices [--race project] [--seconds n] [--batch n] [--data path]',
  help: 'What this machine can train on, and why not; --race trains a project for two seconds, or --seconds of them, on each device and says which is fastest; its files stay as they are.', words: [],
  options: { json: { type: 'boolean' }, race: { type: 'string' }, seconds: { type: 'string' }, batch: { type: 'string' }, data: { type: 'string' } },
} as const;
