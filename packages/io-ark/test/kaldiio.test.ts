import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type AnyMatrix,
  type Holder,
  type NumpyArray,
  anyMatrixHolder,
  compressedHolder,
  compressionMethods,
  formatFloat,
  matrix,
  matrixHolder,
  matrixToNumpy,
  npzBytes,
  readNpy,
  readNpz,
  vectorHolder,
  waveHolder,
  writeNpy,
} from '@jebena/io-ark';
import { readTable, writeTable } from '@jebena/io-ark/node';
import { type Item, collect } from '@jebena/stream';
import { afterAll, expect, test } from 'vitest';
import { pythonWith, runPython } from '../../../test/support/python.mjs';

const { python, skip } = pythonWith('numpy==2.4.6', 'kaldiio==2.18.1');
const testPython = python ? test : test.skip;
const why = skip ? ` (${skip})` : '';

const folder = mkdtempSync(join(tmpdir(), 'jebena-kaldiio-'));
afterAll(() => rmSync(folder, { recursive: true }));
const at = (name: string): string => join(folder, name);
const run = (script: string): string =>
  runPython(python!, `import numpy, kaldiio, os\nos.chdir('${folder}')\n${script}`);

const data = Float32Array.from({ length: 60 }, (_, i) => Math.sin(i) * 10);
const float = matrix(20, 3, data);
const double: AnyMatrix = { rows: 20, cols: 3, data: Float64Array.from(data, (v) => v / 3) };

const arrays = (name: string): Map<string, NumpyArray> => new Map(readNpz(readFileSync(at(name))));
const dump = (source: string, name: string): Map<string, NumpyArray> => {
  run(`numpy.savez('${name}.npz', **{k: m for k, m in ${source}})`);
  return arrays(`${name}.npz`);
};

testPython(`kaldiio reads what is written here${why}`, async () => {
  const write = async <W>(holder: Holder<unknown, W>, specifier: string, value: W): Promise<void> => {
    await writeTable(
      holder,
      specifier,
    )([
      ['a', value],
      ['b', value],
    ]);
  };
  await write(matrixHolder, `ark,scp:${at('f.ark')},${at('f.scp')}`, float);
  expect(dump("kaldiio.load_ark('f.ark')", 'f').get('b')).toEqual(matrixToNumpy(float));
  expect(dump("kaldiio.load_scp('f.scp').items()", 'fs').get('a')).toEqual(matrixToNumpy(float));
  await write(anyMatrixHolder, `ark:${at('d.ark')}`, double);
  expect(dump("kaldiio.load_ark('d.ark')", 'd').get('a')).toEqual(matrixToNumpy(double));
  await write(matrixHolder, `ark,t:${at('t.ark')}`, float);
  const text = dump("kaldiio.load_ark('t.ark')", 't').get('a')!;
  text.data.forEach((v, i) => expect(Number(v)).toBeCloseTo(data[i]!, 5));
  await write(vectorHolder, `ark:${at('v.ark')}`, data);
  expect(dump("kaldiio.load_ark('v.ark')", 'v').get('a')).toEqual({ shape: [60], data });
  for (const method of compressionMethods) {
    await write(compressedHolder(method), `ark:${at('c.ark')}`, float);
    const [[, ours]] = (await collect(readTable(matrixHolder, `ark:${at('c.ark')}`))) as [Item<AnyMatrix>];
    const theirs = dump("kaldiio.load_ark('c.ark')", 'c').get('a')!;
    theirs.data.forEach((v, i) => expect(Number(v)).toBeCloseTo(ours.data[i]!, 4));
  }
  const wave = { sampleRate: 8000, channels: [data.map((v) => Math.trunc(100 * v))] };
  await write(waveHolder, `ark:${at('w.ark')}`, wave);
  const samples = dump("((k, s) for k, (r, s) in kaldiio.load_ark('w.ark'))", 'w').get('a')!;
  expect(Float32Array.from(samples.data as Int16Array)).toEqual(wave.channels[0]);
});

