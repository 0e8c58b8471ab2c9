/** IDX: the format of MNIST and Fashion-MNIST (LeCun, Cortes and Burges), plain or gzip. */
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { NetloomError, problem } from '../../../shared/diagnostics/diagnostic.ts';
import type { Dataset } from './dataset.ts';

/** Bytes an element of each type code takes. */
const widths: Readonly<Record<number, number>> = { 0x08: 1, 0x09: 1, 0x0b: 2, 0x0c: 4, 0x0d: 4, 0x0e: 8 };
const BYTE = 0x08;

interface Idx { readonly type: number; readonly shape: readonly number[]; readonly data: DataView }

/** Reads the header and checks that as many numbers follow. Throws data.idx. */
function parseIdx(content: Uint8Array, label: string): Idx {
  const refuse = (expected: string, got: string): never => { throw problem('data.idx', { label }, { expected, got }); };
  let bytes: Uint8Array = content;
  if (content[0] === 0x1f && content[1] === 0x8b) {
    try {
      bytes = gunzipSync(content);
    } catch (cause) {
      refuse('a whole gzip file', (cause as Error).message);
    }
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 4 || view.getUint16(0) !== 0) refuse('two zero bytes at the beginning of an IDX file', bytes.length < 4 ? `${bytes.length} bytes` : `0x${view.getUint16(0).toString(16)}`);
  const [type, rank] = [view.getUint8(2), view.getUint8(3)];
  const width = widths[type] ?? refuse('a type code of IDX (8, 9, b, c, d, e)', `0x${type.toString(16)}`);
  const start = 4 + 4 * rank;
  if (rank === 0 || bytes.length < start) refuse('one size for each axis', `${rank} axes in ${bytes.length} bytes`);
  const shape = Array.from({ length: rank }, (_, i) => view.getUint32(4 + 4 * i));
  const count = shape.reduce((a, d) => a * d, 1);
  if (bytes.length - start !== count * width) refuse(`${count} numbers (${shape.join(' × ')})`, `${(bytes.length - start) / width}`);
  return { type, shape, data: new DataView(bytes.buffer, bytes.byteOffset + start, count * width) };
}

const whole = (idx: Idx, i: number): number => (idx.type === BYTE ? idx.data.getUint8(i) : idx.type === 0x09 ? idx.data.getInt8(i) : idx.type === 0x0b ? idx.data.getInt16(2 * i) : idx.data.getInt32(4 * i));

interface Part { readonly shape: readonly number[]; readonly values: Uint8Array; readonly labels: readonly number[] }

/** Pictures [n, h, w] or [n, c, h, w] of bytes, with a class number each. Throws data.idx. */
export function readIdxPart(images: Uint8Array, labels: Uint8Array, names: { readonly images: string; readonly labels: string }): Part {
  const x = parseIdx(images, names.images);
  const y = parseIdx(labels, names.labels);
  if (x.type !== BYTE || (x.shape.length !== 3 && x.shape.length !== 4)) throw problem('data.idx', { label: names.images }, { expected: 'pictures of bytes (3 or 4 axes)', got: `${x.shape.length} axes of type 0x${x.type.toString(16)}` });
  if (y.type > 0x0c || y.shape.length !== 1 || y.shape[0] !== x.shape[0]) throw problem('data.idx', { label: names.labels }, { expected: `${x.shape[0]} class numbers, one a picture`, got: `${y.shape.join(' × ')} of type 0x${y.type.toString(16)}` });
  const classes = Array.from({ length: y.shape[0] as number }, (_, i) => whole(y, i));
  const bad = classes.find((c) => c < 0 || c > 100_000);
  if (bad !== undefined) throw problem('data.idx', { label: names.labels }, { expected: 'class numbers from 0 up', got: String(bad) });
  const sizes = x.shape.slice(1);
  return { shape: sizes.length === 2 ? [1, ...sizes] : sizes, values: new Uint8Array(x.data.buffer, x.data.byteOffset, x.data.byteLength), labels: classes };
}

