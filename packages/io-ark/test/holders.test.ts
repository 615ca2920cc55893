import {
  type Holder,
  KaldiInput,
  boolHolder,
  doubleHolder,
  doubleVectorHolder,
  floatHolder,
  floatPairVectorHolder,
  gaussPosteriorHolder,
  htkHolder,
  int32Holder,
  int32PairVectorHolder,
  int32VectorHolder,
  int32VectorVectorHolder,
  matrix,
  matrixHolder,
  posteriorHolder,
  readTable,
  sphinxHolder,
  tableBytes,
  tokenHolder,
  tokenVectorHolder,
  vectorHolder,
} from '@jebena/io-ark';
import { collect } from '@jebena/stream';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Each holder, a value, and how Kaldi's writer prints it (util/kaldi-holder-inl.h). */
test.each<[string, Holder<any>, unknown, string]>([
  ['int', int32Holder, -12, 'k -12 \n'],
  ['float', floatHolder, 0.25, 'k 0.25 \n'],
  ['double', doubleHolder, 1e-10, 'k 1e-10 \n'],
  ['bool', boolHolder, true, 'k T \n'],
  ['int vector', int32VectorHolder, Int32Array.of(1, -2), 'k 1 -2 \n'],
  ['empty int vector', int32VectorHolder, new Int32Array(0), 'k \n'],
  [
    'int vectors',
    int32VectorVectorHolder,
    [Int32Array.of(1, 2), Int32Array.of(), Int32Array.of(3)],
    'k 1 2 ; ; 3 ; \n',
  ],
  [
    'int pairs',
    int32PairVectorHolder,
    [
      [1, 2],
      [3, 4],
    ],
    'k 1 2 ; 3 4 \n',
  ],
  ['float pairs', floatPairVectorHolder, [[1.5, 2]], 'k 1.5 2 \n'],
  [
    'posterior',
    posteriorHolder,
    [
      [
        [3, 0.25],
        [4, 0.75],
      ],
      [],
    ],
    'k [ 3 0.25 4 0.75 ] [ ] \n',
  ],
  ['Gaussian posterior', gaussPosteriorHolder, [[[7, Float32Array.of(1, 2)]], []], 'k 2 1 7  [ 1 2 ]\n0 \n'],
  ['token', tokenHolder, 'word', 'k word\n'],
  ['tokens', tokenVectorHolder, ['a', 'b'], 'k a b \n'],
  ['no tokens', tokenVectorHolder, [], 'k \n'],
  ['vector', vectorHolder, Float32Array.of(1, 0.1), 'k  [ 1 0.1 ]\n'],
  ['double vector', doubleVectorHolder, Float64Array.of(1, 0.1), 'k  [ 1 0.1 ]\n'],
  ['matrix', matrixHolder, matrix(2, 1, Float32Array.of(1, 2)), 'k  [\n  1 \n  2 ]\n'],
  ['empty matrix', matrixHolder, matrix(0, 0), 'k  [ ]\n'],
])('%s', async (_, holder, value, text) => {
  const items: [string, unknown][] = [
    ['k', value],
    ['l', value],
  ];
  const twice = new TextDecoder().decode(await tableBytes(holder, items, { binary: false }));
  expect(twice).toBe(text + text.replace(/^k/, 'l'));
  for (const binary of [true, false]) {
    const bytes = await tableBytes(holder, items, { binary });
    expect(await collect(readTable(holder, bytes))).toEqual(items);
  }
});

