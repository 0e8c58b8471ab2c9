/** Constants of a document: base64 as its RFC has it, every element type there and back, and nothing of broken ones. */
import { expect, it } from 'vitest';
import { decodeBase64, encodeBase64 } from '../util/base64.ts';
import { fc } from '../util/properties.harness.ts';
import type { Attribute, Tensor } from './ir.ts';
import { loadAttribute, loadConstant, storeAttribute, storeConstant } from './stored.ts';

// RFC 4648, section 10, and the two letters beyond digits.
it.each([['', ''], ['f', 'Zg=='], ['fo', 'Zm8='], ['foo', 'Zm9v'], ['foob', 'Zm9vYg=='], ['fooba', 'Zm9vYmE='], ['foobar', 'Zm9vYmFy'], ['\u00fb\u00ff', '+/8=']])('%j is %s in base64', (letters, text) => {
  const bytes = Uint8Array.from(letters, (c) => c.charCodeAt(0));
  expect([encodeBase64(bytes), decodeBase64(text)]).toEqual([text, bytes]);
});

it('any bytes come back', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => { expect(decodeBase64(encodeBase64(bytes))).toEqual(Uint8Array.from(bytes)); }));
});

it('text that is none of base64 has no bytes', () => {
  for (const text of ['abc', 'ab=c', 'a b=', 'äöü=', '====']) expect(decodeBase64(text)).toBeNull();
});

it.each<Tensor>([
  { element: 'float32', shape: [2, 2], data: Float32Array.of(1.5, -0, Infinity, 3e-45) }, { element: 'float64', shape: [1], data: Float64Array.of(Math.PI) }, { element: 'float16', shape: [2], data: Uint16Array.of(0x3c00, 0xfc00) },
  { element: 'int64', shape: [2], data: BigInt64Array.of(-1n, 2n ** 63n - 1n) }, { element: 'uint64', shape: [], data: BigUint64Array.of(2n ** 64n - 1n) }, { element: 'int8', shape: [3], data: Int8Array.of(-128, 0, 127) }, { element: 'bool', shape: [2], data: Uint8Array.of(0, 1) },
  { element: 'int32', shape: [0, 4], data: new Int32Array() },
])('$element $shape comes back', (tensor) => {
  expect(loadConstant(storeConstant(tensor))).toEqual(tensor);
  expect(loadAttribute({ kind: 'tensor', value: storeConstant(tensor) })).toEqual({ kind: 'tensor', value: tensor });
});

it('attributes come back through JSON, also what is no number', () => {
  const attributes: readonly Attribute[] = [{ kind: 'float', value: -Infinity }, { kind: 'float', value: NaN }, { kind: 'float', value: 0.5 }, { kind: 'floats', value: [1, Infinity, 2] }, { kind: 'ints', value: [1, 2] }, { kind: 'string', value: 'NaN' }];
  for (const a of attributes) expect(loadAttribute(JSON.parse(JSON.stringify(storeAttribute(a))) as never)).toEqual(a);
});

it('a view into a larger buffer stores its own part alone', () => {
  const whole = Float32Array.of(1, 2, 3, 4);
  expect(loadConstant(storeConstant({ element: 'float32', shape: [2], data: whole.subarray(1, 3) }))?.data).toEqual(Float32Array.of(2, 3));
});

it('bytes that do not fill the shape, and text, are no constant', () => {
  const { data } = storeConstant({ element: 'float32', shape: [2], data: Float32Array.of(1, 2) });
  expect([loadConstant({ element: 'float32', shape: [3], data }), loadConstant({ element: 'string', shape: [2], data }), loadConstant({ element: 'float32', shape: [2], data: 'nothing' })]).toEqual([null, null, null]);
});
