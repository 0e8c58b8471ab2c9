/** ImageNet's names stand where published nets have them. */
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { labelsFor } from './labels.ts';

const resources = fileURLToPath(new URL('../../../resources', import.meta.url));

// Places of some classes of ILSVRC 2012 (synset.txt): n01440764 tench 0, n02124075 Egyptian cat 285, n04146614 school bus 779, n07920052 espresso 967, n15075141 toilet tissue 999.
it.each([[1000, 0], [1001, 1]])('%i names, shifted by %i', async (count, shift) => {
  const { names } = (await labelsFor(count, resources)) ?? { names: [] };
  expect(names).toHaveLength(count);
  expect([0, 779, 967, 999].map((i) => names[i + shift])).toEqual(['tench', 'school bus', 'espresso', 'toilet paper']);
  expect(names[285 + shift]).toMatch(/^Egyptian/);
  if (shift === 1) expect(names[0]).toBe('background');
});

it('other numbers have none', async () => expect(await Promise.all([10, 999, 1002, 0].map((n) => labelsFor(n, resources)))).toEqual([null, null, null, null]));
