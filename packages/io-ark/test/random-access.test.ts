import { compareKeys, int32Holder, memoryStorage, openTable, tableBytes } from '@jebena/io-ark';
import { describe, expect, test } from 'vitest';

const items: [string, number][] = Array.from({ length: 20 }, (_, i) => [`k${String(i).padStart(2, '0')}`, i]);
const ark = await tableBytes(int32Holder, items);
const text = await tableBytes(int32Holder, items, { binary: false });
const scp = new TextEncoder().encode(items.map(([key], i) => `${key} x.ark:${4 + 11 * i}\n`).join(''));
const open = (specifier: string, files: Record<string, Uint8Array> = {}): ReturnType<typeof openTable<number>> =>
  openTable(int32Holder, specifier, {
    storage: memoryStorage(new Map(Object.entries({ 'x.ark': ark, 'x.txt': text, 'x.scp': scp, ...files }))),
  });

describe.each(['ark:x.ark', 'ark:x.txt', 'scp:x.scp', 'ark,s:x.ark', 'ark,o:x.ark', 'scp,o:x.scp', 'scp,p:x.scp'])(
  '%s',
  (specifier) => {
    test('values come in any order, twice or not at all', async () => {
      const table = open(specifier);
      expect(await table.get('k07')).toBe(7);
      expect(await table.has('k03')).toBe(true);
      expect(await table.get('k03')).toBe(3);
      expect(await table.get('k05x')).toBeUndefined();
      expect(await table.has('zz')).toBe(false);
      expect(await Promise.all(['k19', 'k00'].map((key) => table.get(key)))).toEqual([19, 0]);
      await table.close();
    });
  },
);

test('s,cs reads no further than it must, and forgets', async () => {
  const pulled = { count: 0 };
  const storage = {
    stream: async function* () {
      for (let at = 0; at < ark.length; at += 11) {
        pulled.count++;
        yield ark.subarray(at, at + 11);
      }
    },
  };
  const table = openTable(int32Holder, 'ark,s,cs:x', { storage });
  expect(await table.get('k02')).toBe(2);
  expect(await table.get('k02a')).toBeUndefined();
  expect(pulled.count).toBeLessThan(7);
  expect(await table.get('k05')).toBe(5);
  await table.close();
});

test('once means once', async () => {
  const table = open('ark,o:x.ark');
  expect(await table.get('k01')).toBe(1);
  expect(await table.get('k01')).toBeUndefined();
});

test('keys out of order or twice are errors', async () => {
  const unsorted = await tableBytes(int32Holder, [
    ['b', 1],
    ['a', 2],
  ]);
  await expect(open('ark,s:y', { y: unsorted }).get('c')).rejects.toThrow(
    "expected keys in order (the specifier says 's')",
  );
  const twice = await tableBytes(int32Holder, [
    ['b', 1],
    ['b', 2],
  ]);
  await expect(open('ark:y', { y: twice }).get('c')).rejects.toThrow("key 'b': expected each key once");
  const script = new TextEncoder().encode('a x.ark:4\na x.ark:4\n');
  await expect(open('scp:y', { y: script }).get('a')).rejects.toThrow("key 'a': expected each key once");
});

test('keys are ordered by their bytes', () => {
  const keys = ['b', 'a', 'ab', 'Z', 'é', '\u{1F600}', '\uFFFD'];
  const byBytes = [...keys].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  expect([...keys].sort(compareKeys)).toEqual(byBytes);
});