testPython(`what kaldiio writes is read here${why}`, async () => {
  writeFileSync(
    at('in.npz'),
    await npzBytes([
      ['f', matrixToNumpy(float)],
      ['d', matrixToNumpy(double)],
    ]),
  );
  run(`
z = dict(numpy.load('in.npz'))
kaldiio.save_ark('${at('of.ark')}', z, scp='of.scp')
kaldiio.save_ark('ot.ark', {'f': z['f']}, text=True)
for i in range(1, 8): kaldiio.save_ark('oc%d.ark' % i, {'f': z['f']}, compression_method=i)
kaldiio.save_ark('ow.ark', {'w': (8000, (z['f'][:, 0] * 100).astype('int16'))})`);
  const any = new Map(await collect(readTable(anyMatrixHolder, `scp:${at('of.scp')}`)));
  expect(any).toEqual(
    new Map<string, AnyMatrix>([
      ['f', float],
      ['d', double],
    ]),
  );
  const [[, text]] = (await collect(readTable(matrixHolder, `ark:${at('ot.ark')}`))) as [Item<AnyMatrix>];
  text.data.forEach((v, i) => expect(v).toBeCloseTo(data[i]!, 4));
  for (let i = 1; i < 8; i++) {
    const [[, m]] = (await collect(readTable(matrixHolder, `ark:${at(`oc${i}.ark`)}`))) as [Item<AnyMatrix>];
    const theirs = dump(`kaldiio.load_ark('oc${i}.ark')`, 'oc').get('f')!;
    theirs.data.forEach((v, j) => expect(m.data[j]).toBeCloseTo(Number(v), 4));
  }
  const [[, wave]] = await collect(readTable(waveHolder, `ark:${at('ow.ark')}`));
  expect(wave!.channels[0]).toEqual(data.filter((_, i) => i % 3 === 0).map((v) => Math.trunc(Math.fround(v * 100))));
});

testPython(`numbers are printed as C prints them with %.7g${why}`, () => {
  let state = 12345;
  const draw = (): number => (state = (Math.imul(state, 1103515245) + 12345) >>> 0);
  const bits = Float32Array.from(new Float32Array(Uint32Array.from({ length: 30000 }, draw).buffer));
  const scaled = Array.from(
    { length: 60000 },
    (_, i) => ((draw() % 2e8) - 1e8) / (i % 2 ? 10 ** (i % 14) : 2 ** (i % 25)),
  );
  const values = Float64Array.from([...bits.filter(Number.isFinite), ...scaled]);
  writeFileSync(at('values.npy'), writeNpy({ shape: [values.length], data: values }));
  const printed = run("print('\\n'.join('%.7g' % v for v in numpy.load('values.npy')))").split('\n');
  expect(Array.from(values, (v) => formatFloat(v))).toEqual(printed.slice(0, -1));
});

testPython(`numpy's files, both ways${why}`, async () => {
  run(`
a = numpy.arange(6).reshape(2, 3)
for t in ['f2', 'f4', 'f8', 'i1', 'u1', 'i2', 'u2', 'i4', 'u4', 'i8', 'u8', '>f4', '>f8', '>i2', '>i4', '?']:
    numpy.save(t.replace('>', 'big').replace('?', 'bool') + '.npy', a.astype(t))
numpy.save('fortran.npy', numpy.asfortranarray(a.astype('f4')))
numpy.save('scalar.npy', numpy.float32(3))
numpy.savez_compressed('packed.npz', a=a.astype('f4'), b=numpy.arange(3.0))`);
  for (const name of [
    'f2',
    'f4',
    'f8',
    'i1',
    'u1',
    'i2',
    'u2',
    'i4',
    'u4',
    'i8',
    'u8',
    'bigf4',
    'bigf8',
    'bigi2',
    'bigi4',
    'fortran',
  ]) {
    const { shape, data: values } = readNpy(readFileSync(at(`${name}.npy`)));
    expect([shape, Array.from(values as Float32Array, Number)]).toEqual([
      [2, 3],
      [0, 1, 2, 3, 4, 5],
    ]);
  }
  expect(readNpy(readFileSync(at('bool.npy'))).data).toEqual(Uint8Array.of(0, 1, 1, 1, 1, 1));
  expect(readNpy(readFileSync(at('scalar.npy')))).toEqual({ shape: [], data: Float32Array.of(3) });
  const packed = arrays('packed.npz');
  expect(packed.get('b')).toEqual({ shape: [3], data: Float64Array.of(0, 1, 2) });
  writeFileSync(at('w.npy'), writeNpy({ shape: [2, 3], data: Int32Array.of(0, 1, 2, 3, 4, -5) }));
  writeFileSync(at('w.npz'), await npzBytes(packed, { compress: true }));
  expect(run("print(numpy.load('w.npy').tolist(), numpy.load('w.npz')['b'].tolist())")).toBe(
    '[[0, 1, 2], [3, 4, -5]] [0.0, 1.0, 2.0]\n',
  );
});
