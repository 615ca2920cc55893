import {
  type ByteSource,
  type Matrix,
  type RangedReader,
  type Storage,
  KaldiIoError,
  generalMatrixHolder,
  isCompressed,
  matrix,
  matrixHolder,
  memoryStorage,
  openTable,
  readMatrices,
  readTable,
  tableBytes,
  tokenHolder,
} from '@jebena/io-ark';
import { collect, mapValues } from '@jebena/stream';
import { pipe } from 'it-pipe';
import { expect, test } from 'vitest';

const feats = (n: number): [string, ReturnType<typeof matrix>][] =>
  Array.from({ length: n }, (_, i) => [
    `utt${String(i).padStart(4, '0')}`,
    matrix(
      10,
      3,
      Float32Array.from({ length: 30 }, (_, j) => i + j),
    ),
  ]);
const bytes = await tableBytes(matrixHolder, feats(5));

/** A source in chunks of `size`, whose memory is used again, and what became of it. */
function probe(size: number): { source: ByteSource; seen: { pulled: number; closed: number } } {
  const seen = { pulled: 0, closed: 0 };
  const memory = new Uint8Array(size);
  const source = {
    [Symbol.asyncIterator]: () => ({
      next: async () => {
        const chunk = bytes.subarray(size * seen.pulled, size * ++seen.pulled);
        memory.set(chunk);
        return chunk.length > 0
          ? { done: false as const, value: memory.subarray(0, chunk.length) }
          : { done: true as const, value: undefined };
      },
      return: async () => {
        seen.closed++;
        return { done: true as const, value: undefined };
      },
    }),
  };
  return { source, seen };
}

test.each([1, 2, 7, 64, 100, 137, 1000])('chunks of %i bytes, their memory used again, give the same', async (size) => {
  expect(await collect(readMatrices(probe(size).source))).toEqual(feats(5));
});

test('text and posterior-like values that are torn anywhere give the same', async () => {
  const text = await tableBytes(matrixHolder, feats(3), { binary: false });
  for (const size of [1, 3, 50]) {
    const chunks = function* () {
      for (let at = 0; at < text.length; at += size) yield text.subarray(at, at + size);
    };
    expect(await collect(readMatrices(chunks()))).toEqual(feats(3));
  }
});

test('a break closes the source, reading no more than it must', async () => {
  const { source, seen } = probe(150);
  for await (const [key] of readMatrices(source)) if (key === 'utt0000') break;
  expect(seen).toEqual({ pulled: 1, closed: 1 });
});

test('an error of the source reaches the consumer unchanged', async () => {
  const torn = new Error('torn');
  const source = (async function* () {
    yield bytes.subarray(0, 200);
    throw torn;
  })();
  await expect(collect(readMatrices(source))).rejects.toBe(torn);
});

test('an abort ends a parked read', async () => {
  const controller = new AbortController();
  const parked: ByteSource = { [Symbol.asyncIterator]: () => ({ next: () => new Promise<never>(() => undefined) }) };
  const reading = collect(readMatrices(parked, { signal: controller.signal }));
  const reason = new Error('stop');
  queueMicrotask(() => controller.abort(reason));
  await expect(reading).rejects.toBe(reason);
});

test('web streams and blobs are sources', async () => {
  const copy = Uint8Array.from(bytes);
  expect(await collect(readMatrices(new Blob([copy])))).toEqual(feats(5));
  expect(await collect(readMatrices(new Response(copy).body!))).toEqual(feats(5));
  const packed = new Blob([copy]).stream().pipeThrough(new CompressionStream('gzip'));
  expect(await collect(readMatrices(packed))).toEqual(feats(5));
});

test('a torn gzip says so', async () => {
  const packed = new Blob([Uint8Array.from(bytes)]).stream().pipeThrough(new CompressionStream('gzip'));
  const whole = new Uint8Array(await new Response(packed).arrayBuffer());
  await expect(collect(readMatrices(whole.subarray(0, whole.length - 9), { path: 'x.gz' }))).rejects.toThrow(
    'x.gz: expected whole gzip data',
  );
});

test('it runs in it-pipe', async () => {
  const doubled: (readonly [string, Matrix])[] = await pipe(
    readMatrices(bytes),
    mapValues((m: Matrix) => ({ ...m, data: m.data.map((v) => 2 * v) })),
    (source) => collect(source),
  );
  expect(doubled[1]![1].data[0]).toBe(2);
});

test('an error tells file, key and byte', async () => {
  const torn = bytes.subarray(0, 300);
  const error = await collect(readMatrices(torn, { path: 'x.ark' })).catch((e: unknown) => e);
  expect(error).toBeInstanceOf(KaldiIoError);
  expect(error).toMatchObject({ path: 'x.ark', key: 'utt0002', offset: 300, code: 'ERR_KALDI_IO' });
});

test('a permissive table leaves out what is torn or missing, and tells', async () => {
  const files = new Map([
    ['x.ark', bytes.subarray(0, 300)],
    ['x.scp', new TextEncoder().encode('a x.ark:8\nb gone.ark:3\nc x.ark:8[0:1]\n')],
  ]);
  const skipped: string[] = [];
  const options = { storage: memoryStorage(files), onSkip: (error: Error) => void skipped.push(error.message) };
  expect(await collect(readTable(matrixHolder, 'ark,p:x.ark', options))).toEqual(feats(2));
  const scp = await collect(readTable(matrixHolder, 'scp,p,bg:x.scp', options));
  expect(scp.map(([key, m]) => [key, m.rows])).toEqual([
    ['a', 10],
    ['c', 2],
  ]);
  expect(skipped).toEqual([
    expect.stringContaining("x.ark, key 'utt0002'"),
    "gone.ark, key 'b': expected a file, found no such file",
  ]);
  await expect(collect(readTable(matrixHolder, 'scp:x.scp', options))).rejects.toThrow("gone.ark, key 'b'");
});

