/** A folder of pictures: one folder a class, also below train and test (or val). */
import type { Dirent } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { NetloomError, problem, render } from '../../../shared/diagnostics/diagnostic.ts';
import type { Dataset } from './dataset.ts';
import { heightOf, pixelsOfFile } from './image.ts';

const pictureName = /\.(png|jpe?g|webp|gif|tiff?|bmp|avif)$/i;
const trainName = /^(train|training)$/i;
const heldName = /^(test|testing|val|valid|validation)$/i;
/** Larger pictures are brought to this height and width where nothing else is asked. */
const LARGEST_SIDE = 64;
/** How many files are decoded at once. */
const AT_ONCE = 4;

export interface PictureOptions {
  /** Height and width in pixels. */
  readonly side?: number | undefined;
  readonly colour?: 'rgb' | 'grey' | undefined;
}

interface Found { readonly path: string; readonly label: string; readonly held: boolean }

const entriesOf = async (folder: string): Promise<Dirent[]> => (await readdir(folder, { withFileTypes: true })).filter((e) => !e.name.startsWith('.')).sort((a, b) => (a.name < b.name ? -1 : 1));

/** Every picture below a folder of classes. */
async function classesIn(folder: string, held: boolean): Promise<Found[]> {
  const found: Found[] = [];
  for (const entry of await entriesOf(folder)) {
    if (!entry.isDirectory()) continue;
    const own = join(folder, entry.name);
    for (const file of await entriesOf(own)) if (file.isFile() && pictureName.test(file.name)) found.push({ path: join(own, file.name), label: entry.name, held });
  }
  return found;
}

async function find(folder: string): Promise<Found[]> {
  const folders = (await entriesOf(folder)).filter((e) => e.isDirectory());
  const parts = folders.filter((e) => trainName.test(e.name) || heldName.test(e.name));
  if (parts.some((e) => trainName.test(e.name))) return (await Promise.all(parts.map((e) => classesIn(join(folder, e.name), heldName.test(e.name))))).flat();
  const found = await classesIn(folder, false);
  // An archive often holds one folder that holds the classes.
  return found.length === 0 && folders.length === 1 ? find(join(folder, (folders[0] as Dirent).name)) : found;
}

/**
 * Opens a folder whose folders are the classes; the folders train and test (or val) keep their parts. Files that are no
 * pictures after all are left out and named. Values are bytes CHW. Throws data.no-classes and data.unreadable.
 */
export async function openPictures(folder: string, { side: asked, colour = 'rgb' }: PictureOptions = {}): Promise<Dataset> {
  const label = basename(folder);
  const found = await find(folder).catch((cause: NodeJS.ErrnoException) => {
    throw problem('data.unreadable', { label, file: folder }, { reason: cause.code === 'ENOENT' ? `nothing at ${folder}` : cause.message });
  });
  const classes = [...new Set(found.map((f) => f.label))].sort();
  if (classes.length < 2) throw problem('data.no-classes', { label, file: folder }, { got: found.length === 0 ? 'no pictures in folders' : `one class (${classes[0]})` });
  const side = asked ?? Math.min(LARGEST_SIDE, (await heightOf(found.map((f) => f.path))) ?? LARGEST_SIDE);
  const shape = [colour === 'grey' ? 1 : 3, side, side];
  const each = shape.reduce((a, d) => a * d, 1);
  const read: { readonly found: Found; readonly pixels: Uint8Array }[] = [];
  const skipped: string[] = [];
  for (let at = 0; at < found.length; at += AT_ONCE) {
    const some = await Promise.all(found.slice(at, at + AT_ONCE).map(async (f) => ({ found: f, pixels: await pixelsOfFile(f.path, shape).catch((e: unknown) => e as NetloomError) })));
    for (const { found: f, pixels } of some) {
      if (pixels instanceof Uint8Array) read.push({ found: f, pixels });
      else skipped.push(pixels instanceof NetloomError ? render(pixels.diagnostic).sentence : String(pixels));
    }
  }
  if (read.length === 0) throw problem('data.no-classes', { label, file: folder }, { got: 'files that are no pictures' });
  const values = new Uint8Array(read.length * each);
  read.forEach(({ pixels }, i) => values.set(pixels, i * each));
  const indices = (held: boolean) => Int32Array.from(read.flatMap((r, i) => (r.found.held === held ? [i] : [])));
  const split = { train: indices(false), validation: indices(true) };
  return {
    name: label, licence: 'yours', shape, classes, values, labels: Int32Array.from(read, (r) => classes.indexOf(r.found.label)), count: read.length, maximum: 255, skipped,
    ...(split.train.length > 0 && split.validation.length > 0 ? { split } : {}),
  };
}
