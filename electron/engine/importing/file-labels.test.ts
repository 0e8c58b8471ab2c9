/** Class names are read as tools write them, and only where they are as many as the answers. */
import { expect, it } from 'vitest';
import { labelsInFile } from './file-labels.ts';

const pets = ['cat', "dog's", 'parrot'];
it.each<[string, Record<string, string>]>([
  ['our own list', { classes: JSON.stringify(pets) }],
  ['an object by number, in any order', { id2label: '{"2": "parrot", "0": "cat", "1": "dog\'s"}' }],
  ['a dictionary as Python prints it', { names: `{0: 'cat', 1: "dog's", 2: 'parrot'}` }],
  ['one to a line', { labels: "cat\r\ndog's\n\nparrot\n" }],
  ['the first key whose number fits', { classes: '["a","b"]', labels: "cat\ndog's\nparrot" }],
])('%s', (_name, metadata) => expect(labelsInFile(metadata, 3)).toEqual(pets));

it.each<[string, Record<string, string>]>([
  ['another number', { classes: '["a","b"]' }], ['a gap', { names: "{0: 'a', 1: 'b', 3: 'c'}" }], ['numbers', { classes: '[1,2,3]' }], ['a sentence', { labels: 'three kinds of pets' }], ['nothing', {}], ['something else', { classes: 'null' }],
])('%s is no names', (_name, metadata) => expect(labelsInFile(metadata, 3)).toBeNull());
