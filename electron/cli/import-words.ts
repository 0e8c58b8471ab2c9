/** The words of netloom import and netloom predict. */
const json = { json: { type: 'boolean' } } as const;

export const importCommand = {
  usage: 'import <net.onnx> --out <project> [--size name=224]… [--name name] [--no-preprocessing]',
  help: 'Draws an ONNX net of any tool as a project, and compares the two: exit code 3 where they differ (the project is written all the same). --size gives a size that the file leaves open. --no-preprocessing: no layer that brings pictures to the net’s range is put in.',
  words: ['net.onnx'],
  options: { ...json, out: { type: 'string' }, size: { type: 'string', multiple: true }, name: { type: 'string' }, 'no-preprocessing': { type: 'boolean' } },
} as const;

export const predictCommand = {
  usage: 'predict <project> <image> [--top k] [--fit stretch|crop] [--data path]',
  help: 'The most probable classes of a picture. It is brought to the size and the colours of the net’s Input, with values from 0 to 1: stretched, as pictures of a data set are, or with --fit crop by its shorter side and cut to the middle. Class names are the net’s own, or those of its data set.',
  words: ['project', 'image'],
  options: { ...json, top: { type: 'string' }, fit: { type: 'string' }, data: { type: 'string' } },
} as const;
