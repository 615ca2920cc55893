import { decodeFrame, encodeFrame } from '@jebena/io-ark';
import { expect, test } from 'vitest';

const frame = {
  header: { epoch: 3, words: ['one', 'two'] },
  arrays: { a: Float32Array.of(1, 2, 3), b: new Float32Array(0), c: Float32Array.of(-0.5) },
};

test('a frame is read back as it was, also from an odd offset', () => {
  const bytes = encodeFrame(frame);
  expect(decodeFrame(bytes)).toEqual(frame);
  const shifted = new Uint8Array(bytes.length + 1);
  shifted.set(bytes, 1);
  expect(decodeFrame(shifted.subarray(1))).toEqual(frame);
});

test('a torn frame is refused at every length', () => {
  const bytes = encodeFrame(frame);
  for (let length = 0; length < bytes.length - 8; length++)
    expect(() => decodeFrame(bytes.subarray(0, length), 'x.ckpt')).toThrow('x.ckpt: expected');
});
