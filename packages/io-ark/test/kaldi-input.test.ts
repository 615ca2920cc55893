import { KaldiInput, KaldiIoError, KaldiOutput, formatFloat } from '@jebena/io-ark';
import { describe, expect, test } from 'vitest';

describe.each([true, false])('binary %s', (binary) => {
  test('what is written is read back', () => {
    const out = new KaldiOutput({ binary });
    out.writeToken('<Dim>');
    out.writeInt32(-40);
    out.writeFloat(0.25);
    out.writeDouble(1e-3);
    out.writeBool(true);
    out.writeInt32Vector([1, 2, 3]);
    out.writeVector(Float32Array.of(1, 2.5));
    out.writeMatrix({ rows: 2, cols: 2, data: Float32Array.of(1, 2, 3, 4) });
    out.writeToken('</Dim>');
    const input = new KaldiInput(out.bytes());
    expect(input.binary).toBe(binary);
    expect(input.peekToken()).toBe('<Dim>');
    input.expectToken('<Dim>');
    expect(input.readInt32()).toBe(-40);
    expect(input.readFloat()).toBe(0.25);
    expect(input.readFloat()).toBe(1e-3);
    expect(input.readBool()).toBe(true);
    expect([...input.readInt32Vector()]).toEqual([1, 2, 3]);
    expect([...input.readVector()]).toEqual([1, 2.5]);
    expect(input.readMatrix()).toEqual({ rows: 2, cols: 2, data: Float32Array.of(1, 2, 3, 4) });
    input.expectToken('</Dim>');
  });
});

test('errors say file, offset, expected and found', () => {
  const input = new KaldiInput(new TextEncoder().encode('<Nnet3> x'), { path: 'a.raw' });
  input.expectToken('<Nnet3>');
  expect(() => input.readInt32()).toThrow(new KaldiIoError('a 32-bit integer', '"x"', { path: 'a.raw', offset: 8 }));
});

test('a size beyond the file is refused before it is allocated', () => {
  const out = new KaldiOutput({ binary: true });
  out.writeToken('FM');
  out.writeInt32(2000000000);
  out.writeInt32(2000000000);
  expect(() => new KaldiInput(out.bytes()).readMatrix()).toThrow('before the end of the file');
});

test('floats are printed as C++ prints them', () => {
  const printed = [0.1, 1e-5, 123456789, -1 / 3, 100, 1e10, 0.00012345678, 1234567, 1e6].map((v) => formatFloat(v));
  expect(printed).toEqual([
    '0.1',
    '1e-05',
    '1.234568e+08',
    '-0.3333333',
    '100',
    '1e+10',
    '0.0001234568',
    '1234567',
    '1000000',
  ]);
});

test('vectors are read from a Buffer that is a view of a larger one', () => {
  const output = new KaldiOutput({ binary: true });
  output.writeVector(Float32Array.of(1, 2, 3));
  const pool = Buffer.concat([Buffer.alloc(3), output.bytes(), Buffer.alloc(5)]);
  expect(new KaldiInput(pool.subarray(3)).readVector()).toEqual(Float32Array.of(1, 2, 3));
});
