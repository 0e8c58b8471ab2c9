/** The words of netloom export. */

export const exportCommand = {
  usage: 'export <project> --out net.onnx [--external] [--batch n|dynamic] [--fold-batch-norm] [--softmax] [--preprocessing | --no-preprocessing] [--opset 17|18] [--card text] [--training]',
  help: 'Writes an ONNX file and its proof after running it against the net: --preprocessing takes pictures as they are stored, --training writes the training step.', words: ['project'],
  options: {
    json: { type: 'boolean' }, out: { type: 'string' }, data: { type: 'string' }, external: { type: 'boolean' }, batch: { type: 'string' }, 'fold-batch-norm': { type: 'boolean' }, softmax: { type: 'boolean' },
    preprocessing: { type: 'boolean' }, 'no-preprocessing': { type: 'boolean' }, opset: { type: 'string' }, card: { type: 'string' }, training: { type: 'boolean' },
  },
} as const;
