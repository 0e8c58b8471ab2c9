/** Bytes as base64 text and back (RFC 4648, section 4): neither DOM nor Node is here to ask. */

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const places = new Map([...ALPHABET].map((letter, i) => [letter, i]));

/** Four letters for every three bytes, padded with "=". */
export function encodeBase64(bytes: Uint8Array): string {
  const parts: string[] = [];
  for (let i = 0; i < bytes.length; i += 3) {
    const [a = 0, b = 0, c = 0] = bytes.subarray(i, i + 3);
    const word = (a << 16) | (b << 8) | c;
    const letters = [18, 12, 6, 0].map((shift) => ALPHABET[(word >> shift) & 63] as string);
    const left = bytes.length - i;
    parts.push(left > 2 ? letters.join('') : letters.slice(0, left + 1).join('').padEnd(4, '='));
  }
  return parts.join('');
}

/** The bytes of such a text; null where a letter is none of base64 or the length does not fit. */
export function decodeBase64(text: string): Uint8Array<ArrayBuffer> | null {
  const end = text.endsWith('==') ? text.length - 2 : text.endsWith('=') ? text.length - 1 : text.length;
  if (text.length % 4 !== 0) return null;
  const bytes = new Uint8Array(Math.floor((end * 3) / 4));
  let word = 0;
  let bits = 0;
  let at = 0;
  for (let i = 0; i < end; i++) {
    const place = places.get(text[i] as string);
    if (place === undefined) return null;
    word = ((word << 6) | place) & 0xffffff;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes[at++] = (word >> bits) & 255;
  }
  return bytes;
}
