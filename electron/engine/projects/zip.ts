/** Several files in one for a download: a ZIP archive whose entries are stored as they are (PKWARE APPNOTE 6.3.10, sections 4.3.7, 4.3.12 and 4.3.16). */
import { crc32 } from 'node:zlib';

export interface ZipEntry { readonly name: string; readonly bytes: Uint8Array }

/** Names are UTF-8. */
const UTF8_FLAG = 0x0800;
const VERSION = 20;
/** 1 January 1980, the format's first day: the archive of the same files is the same. */
const DATE = 0x21;

function record(size: number, fill: (view: DataView) => void): Uint8Array {
  const bytes = new Uint8Array(size);
  fill(new DataView(bytes.buffer));
  return bytes;
}

/** Fields that the header before a file and its line in the directory share, from version to the name's length. */
function common(view: DataView, at: number, crc: number, size: number, nameLength: number): void {
  view.setUint16(at, VERSION, true);
  view.setUint16(at + 2, UTF8_FLAG, true);
  view.setUint16(at + 8, DATE, true);
  view.setUint32(at + 10, crc, true);
  view.setUint32(at + 14, size, true);
  view.setUint32(at + 18, size, true);
  view.setUint16(at + 22, nameLength, true);
}

/** The archive of files of less than 4 GB in all. */
export function zip(entries: readonly ZipEntry[]): Uint8Array {
  const pieces: Uint8Array[] = [];
  const directory: Uint8Array[] = [];
  let offset = 0;
  for (const { name, bytes } of entries) {
    const encoded = new TextEncoder().encode(name);
    const crc = crc32(bytes);
    const start = offset;
    const header = record(30, (view) => {
      view.setUint32(0, 0x04034b50, true);
      common(view, 4, crc, bytes.length, encoded.length);
    });
    pieces.push(header, encoded, bytes);
    offset += header.length + encoded.length + bytes.length;
    directory.push(record(46, (view) => {
      view.setUint32(0, 0x02014b50, true);
      view.setUint16(4, VERSION, true);
      common(view, 6, crc, bytes.length, encoded.length);
      view.setUint32(42, start, true);
    }), encoded);
  }
  const length = directory.reduce((a, d) => a + d.length, 0);
  const end = record(22, (view) => {
    view.setUint32(0, 0x06054b50, true);
    view.setUint16(8, entries.length, true);
    view.setUint16(10, entries.length, true);
    view.setUint32(12, length, true);
    view.setUint32(16, offset, true);
  });
  // No Buffer: that would cross to the page as a list of numbers.
  const archive = new Uint8Array(offset + length + end.length);
  let at = 0;
  for (const piece of [...pieces, ...directory, end]) {
    archive.set(piece, at);
    at += piece.length;
  }
  return archive;
}