const imagesName = /images.*(idx\d|ubyte)|^images/i;
const heldName = /^(t10k|test|val)/i;

/** Whether a name is that of a file of pictures. */
export const isIdxName = (name: string): boolean => imagesName.test(name);

/** The labels that belong to a file of pictures: "images" is called "labels", and "idx3" "idx1". */
function labelsOf(images: string, present: readonly string[]): string | undefined {
  const plain = (name: string) => name.toLowerCase().replace(/\.gz$/, '').replace(/idx\d/, 'idx').replaceAll('.', '-');
  const wanted = plain(images).replace('images', 'labels');
  return present.find((name) => plain(name) === wanted);
}

const linesOf = (text: string): string[] => text.split(/\r?\n/).map((l) => l.trim()).filter(Boolean);

/**
 * Opens IDX data: a folder with the pictures and labels of training and, named t10k, test or val, of a part that is held out; or one file of pictures.
 * classes.txt beside them, one name a line, names the classes. Throws data.*.
 */
export async function openIdx(path: string): Promise<Dataset> {
  const label = basename(path);
  try {
    const folder = (await stat(path)).isDirectory() ? path : dirname(path);
    const present = (await readdir(folder)).sort();
    const chosen = folder === path ? present.filter(isIdxName) : [label];
    if (chosen.length === 0) throw problem('data.idx', { label, file: path }, { expected: 'a file of pictures such as train-images-idx3-ubyte.gz', got: 'none' });
    const parts: { readonly held: boolean; readonly part: Part }[] = [];
    for (const images of chosen) {
      const labels = labelsOf(images, present);
      if (labels === undefined) throw problem('data.idx', { label: images, file: folder }, { expected: `its labels beside it (${images.replace('images', 'labels').replace('idx3', 'idx1')})`, got: 'none' });
      const part = readIdxPart(await readFile(join(folder, images)), await readFile(join(folder, labels)), { images, labels });
      const first = parts[0]?.part.shape ?? part.shape;
      if (first.join() !== part.shape.join()) throw problem('data.idx', { label: images, file: folder }, { expected: `pictures of ${first.join(' × ')}`, got: part.shape.join(' × ') });
      parts.push({ held: heldName.test(images), part });
    }
    const names = present.includes('classes.txt') ? linesOf(await readFile(join(folder, 'classes.txt'), 'utf8')) : [];
    return joined(folder === path ? label : label.replace(/[-.]?images.*$/i, ''), parts, names);
  } catch (cause) {
    if (cause instanceof NetloomError) throw cause;
    throw problem('data.unreadable', { label, file: path }, { reason: (cause as NodeJS.ErrnoException).code === 'ENOENT' ? `nothing at ${path}` : (cause as Error).message });
  }
}

function joined(name: string, parts: readonly { readonly held: boolean; readonly part: Part }[], names: readonly string[]): Dataset {
  const labels = Int32Array.from(parts.flatMap(({ part }) => part.labels));
  const values = new Uint8Array(parts.reduce((n, { part }) => n + part.values.length, 0));
  let at = 0;
  for (const { part } of parts) {
    values.set(part.values, at);
    at += part.values.length;
  }
  const held = parts.flatMap((p) => p.part.labels.map(() => p.held));
  const indices = (which: boolean) => Int32Array.from(held.flatMap((h, i) => (h === which ? [i] : [])));
  const classes = labels.reduce((m, l) => Math.max(m, l + 1), names.length);
  const split = held.includes(true) && held.includes(false) ? { split: { train: indices(false), validation: indices(true) } } : {};
  return { name: name || 'IDX', licence: 'yours', shape: parts[0]?.part.shape ?? [], classes: Array.from({ length: classes }, (_, i) => names[i] ?? String(i)), values, labels, count: labels.length, maximum: 255, ...split };
}
