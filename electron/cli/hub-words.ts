/** The words of netloom hub. */
export const hubCommand = {
  usage: 'hub [--get id]',
  help: 'Lists the pretrained nets that come along and those that can be fetched; --get fetches one, checks it by its hash and says where it lies, for netloom import.', words: [],
  options: { json: { type: 'boolean' }, get: { type: 'string' } },
} as const;
