import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { type Matrix, int32Holder, matrix, matrixHolder, tableBytes } from '@jebena/io-ark';
import {
  openTable,
  readMatrices,
  readObject,
  readTable,
  writeMatrices,
  writeObject,
  writeTable,
} from '@jebena/io-ark/node';
import { type Item, collect } from '@jebena/stream';
import { pipe } from 'it-pipe';
import { afterAll, expect, test } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'jebena-node-'));
afterAll(() => rmSync(folder, { recursive: true }));
const at = (name: string): string => join(folder, name);
const feats: Item<Matrix>[] = Array.from({ length: 300 }, (_, i) => [
  `utt${i}`,
  matrix(
    50,
    20,
    Float32Array.from({ length: 1000 }, (__, j) => i + j),
  ),
]);
const bytes = Buffer.from(await tableBytes(matrixHolder, feats));
writeFileSync(at('x.ark'), bytes);
/** Compared as bytes: element by element would take seconds. */
const expectWhole = async (items: AsyncIterable<Item<Matrix>>): Promise<void> =>
  expect(bytes.equals(await tableBytes(matrixHolder, items))).toBe(true);
const expectBytes = (found: Uint8Array): void => expect(bytes.equals(found)).toBe(true);
const openFiles = (): number => readdirSync('/proc/self/fd').length;
const testLinux = existsSync('/proc/self/fd') ? test : test.skip;

test('archive and script, written by a sink and read back, in order and at random', async () => {
  const count = await pipe(readMatrices(`ark:${at('x.ark')}`), writeMatrices(`ark,scp:${at('y.ark')},${at('y.scp')}`));
  expect(count).toBe(300);
  expectBytes(readFileSync(at('y.ark')));
  await expectWhole(readMatrices(`scp:${at('y.scp')}`));
  const table = openTable(matrixHolder, `scp:${at('y.scp')}`);
  for (const i of [299, 0, 150]) expect(await table.get(`utt${i}`)).toEqual(feats[i]![1]);
  await table.close();
});

test('gzip: read by its content, unpacked without a shell, written by name or by command', async () => {
  writeFileSync(at('packed'), gzipSync(bytes));
  await expectWhole(readMatrices(`ark:${at('packed')}`));
  await expectWhole(readMatrices(`ark:gunzip -c ${at('packed')}|`));
  await writeMatrices(`ark:${at('z.ark.gz')}`)(feats);
  await writeMatrices(`ark:| gzip -c > ${at('w.gz')}`)(feats);
  for (const name of ['z.ark.gz', 'w.gz']) expectBytes(gunzipSync(readFileSync(at(name))));
});

test('shell commands run only where they are allowed', async () => {
  const command = `ark:cat ${at('x.ark')} |`;
  await expect(async () => collect(readMatrices(command))).rejects.toThrow('shell commands are not allowed here');
  await expect(writeMatrices(`ark:| cat > ${at('no')}`)(feats)).rejects.toThrow('not allowed');
  writeFileSync(at('cmd.scp'), `a cat ${at('x.ark')} |\n`);
  await expect(collect(readMatrices(`scp:${at('cmd.scp')}`))).rejects.toThrow('not allowed');
  await expectWhole(readMatrices(command, { allowPipes: true }));
  await writeMatrices(`ark:| cat > ${at('piped')}`, { allowPipes: true })(feats);
  expectBytes(readFileSync(at('piped')));
  await expect(collect(readMatrices('ark:exit 3|', { allowPipes: true }))).rejects.toThrow('found exit status 3');
  await expect(writeMatrices('ark:| exit 4', { allowPipes: true })([])).rejects.toThrow('exit status 4');
  // A reader that leaves early ends the command, and is not told of it as an error.
  for await (const [key] of readMatrices(`ark:cat ${at('x.ark')} ${at('x.ark')}|`, { allowPipes: true })) {
    expect(key).toBe('utt0');
    break;
  }
});

