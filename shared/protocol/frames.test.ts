/** Frames: any message comes back; anything else is refused. */
import { describe, expect, it } from 'vitest';
import { fc } from '../util/properties.harness.ts';
import { decodeFrame, encodeFrame } from './frames.ts';

const leaf = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null), fc.uint8Array({ maxLength: 9 }), fc.float32Array({ maxLength: 5, noNaN: true }), fc.int32Array({ maxLength: 5 }));
const message = fc.letrec((tie) => ({ any: fc.oneof({ depthSize: 'small' }, leaf, fc.array(tie('any'), { maxLength: 4 }), fc.dictionary(fc.string().filter((k) => k !== '__proto__' && k !== '$binary'), tie('any'), { maxKeys: 4 })) })).any;

describe('frames', () => {
  it('round trip any message with binary parts', () => {
    fc.assert(fc.property(message, (m) => { expect(decodeFrame(encodeFrame(m))).toEqual(m); }));
  });

  it('a view into a larger buffer decodes alike', () => {
    const frame = encodeFrame({ a: Float32Array.of(1, 2) });
    const larger = new Uint8Array(frame.length + 5);
    larger.set(frame, 5);
    const shared = larger.subarray(5);
    expect(decodeFrame(shared)).toEqual({ a: Float32Array.of(1, 2) });
  });

  it('bytes that are none are refused, never read outside', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
      try {
        decodeFrame(bytes);
      } catch (e) {
        expect((e as Error).message).toMatch(/^Message: expected a frame of the protocol/);
      }
    }));
    const frame = encodeFrame({ a: new Uint8Array(16) });
    expect(() => decodeFrame(frame.subarray(0, frame.length - 9))).toThrow(/a part outside the frame/);
  });
});
