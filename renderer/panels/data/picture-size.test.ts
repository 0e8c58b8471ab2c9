/** Pictures follow the Input of a net that knows something. */
import { expect, it } from 'vitest';
import { compile } from '../../../shared/compile/compile.ts';
import { findTemplate } from '../../../shared/templates/templates.ts';
import { required } from '../../../shared/util/assert.ts';
import { followNet, sizeFor, sizeLabel } from './picture-size.ts';

it('only square pictures, grey or in colour, can be read from a folder', () => {
  expect([[3, 128, 128], [1, 28, 28]].map(sizeFor)).toEqual([{ side: 128, colour: 'rgb' }, { side: 28, colour: 'grey' }]);
  expect([[3, 240, 320], [4, 64, 64], [64], [3, 2, 2], [3, 2048, 2048]].map(sizeFor)).toEqual([null, null, null, null, null]);
  expect(sizeLabel({ side: 28, colour: 'grey' })).toBe('Bring the pictures to 28×28, grey');
});

it('a folder is read in the size of a net with weights, unless it says another', () => {
  const { network } = compile(required(findTemplate('resnet-18'), 'template').build({ size: 96, channels: 3, classes: 10 }));
  const folder = { kind: 'pictures', path: '/p' } as const;
  expect(followNet(folder, network, true)).toEqual({ ...folder, side: 96, colour: 'rgb' });
  expect([followNet(folder, network, false), followNet({ ...folder, side: 32 }, network, true), followNet({ kind: 'csv', path: '/c' }, network, true)]).toEqual([folder, { ...folder, side: 32 }, { kind: 'csv', path: '/c' }]);
});
