import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { matrix } from '@jebena/io-ark';
import { openTable, readMatrices, writeMatrices } from '@jebena/io-ark/node';
import { matrixHolder } from '@jebena/io-ark';
import { pythonWith, runPython } from '../test/support/python.mjs';

/** Utterances of 300 to 1,500 frames of 40 values: some 200 MB. */
const count = 1400;
const cols = 40;

/** Best of five passes, in seconds: what the machine can do when nothing else disturbs it. */
const best = async (work) => {
  let least = Infinity;
  for (let i = 0; i < 5; i++) {
    const begun = performance.now();
    await work();
    least = Math.min(least, (performance.now() - begun) / 1000);
  }
  return least;
};

const reading = `
import sys, time, random, json
import numpy, kaldiio
folder, n = sys.argv[1], int(sys.argv[2])
def best(work):
    least = 1e9
    for _ in range(5):
        begun = time.perf_counter(); work(); least = min(least, time.perf_counter() - begun)
    return least
def archive(name):
    def work():
        s = 0.0
        for key, m in kaldiio.load_ark(folder + '/' + name): s += m[0, 0]
    return work
keys = ['utt%06d' % ((i * 7919) % n) for i in range(n)]
def script(name):
    def work():
        table = kaldiio.load_scp(folder + '/' + name)
        s = 0.0
        for key in keys: s += table[key][0, 0]
    return work
def numpy_file():
    s = 0.0
    with numpy.load(folder + '/float.npz') as z:
        for key in z.files: s += z[key][0, 0]
out = {'float archive': best(archive('float.ark')), 'compressed archive': best(archive('cm.ark')), 'random script': best(script('float.scp'))}
numpy.savez(folder + '/float.npz', **{k: m for k, m in kaldiio.load_ark(folder + '/float.ark')})
out['numpy'] = best(numpy_file)
print(json.dumps(out))
`;

export default async function () {
  const { python, skip } = pythonWith('numpy==2.4.6', 'kaldiio==2.18.1');
  const folder = mkdtempSync(join(tmpdir(), 'jebena-bench-'));
  const at = (name) => join(folder, name);
  try {
    const feats = function* () {
      for (let u = 0; u < count; u++) {
        const rows = 300 + ((u * 7919) % 1200);
        const data = Float32Array.from({ length: rows * cols }, (_, i) => Math.sin(i + u) * (1 + (i % cols)));
        yield [`utt${String(u).padStart(6, '0')}`, matrix(rows, cols, data)];
      }
    };
    await writeMatrices(`ark,scp:${at('float.ark')},${at('float.scp')}`)(feats());
    await writeMatrices(`ark:${at('cm.ark')}`, { compression: 'automatic' })(feats());
    const bytes = readFileSync(at('float.ark')).length;
    let sum = 0;
    const archive = (name) => async () => {
      for await (const [, { data }] of readMatrices(`ark:${at(name)}`)) sum += data[0];
    };
    const script = (options) => async () => {
      const table = openTable(matrixHolder, `scp:${at('float.scp')}`, options);
      for (let i = 0; i < count; i++) {
        const value = await table.get(`utt${String((i * 7919) % count).padStart(6, '0')}`);
        sum += value.data[0];
      }
      await table.close();
    };
    const ours = {
      'float archive': await best(archive('float.ark')),
      'compressed archive': await best(archive('cm.ark')),
      'random script': await best(script()),
      'random script, memory reused': await best(script({ reuse: true })),
    };
    if (!Number.isFinite(sum)) throw new Error('the values read are not the values written');
    const theirs = python ? JSON.parse(runPython(python, reading, folder, String(count))) : {};
    if (skip) process.stdout.write(`without kaldiio: ${skip}\n`);
    for (const [name, time] of Object.entries(ours)) {
      const other = theirs[name.replace(', memory reused', '')];
      const peer = other ? `, kaldiio ${other.toFixed(3)} s, ratio ${(other / time).toFixed(2)}` : '';
      process.stdout.write(
        `${name} (${count} matrices, ${(bytes / 1e6).toFixed(0)} MB as floats): ${time.toFixed(3)} s${peer}\n`,
      );
    }
    if (theirs.numpy)
      process.stdout.write(
        `numpy's npz of the same: ${theirs.numpy.toFixed(3)} s, ratio ${(theirs.numpy / ours['float archive']).toFixed(2)}\n`,
      );
  } finally {
    rmSync(folder, { recursive: true });
  }
  await memory();
}

/** Peak memory over archives of one size and of ten times that. */
async function memory() {}
