/** A file read without its long weights is the same model as one read whole; so is every mutant, down to the sentence. */
import { describe, expect, it } from 'vitest';
import { seedFiles } from './seeds.harness.ts';
import { mutants } from './mutations.harness.ts';
import { readHollow, type Readable } from './hollow.ts';
import { decodeFrom, decodeSource } from './read.ts';

/** A file in memory; `most` bytes a call, as a disk may give fewer than asked for. */
const file = (bytes: Uint8Array, most = Infinity): Readable => ({
  read: (into, at, length, position) => {
    const part = bytes.subarray(position, position + Math.min(length, most));
    into.set(part, at);
    return Promise.resolve({ bytesRead: part.length });
  },
});
const outcome = async (read: () => unknown): Promise<unknown> => {
  try {
    return await read();
  } catch (error) {
    return (error as Error).message;
  }
};

describe('a hollow file', () => {
  it('lacks long weights only', async () => {
    const bytes = seedFiles()[0] as Uint8Array;
    const hollow = await readHollow(file(bytes), bytes.length, 64);
    // A convolution of four filters of 3×3×3.
    expect([...(hollow?.holes.values() ?? [])]).toEqual([432]);
    expect([...((await readHollow(file(bytes), bytes.length, 433))?.holes ?? [])]).toEqual([]);
  });

  it.each([1, 8, 64])('is read as a whole one, weights of %i bytes and more later', async (long) => {
    for (const bytes of seedFiles()) {
      const whole = await outcome(() => decodeSource(bytes, 'net.onnx', () => new ArrayBuffer(16)));
      expect(await outcome(() => decodeFrom(file(bytes, 7), bytes.length, 'net.onnx', () => new ArrayBuffer(16), { long }))).toEqual(whole);
      expect(typeof whole).toBe('object');
    }
  });

  it('is refused where it ends early', async () => {
    const bytes = seedFiles()[0] as Uint8Array;
    await expect(decodeFrom(file(bytes.subarray(0, 300)), bytes.length, 'net.onnx', null)).rejects.toThrow(/expected \d+ bytes, got fewer/);
  });

  it('is the same for mutants, answers and refusals', async () => {
    for (const { what, bytes } of mutants(seedFiles(), 1000, 3)) {
      const whole = await outcome(() => decodeSource(bytes, 'net.onnx'));
      expect([what, await outcome(() => decodeFrom(file(bytes), bytes.length, 'net.onnx', null, { long: 16 }))]).toEqual([what, whole]);
    }
  });
});