test('scp: writes each value to the file that the script names', async () => {
  writeFileSync(at('out.scp'), `utt0 ${at('0.mat')}\nutt1 ${at('1.mat')}\n`);
  await writeMatrices(`scp:${at('out.scp')}`)(feats.slice(0, 2));
  expect(await readObject(matrixHolder, at('1.mat'))).toEqual(feats[1]![1]);
  expect(await readObject(matrixHolder, `${at('1.mat')}[0:1,2:3]`)).toEqual(
    matrix(2, 2, Float32Array.of(3, 4, 23, 24)),
  );
  await expect(writeMatrices(`scp:${at('out.scp')}`)(feats)).rejects.toThrow(
    "key 'utt2': expected an entry in the script",
  );
  await writeMatrices(`scp,p:${at('out.scp')}`)(feats);
  await writeObject(matrixHolder, at('t.mat'), feats[0]![1], { binary: false });
  expect(readFileSync(at('t.mat'), 'utf8')).toMatch(/^ \[\n {2}0 1 2 /);
});

test('a write that fails leaves nothing, and what was there stays', async () => {
  writeFileSync(at('keep.ark'), 'before');
  const failing = (async function* () {
    yield feats[0]!;
    throw new Error('halfway');
  })();
  await expect(writeMatrices(`ark,scp:${at('keep.ark')},${at('keep.scp')}`)(failing)).rejects.toThrow('halfway');
  expect(readFileSync(at('keep.ark'), 'utf8')).toBe('before');
  expect(existsSync(at('keep.scp'))).toBe(false);
  await expect(writeMatrices(`ark:${at('nowhere/x.ark')}`)(feats)).rejects.toThrow('no such file or folder');
  await expect(writeMatrices(`ark:${at('a.ark')}`)([['a b', feats[0]![1]]])).rejects.toThrow(
    'a key without white space',
  );
  expect(readdirSync(folder).filter((name) => name.endsWith('.tmp'))).toEqual([]);
});

testLinux('a break, an error and an abort close what is open', async () => {
  const before = openFiles();
  for await (const _ of readMatrices(`ark:${at('x.ark')}`)) break;
  for await (const _ of readMatrices(`ark:${at('packed')}`)) break;
  for await (const _ of readMatrices(`scp:${at('y.scp')}`)) break;
  for await (const _ of readMatrices(`ark,bg:${at('x.ark')}`)) break;
  writeFileSync(at('torn.ark'), bytes.subarray(0, 10_000));
  await expect(collect(readMatrices(`ark:${at('torn.ark')}`))).rejects.toThrow("torn.ark, key 'utt2', byte");
  const controller = new AbortController();
  const aborted = async (): Promise<void> => {
    for await (const [key] of readMatrices(`ark:${at('x.ark')}`, { signal: controller.signal }))
      if (key === 'utt5') controller.abort(new Error('stop'));
  };
  await expect(aborted()).rejects.toThrow('stop');
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(openFiles()).toBe(before);
});

test('standard input and output', () => {
  const script = `import { readMatrices, writeMatrices } from '@jebena/io-ark/node';
    await writeMatrices('ark:-')(readMatrices('ark:-'));`;
  const run = { input: bytes, cwd: import.meta.dirname, maxBuffer: 1 << 28 };
  expectBytes(execFileSync(process.execPath, ['--input-type=module', '-e', script], run));
});

test('missing files say which and what for', async () => {
  await expect(collect(readMatrices('ark:nowhere.ark'))).rejects.toThrow(
    'nowhere.ark: expected a file, found no such file or folder',
  );
  await expect(collect(readMatrices(`ark:${folder}`))).rejects.toThrow('found a folder');
  writeFileSync(at('gone.scp'), 'a gone.ark:7\n');
  await expect(collect(readTable(int32Holder, `scp:${at('gone.scp')}`))).rejects.toThrow(
    "gone.ark, key 'a': expected a file",
  );
  writeFileSync(at('empty.ark'), '');
  expect(await collect(readMatrices(`ark:${at('empty.ark')}`))).toEqual([]);
  await expect(writeTable(int32Holder, 'nothing')([])).rejects.toThrow('a wspecifier such as');
});

test('memory stays flat over an archive of any size', async () => {
  const script = `
    import { matrix } from '@jebena/io-ark';
    import { readMatrices, writeMatrices } from '@jebena/io-ark/node';
    const [name, count] = process.argv.slice(1);
    const one = matrix(500, 40);
    await writeMatrices('ark:' + name)((function* () { for (let i = 0; i < count; i++) yield ['utt' + i, one]; })());
    for await (const [, m] of readMatrices('ark:' + name)) if (m.rows !== 500) throw new Error('wrong');
    console.log(process.resourceUsage().maxRSS);`;
  const peak = (count: number): number =>
    Number(
      execFileSync(process.execPath, ['--input-type=module', '-e', script, at('big.ark'), String(count)], {
        cwd: import.meta.dirname,
      }),
    ) / 1024;
  const [small, large] = [peak(100), peak(4000)];
  // 312 MB more were written and read; garbage that is not collected yet is all that may differ.
  expect(large - small).toBeLessThan(120);
}, 120_000);