test.each<[string, Holder<any>, string, string]>([
  ['an int', int32Holder, 'k \n', 'expected a 32-bit integer, found an empty line'],
  ['an int', int32Holder, 'k 1 2\n', 'expected the end of the line, found "2\\n"'],
  ['an int', int32Holder, 'k 3000000000\n', 'expected a 32-bit integer'],
  ['ints', int32VectorHolder, 'k 1 x\n', 'expected a 32-bit integer, found "x\\n"'],
  ['int vectors', int32VectorVectorHolder, 'k 1 2\n', 'expected ; after each vector'],
  ['pairs', int32PairVectorHolder, 'k 1 2 3 4\n', 'expected ; between pairs'],
  ['a posterior', posteriorHolder, 'k 1 2\n', 'expected [, found "1 2\\n"'],
  ['a posterior', posteriorHolder, 'k [ 1 0.5\nl [ 2 1 ]\n', "key 'k'"],
  ['a token', tokenHolder, 'k a b\n', 'expected one token, found 2 on the line'],
  ['a vector', vectorHolder, 'k [ 1 2\n', 'found the end of the file'],
  ['a matrix', matrixHolder, 'k [ 1 2\n 3 ]\n', 'expected 2 values in row 1, found 1'],
])('%s is refused where the text is another', async (_, holder, text, message) => {
  await expect(collect(readTable(holder, utf8(text)))).rejects.toThrow(message);
});

test('text forms that Kaldi also reads', async () => {
  const read = async (text: string): Promise<number[]> => {
    const [[, m]] = (await collect(readTable(matrixHolder, utf8(text)))) as [[string, ReturnType<typeof matrix>]];
    return [m.rows, m.cols, ...m.data];
  };
  expect(await read('k [ 1 2; 3 4 ]\n')).toEqual([2, 2, 1, 2, 3, 4]);
  expect(await read('k [ 1 2\r\n 3 inf ]\r\n')).toEqual([2, 2, 1, 2, 3, Infinity]);
  expect(await read('k\t[1e1 -2.5E-1]')).toEqual([1, 2, 10, -0.25]);
  expect(await collect(readTable(tokenVectorHolder, utf8('a\nb x\n\nc  y z \n')))).toEqual([
    ['a', []],
    ['b', ['x']],
    ['c', ['y', 'z']],
  ]);
});

test('HTK and Sphinx features', async () => {
  const feats = matrix(
    2,
    13,
    Float32Array.from({ length: 26 }, (_, i) => i / 4),
  );
  const htk = { feats, samplePeriod: 100000, parameterKind: 6 };
  const bytes = await tableBytes(htkHolder, [
    ['a', htk],
    ['b', htk],
  ]);
  expect([...bytes.subarray(2, 14)]).toEqual([0, 0, 0, 2, 0, 1, 0x86, 0xa0, 0, 52, 0, 6]);
  expect(await collect(readTable(htkHolder, bytes))).toEqual([
    ['a', htk],
    ['b', htk],
  ]);
  const sphinx = await tableBytes(sphinxHolder(), [['a', feats]]);
  expect(await collect(readTable(sphinxHolder(), sphinx))).toEqual([['a', feats]]);
  // A checksum is passed over; compressed features are refused.
  const kind = (value: number, ...more: number[]): Uint8Array => {
    const changed = Uint8Array.from([...bytes.subarray(2, 2 + 12 + 104), ...more]);
    new DataView(changed.buffer).setUint16(10, value);
    return changed;
  };
  expect(htkHolder.read(new KaldiInput(kind(0o10006, 1, 2), {}, true))).toEqual(htk);
  expect(() => htkHolder.read(new KaldiInput(kind(0o2006), {}, true))).toThrow('found compressed or quantised ones');
});

test('any integers and floats survive both forms', async () => {
  const lists = fc.array(fc.array(fc.integer({ min: -2147483648, max: 2147483647 })));
  await fc.assert(
    fc.asyncProperty(lists, fc.float32Array({ noNaN: true }), fc.boolean(), async (ints, floats, binary) => {
      const bytes = await tableBytes(int32VectorVectorHolder, [['k', ints]], { binary });
      expect(await collect(readTable(int32VectorVectorHolder, bytes))).toEqual([
        ['k', ints.map((v) => Int32Array.from(v))],
      ]);
      const [[, back]] = (await collect(
        readTable(vectorHolder, await tableBytes(vectorHolder, [['k', floats]], { binary })),
      )) as [[string, Float32Array]];
      expect(back.length).toBe(floats.length);
      floats.forEach((v, i) => {
        if (binary || !Number.isFinite(v)) expect(Object.is(back[i], v)).toBe(true);
        else expect(Math.abs(back[i]! - v)).toBeLessThanOrEqual(Math.abs(v) * 1e-6);
      });
    }),
    { numRuns: 100 },
  );
});
