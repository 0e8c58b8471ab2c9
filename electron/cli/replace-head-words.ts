/** The words of netloom replace-head. */
export const replaceHeadCommand = {
  usage: 'replace-head <project> (--data path | --classes n) [--cut auto|layer] [--head linear|pool-dropout-dense] [--no-normalise] [--dropout x] [--freeze cut|none|layer] [--lr x] [--trunk-rate x] [--thaw epochs] [--train-norms] [--out folder]',
  help: 'Takes off what comes behind a layer and puts new last layers there, for the classes of --data or for --classes of them. What is kept is frozen unless told; train it then.', words: ['project'],
  options: {
    json: { type: 'boolean' }, data: { type: 'string' }, classes: { type: 'string' }, cut: { type: 'string' }, head: { type: 'string' }, 'no-normalise': { type: 'boolean' }, dropout: { type: 'string' }, freeze: { type: 'string' }, lr: { type: 'string' },
    'trunk-rate': { type: 'string' }, thaw: { type: 'string' }, 'train-norms': { type: 'boolean' }, out: { type: 'string' },
  },
} as const;