test.each([
  ['ark:', 'a value after the key'],
  ['scp', 'a key and a file name'],
])('%s of garbage is refused', async (kind, expected) => {
  const files = new Map([['x', new TextEncoder().encode('garbage')]]);
  const source = kind === 'scp' ? 'scp:x' : 'ark:x';
  await expect(collect(readTable(tokenHolder, source, { storage: memoryStorage(files) }))).rejects.toThrow(expected);
});

/** Ranges asked of a storage, as of S3. */
function rangedStorage(file: Uint8Array): Storage & { asked: [number, number][] } {
  const asked: [number, number][] = [];
  const reader: RangedReader = {
    read: async (offset, length) => {
      asked.push([offset, length]);
      return file.slice(offset, offset + length);
    },
  };
  const script = new TextEncoder().encode('first s3://x.ark:8\nlast s3://x.ark:160000\n');
  return { asked, stream: () => script, ranged: () => reader };
}

test('a ranged reader is asked for what is needed and no more', async () => {
  const large = await tableBytes(matrixHolder, [['utt0000', matrix(100, 40)]]);
  const file = new Uint8Array(200_000);
  file.set(large);
  file.set(bytes.subarray(8), 160_000);
  const storage = rangedStorage(file);
  const table = openTable(matrixHolder, 'scp:x.scp', { storage });
  expect((await table.get('last'))!.rows).toBe(10);
  expect((await table.get('first'))!.rows).toBe(100);
  expect(await table.get('none')).toBeUndefined();
  const [[at, length], [next]] = storage.asked as [[number, number], [number, number]];
  expect([at, length <= 16384, next]).toEqual([160_000, true, 8]);
  expect(storage.asked.reduce((sum, [, n]) => sum + n, 0)).toBeLessThan(40_000);
});

test('a false length does not make a ranged reader ask for gigabytes', async () => {
  const file = Uint8Array.from(bytes);
  new DataView(file.buffer).setInt32(8 + 2 + 3 + 1, 2_000_000_000, true);
  const storage = rangedStorage(file);
  const table = openTable(matrixHolder, 'scp:x.scp', { storage });
  await expect(table.get('first')).rejects.toThrow("key 'first', byte 23: expected 24000000000 bytes");
  expect(Math.max(...storage.asked.map(([, n]) => n))).toBeLessThan(20_000_000);
});

test('values may lie in memory that is used again, where that is asked for', async () => {
  const files = new Map([
    ['x.ark', bytes],
    ['x.scp', new TextEncoder().encode('a x.ark:8\nb x.ark:151\nc x.ark:151[1:2]\nd x.ark:151[1:1]\n')],
  ]);
  const keep = await collect(readTable(matrixHolder, 'scp:x.scp', { storage: memoryStorage(files) }));
  const seen: number[] = [];
  for await (const [, { data }] of readTable(matrixHolder, 'scp:x.scp', { storage: memoryStorage(files), reuse: true }))
    seen.push(data[0]!);
  expect(seen).toEqual(keep.map(([, m]) => m.data[0]));
  expect(seen).toEqual([0, 1, 4, 4]);
});

test('general matrices keep their form', async () => {
  const sparse = { rows: 1, cols: 4, vectors: [{ dim: 4, indexes: Int32Array.of(2), values: Float32Array.of(0.5) }] };
  for (const binary of [true, false]) {
    const written = await tableBytes(generalMatrixHolder, [['a', sparse]], { binary });
    expect(await collect(readTable(generalMatrixHolder, written))).toEqual([['a', sparse]]);
    const [[, full]] = await collect(readTable(matrixHolder, written));
    expect([...full!.data]).toEqual([0, 0, 0.5, 0]);
  }
  const text = new TextDecoder().decode(await tableBytes(generalMatrixHolder, [['a', sparse]], { binary: false }));
  expect(text).toBe('a rows=1 dim=4 [ 2 0.5 ] \n');
  expect(isCompressed(sparse)).toBe(false);
});

test('an archive too is read in memory that is used again, where that is asked for', async () => {
  const uneven = await tableBytes(matrixHolder, [
    ...feats(2),
    ['x', matrix(3, 1, Float32Array.of(7, 8, 9))],
    ...feats(40),
  ]);
  const keep = await collect(readMatrices(uneven));
  let i = 0;
  for await (const [key, { data }] of readMatrices(uneven, { reuse: true })) {
    const [wanted, m] = keep[i++]!;
    expect([key, [...data]]).toEqual([wanted, [...m.data]]);
  }
  expect(i).toBe(43);
});

test.each([true, false])('a value is given as soon as its bytes are there (binary %s)', async (binary) => {
  const [first, second] = await Promise.all(feats(2).map((item) => tableBytes(matrixHolder, [item], { binary })));
  let more: (() => void) | undefined;
  const source = (async function* () {
    yield first!.subarray(0, 100);
    // A text matrix ends with its newline; nothing of the next value is here yet.
    yield first!.subarray(100);
    await new Promise<void>((resolve) => (more = resolve));
    yield second!;
  })();
  const items = readMatrices(source)[Symbol.asyncIterator]();
  expect((await items.next()).value![0]).toBe('utt0000');
  const next = items.next();
  await new Promise((resolve) => setTimeout(resolve, 5));
  more!();
  expect((await next).value![0]).toBe('utt0001');
});
