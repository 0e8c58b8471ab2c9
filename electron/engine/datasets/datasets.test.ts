/** The CSV reader, the split and pictures. */
import { fileURLToPath } from 'node:url';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { readCsv } from './csv.ts';
import { readImage } from './image.ts';
import { epochOrder, openDataset, stratifiedSplit } from './open.ts';

const csv = (text: string) => readCsv(Buffer.from(text), { name: 'mine', file: 'mine.csv' });
const resources = fileURLToPath(new URL('../../../resources', import.meta.url));

describe('CSV', () => {
  it('reads numbers, classes, a header, quotes, CRLF and gzip alike', () => {
    const expected = { values: Uint8Array.of(1, 2, 3, 4), labels: Int32Array.of(0, 2), classes: ['0', '1', '2'], shape: [2], count: 2, maximum: 4 };
    for (const text of ['1,2,0\n3,4,2\n', 'a,b,class\n1,2,0\n3,4,2', '"1","2",0\r\n3, 4,2\r\n\r\n', '\ufeff1,2,0\n3,4,2']) {
      expect(csv(text)).toMatchObject(expected);
      expect(readCsv(gzipSync(text), { name: 'mine' })).toMatchObject(expected);
    }
  });

  it.each([
    ['1,2,0\n1,0\n', 'mine.csv, line 2: expected 3 values in every row, got 2. Mend or remove this row.'],
    ['1,2,0\n1,2,3,0\n', 'mine.csv, line 2: expected 3 values in every row, got 4. Mend or remove this row.'],
    ['1,2,0\n1,x,0\n', 'mine.csv, line 2: expected a number in column 2, got "x". Mend or remove this row.'],
    ['1,,0\n', 'mine.csv, line 1: expected a number in column 2, got "". Mend or remove this row.'],
    ['1,2,-1\n', 'mine.csv, line 1: expected a class number from 0 up in the last column, got "-1". Put the class of each sample into the last column.'],
    ['1,2,1.5\n', 'mine.csv, line 1: expected a class number from 0 up in the last column, got "1.5". Put the class of each sample into the last column.'],
    ['', 'mine.csv: expected rows of numbers with the class last, got none. Choose another file.'],
    ['1,Infinity,0\n', 'mine.csv, line 1: expected a number in column 2, got "Infinity". Mend or remove this row.'],
  ])('%j says where and what', (text, sentence) => {
    expect(() => csv(text)).toThrow(sentence);
  });

  it('the digits are all there', async () => {
    const d = await openDataset({ kind: 'builtin', id: 'digits' }, resources);
    expect([d.count, d.shape, d.classes.length, d.maximum, Math.max(...d.values)]).toEqual([1797, [1, 8, 8], 10, 16, 16]);
  });

  it('a missing file says its path', async () => {
    await expect(openDataset({ kind: 'csv', path: '/no/such.csv' }, resources)).rejects.toThrow('such.csv: expected a file that can be read, got no file at /no/such.csv.');
  });
});

describe('split', () => {
  it('holds out the same share of every class, once each, the same for the same seed', () => {
    fc.assert(fc.property(fc.array(fc.nat(4), { minLength: 5, maxLength: 200 }), fc.double({ min: 0.05, max: 0.9, noNaN: true }), fc.nat(1000), (list, share, seed) => {
      const labels = Int32Array.from(list);
      const { train, validation } = stratifiedSplit(labels, share, seed);
      expect([...train, ...validation].sort((a, b) => a - b)).toEqual(list.map((_, i) => i));
      for (const c of new Set(list)) {
        const all = list.filter((l) => l === c).length;
        const held = [...validation].filter((i) => list[i] === c).length;
        expect(held).toBe(Math.min(Math.round(all * share), all - 1));
      }
      expect(stratifiedSplit(labels, share, seed)).toEqual({ train, validation });
    }));
  });

  it('every epoch has all samples in an order of its own', () => {
    const train = Int32Array.from({ length: 50 }, (_, i) => i * 2);
    const [a, b] = [epochOrder(train, 3, 0), epochOrder(train, 3, 1)];
    expect([...a].sort((x, y) => x - y)).toEqual([...train]);
    expect(a).not.toEqual(b);
    expect(epochOrder(train, 3, 1)).toEqual(b);
  });
});

describe('pictures', () => {
  it('become channels first, from 0 to the data’s maximum', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'netloom-test-'));
    const path = join(folder, 'p.png');
    await sharp(Uint8Array.of(255, 0, 0, 0, 0, 255), { raw: { width: 2, height: 1, channels: 3 } }).png().toFile(path);
    expect([...(await readImage(path, [3, 1, 2], 16))]).toEqual([16, 0, 0, 0, 0, 16]);
    await expect(readImage(join(folder, 'none.png'), [1, 2, 2], 1)).rejects.toThrow(/^none\.png: expected a picture/);
    await rm(folder, { recursive: true });
  });
});
