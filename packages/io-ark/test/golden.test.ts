import { readFileSync } from 'node:fs';
import {
  type CompressionMethod,
  type Holder,
  compressionMethods,
  compressedHolder,
  doubleMatrixHolder,
  generalMatrixHolder,
  int32VectorHolder,
  matrixHolder,
  memoryStorage,
  posteriorHolder,
  readTable,
  tableBytes,
  vectorHolder,
} from '@jebena/io-ark';
import { readMatrices } from '@jebena/io-ark/node';
import { type Item, collect } from '@jebena/stream';
import { expect } from 'vitest';
import { shared, testShared } from '../../../test/support/shared.js';

const golden = (name: string): Uint8Array => readFileSync(shared('golden/io', name));
const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

/** Reads with one holder and writes with another. */
const copy = async <V>(from: Holder<V, never>, to: Holder<unknown, V>, name: string, binary: boolean) =>
  tableBytes(to, readTable(from, golden(name), { path: name }), { binary });

/** Script files of Kaldi name files from the folder in which it ran. */
const scripted = (name: string): Promise<Item<{ rows: number; cols: number; data: Float32Array }>[]> => {
  const files = new Map([
    ['io/mfcc.ark', golden('mfcc.ark')],
    [name, golden(name)],
  ]);
  return collect(readTable(matrixHolder, `scp:${name}`, { storage: memoryStorage(files) }));
};

testShared('matrices: binary and text, both ways', async () => {
  expect(text(await copy(matrixHolder, matrixHolder, 'mfcc.ark', false))).toBe(text(golden('mfcc.txt')));
  expect(await copy(matrixHolder, matrixHolder, 'mfcc.ark', true)).toEqual(new Uint8Array(golden('mfcc.ark')));
  expect(text(await copy(matrixHolder, matrixHolder, 'mfcc.txt', false))).toBe(text(golden('mfcc.txt')));
});

testShared('gzip is unpacked as it is met', async () => {
  expect(await copy(matrixHolder, matrixHolder, 'mfcc.ark.gz', true)).toEqual(new Uint8Array(golden('mfcc.ark')));
});

testShared('double statistics stay double', async () => {
  const bytes = await copy(doubleMatrixHolder, doubleMatrixHolder, 'cmvn.ark', true);
  expect(bytes).toEqual(new Uint8Array(golden('cmvn.ark')));
  // copy-matrix reads into floats before it prints.
  expect(text(await copy(matrixHolder, matrixHolder, 'cmvn.ark', false))).toBe(text(golden('cmvn.txt')));
  expect(text(await copy(doubleMatrixHolder, doubleMatrixHolder, 'cmvn.txt', false))).toBe(text(golden('cmvn.txt')));
});

testShared.for(compressionMethods.map((method, i) => [method, i + 1] as const))(
  'compression method %s: bytes and values',
  async ([method, number]: readonly [CompressionMethod, number]) => {
    const name = `mfcc.cm${number}.ark`;
    const bytes = new Uint8Array(golden(name));
    expect(await copy(matrixHolder, compressedHolder(method), 'mfcc.ark', true)).toEqual(bytes);
    expect(await copy(generalMatrixHolder, generalMatrixHolder, name, true)).toEqual(bytes);
    expect(text(await copy(matrixHolder, matrixHolder, name, false))).toBe(text(golden(`mfcc.cm${number}.txt`)));
  },
);

testShared('scripts: offsets and ranges', async () => {
  const whole = await collect(readTable(matrixHolder, golden('mfcc.ark')));
  expect(await scripted('mfcc.scp')).toEqual(whole);
  expect(text(await tableBytes(matrixHolder, await scripted('ranges.scp'), { binary: false }))).toBe(
    text(golden('ranges.txt')),
  );
});

testShared('integer vectors, vectors and posteriors', async () => {
  const same = (holder: Holder<any, any>, from: string, to: string): Promise<void> =>
    copy(holder, holder, from, !to.endsWith('.txt')).then((bytes) => expect(bytes).toEqual(new Uint8Array(golden(to))));
  await same(int32VectorHolder, 'intvec.txt', 'intvec.ark');
  await same(int32VectorHolder, 'intvec.ark', 'intvec.ark');
  await same(vectorHolder, 'vec.txt', 'vec.ark');
  await same(vectorHolder, 'vec.ark', 'vec.out.txt');
  await same(posteriorHolder, 'post.txt', 'post.ark');
  await same(posteriorHolder, 'post.ark', 'post.ark');
});

testShared('from files by their names', async () => {
  const items = await collect(readMatrices(`ark:${shared('golden/io/mfcc.ark.gz')}`));
  expect(items.map(([key]) => key)).toEqual(['3_jackson_7', '7_theo_12', '0_george_33']);
  const unpacked = await collect(readMatrices(`ark:gunzip -c ${shared('golden/io/mfcc.ark.gz')}|`));
  expect(unpacked).toEqual(items);
});
