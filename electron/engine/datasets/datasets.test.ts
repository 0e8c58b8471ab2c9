/** The CSV reader, the split and pictures. */
import { fileURLToPath } from 'node:url';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import sharp from 'sharp';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fc } from '../../../shared/util/properties.harness.ts';
import { readCsv } from './csv.ts';
import { readImage } from './image.ts';
import { epochOrder, openDataset, recognise, splitOf, stratifiedSplit } from './open.ts';

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

/** An IDX file, as its specification writes it: two zeros, type, rank, sizes big-endian, numbers. */
const idx = (type: number, shape: readonly number[], bytes: readonly number[]): Buffer =>
  Buffer.concat([Buffer.from([0, 0, type, shape.length]), ...shape.map((d) => { const b = Buffer.alloc(4); b.writeUInt32BE(d); return b; }), Buffer.from(bytes)]);

describe('IDX', () => {
  let folder = '';
  beforeEach(async () => { folder = await mkdtemp(join(tmpdir(), 'netloom-idx-')); });
  afterEach(async () => rm(folder, { recursive: true }));
  const write = (files: Readonly<Record<string, Uint8Array>>) => Promise.all(Object.entries(files).map(([name, bytes]) => writeFile(join(folder, name), bytes)));
  const open = async (path = folder) => openDataset(await recognise(path), resources);

  it('reads a folder of training and test, plain and gzip, with names of classes; the test part is held out', async () => {
    await write({
      'train-images-idx3-ubyte.gz': gzipSync(idx(8, [3, 1, 2], [1, 2, 3, 4, 5, 6])), 'train-labels-idx1-ubyte.gz': gzipSync(idx(8, [3], [2, 0, 1])),
      't10k-images.idx3-ubyte': idx(8, [1, 1, 2], [250, 255]), 't10k-labels.idx1-ubyte': idx(0x0c, [1], [0, 0, 0, 1]), 'classes.txt': Buffer.from('shirt\ncoat\r\nbag\nshoe\n'),
    });
    const d = await open();
    expect(d).toMatchObject({ shape: [1, 1, 2], classes: ['shirt', 'coat', 'bag', 'shoe'], count: 4, maximum: 255 });
    const rows = (indices: Int32Array) => [...indices].map((i) => [...d.values.subarray(2 * i, 2 * i + 2), d.labels[i]]);
    const { train, validation } = splitOf(d, 0.5, 7);
    expect(rows(train)).toEqual([[1, 2, 2], [3, 4, 0], [5, 6, 1]]);
    expect(rows(validation)).toEqual([[250, 255, 1]]);
    const alone = await open(join(folder, 'train-images-idx3-ubyte.gz'));
    expect([alone.count, alone.split]).toEqual([3, undefined]);
  });

  it.each<readonly [what: string, images: Buffer, labels: Buffer, sentence: string]>([
    ['other bytes', Buffer.from('PK\x03\x04 nothing'), idx(8, [1], [0]), 'images-idx3: expected two zero bytes at the beginning of an IDX file, got 0x504b.'],
    ['a file cut off', idx(8, [2, 1, 2], [1, 2, 3]), idx(8, [2], [0, 1]), 'images-idx3: expected 4 numbers (2 × 1 × 2), got 3.'],
    ['sizes that are missing', Buffer.from([0, 0, 8, 3, 0, 0]), idx(8, [2], [0, 1]), 'images-idx3: expected one size for each axis, got 3 axes in 6 bytes.'],
    ['labels of another file', idx(8, [2, 1, 1], [1, 2]), idx(8, [3], [0, 1, 1]), 'labels-idx1: expected 2 class numbers, one a picture, got 3 of type 0x8.'],
    ['a class below zero', idx(8, [1, 1, 1], [1]), idx(9, [1], [255]), 'labels-idx1: expected class numbers from 0 up, got -1.'],
  ])('says what is wrong with %s', async (_what, images, labels, sentence) => {
    await write({ 'images-idx3': images, 'labels-idx1': labels });
    await expect(open()).rejects.toThrow(sentence);
  });

  it('says which labels are missing', async () => {
    await write({ 'images-idx3': idx(8, [1, 1, 1], [1]) });
    await expect(open()).rejects.toThrow('images-idx3: expected its labels beside it (labels-idx1), got none.');
  });
});

describe('a folder of pictures', () => {
  let folder = '';
  beforeEach(async () => { folder = await mkdtemp(join(tmpdir(), 'netloom-pictures-')); });
  afterEach(async () => rm(folder, { recursive: true }));
  const paint = async (name: string, colour: { r: number; g: number; b: number }, side = 9) => {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await sharp({ create: { width: side, height: side, channels: 3, background: colour } }).png().toFile(join(folder, name));
  };
  const [red, blue] = [{ r: 255, g: 0, b: 0 }, { r: 0, g: 0, b: 255 }];

  it('takes each folder as a class, brings all to one size, and names the files that are no pictures', async () => {
    await paint('set/red/a.png', red);
    await paint('set/blue/b.png', blue, 30);
    await writeFile(join(folder, 'set', 'blue', 'broken.png'), 'nothing');
    await writeFile(join(folder, 'set', 'README.txt'), 'a note');
    const ref = await recognise(folder);
    expect(ref).toEqual({ kind: 'pictures', path: folder });
    const d = await openDataset({ kind: 'pictures', path: folder, side: 4 }, resources);
    expect(d).toMatchObject({ shape: [3, 4, 4], classes: ['blue', 'red'], labels: Int32Array.of(0, 1), count: 2, maximum: 255 });
    expect([...d.values]).toEqual([...[0, 0, 255].flatMap((v) => Array<number>(16).fill(v)), ...[255, 0, 0].flatMap((v) => Array<number>(16).fill(v))]);
    expect(d.skipped).toHaveLength(1);
    expect(d.skipped?.[0]).toMatch(/^broken\.png: expected a picture/);
    expect((await openDataset({ kind: 'pictures', path: folder, colour: 'grey' }, resources)).shape).toEqual([1, 30, 30]);
  });

  it('keeps the parts that its folders make', async () => {
    for (const [name, colour] of [['train/red/1.png', red], ['train/blue/2.png', blue], ['test/red/3.png', red]] as const) await paint(name, colour);
    const d = await openDataset({ kind: 'pictures', path: folder, side: 4 }, resources);
    const { train, validation } = splitOf(d, 0.5, 1);
    expect([train.length, [...validation].map((i) => d.classes[d.labels[i] as number])]).toEqual([2, ['red']]);
  });

  it.each([['no-classes', [], 'got no pictures in folders'], ['one', ['only/a.png'], 'got one class (only)']] as const)('says what a folder lacks: %s', async (_name, files, sentence) => {
    for (const f of files) await paint(f, red);
    await expect(openDataset({ kind: 'pictures', path: folder }, resources)).rejects.toThrow(sentence);
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
