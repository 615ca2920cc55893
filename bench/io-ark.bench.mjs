import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { matrix, matrixHolder } from '@jebena/io-ark';
import { openTable, readMatrices, writeMatrices } from '@jebena/io-ark/node';
import { pythonWith, runPython } from '../test/support/python.mjs';

/** Matrices of two kinds: whole utterances of fbank features, and short ones of MFCC. */
const kinds = [
  { name: 'fbank', count: 1000, cols: 40, rows: (u) => 300 + ((u * 7919) % 1200) },
  { name: 'short', count: 20000, cols: 13, rows: (u) => 50 + ((u * 7919) % 100) },
];

/** Best of several passes, in seconds: what the machine can do when nothing else disturbs it. */
async function best(work) {
  let least = Infinity;
  for (let i = 0; i < 7; i++) {
    const begun = performance.now();
    await work();
    least = Math.min(least, (performance.now() - begun) / 1000);
  }
  return least;
}

/** The same in Python: kaldiio and numpy, one thread. */
const theirs = `
import sys, time, json
import numpy, kaldiio
folder, n = sys.argv[1], int(sys.argv[2])
def best(work):
    least = 1e9
    for _ in range(7):
        begun = time.perf_counter(); work(); least = min(least, time.perf_counter() - begun)
    return least
def archive(name):
    def work():
        s = 0.0
        for key, m in kaldiio.load_ark(folder + '/' + name): s += m[0, 0]
    return work
keys = ['utt%06d' % ((i * 7919) % n) for i in range(n)]
def script():
    table = kaldiio.load_scp(folder + '/float.scp')
    s = 0.0
    for key in keys: s += table[key][0, 0]
def npz():
    s = 0.0
    with numpy.load(folder + '/float.npz') as z:
        for key in z.files: s += z[key][0, 0]
numpy.savez(folder + '/float.npz', **{k: m for k, m in kaldiio.load_ark(folder + '/float.ark')})
print(json.dumps({'float archive': best(archive('float.ark')), 'compressed archive': best(archive('cm.ark')), 'random script': best(script), 'npz': best(npz)}))
`;

export default async function () {
  const { python, skip } = pythonWith('numpy==2.4.6', 'kaldiio==2.18.1');
  if (skip) process.stdout.write(`without kaldiio: ${skip}\n`);
  for (const kind of kinds) await compare(kind, python);
  memory();
}

async function compare({ name, count, cols, rows }, python) {
  const folder = mkdtempSync(join(tmpdir(), 'jebena-bench-'));
  const at = (file) => join(folder, file);
  const key = (u) => `utt${String(u).padStart(6, '0')}`;
  try {
    const feats = function* () {
      for (let u = 0; u < count; u++) {
        const data = Float32Array.from({ length: rows(u) * cols }, (_, i) => Math.sin(i + u) * (1 + (i % cols)));
        yield [key(u), matrix(rows(u), cols, data)];
      }
    };
    await writeMatrices(`ark,scp:${at('float.ark')},${at('float.scp')}`)(feats());
    await writeMatrices(`ark:${at('cm.ark')}`, { compression: 'automatic' })(feats());
    let sum = 0;
    const archive = (file, options) => async () => {
      for await (const [, { data }] of readMatrices(`ark:${at(file)}`, options)) sum += data[0];
    };
    const script = (options) => async () => {
      const table = openTable(matrixHolder, `scp:${at('float.scp')}`, options);
      for (let i = 0; i < count; i++) sum += (await table.get(key((i * 7919) % count))).data[0];
      await table.close();
    };
    const ours = [
      ['float archive', await best(archive('float.ark'))],
      ['float archive', await best(archive('float.ark', { reuse: true })), ', memory reused'],
      ['compressed archive', await best(archive('cm.ark'))],
      ['random script', await best(script())],
      ['random script', await best(script({ reuse: true })), ', memory reused'],
    ];
    if (!Number.isFinite(sum)) throw new Error('the values read are not the values written');
    const peer = python ? JSON.parse(runPython(python, theirs, folder, String(count))) : {};
    const megabytes = Math.round(statSync(at('float.ark')).size / 1e6);
    process.stdout.write(`${name}: ${count} matrices, ${megabytes} MB as floats\n`);
    const line = (what, time, other, whose) =>
      process.stdout.write(
        `  ${what}: ${time.toFixed(3)} s${other ? `, ${whose} ${other.toFixed(3)} s, ratio ${(other / time).toFixed(2)}` : ''}\n`,
      );
    for (const [what, time, note = ''] of ours) line(what + note, time, peer[what], 'kaldiio');
    line('float archive', ours[0][1], peer.npz, "numpy's npz");
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Peak memory of reading one and ten hours of fbank features, each in a process of its own. */
function memory() {
  const folder = mkdtempSync(join(tmpdir(), 'jebena-bench-'));
  const script = `
    import { matrix } from '@jebena/io-ark';
    import { readMatrices, writeMatrices } from '@jebena/io-ark/node';
    const [name, hours, write] = process.argv.slice(1);
    const one = matrix(1200, 40);
    const feats = function* () { for (let i = 0; i < 300 * hours; i++) yield ['utt' + i, one]; };
    if (write) await writeMatrices('ark:' + name)(feats());
    else for await (const [, m] of readMatrices('ark:' + name)) if (m.rows !== 1200) throw new Error('wrong');
    console.log(process.resourceUsage().maxRSS);`;
  const peak = (...args) =>
    Number(
      execFileSync(process.execPath, ['--input-type=module', '-e', script, ...args], { cwd: import.meta.dirname }),
    ) / 1024;
  try {
    const [one, ten] = ['1', '10'].map((hours) => {
      peak(join(folder, hours), hours, 'write');
      return peak(join(folder, hours), hours);
    });
    process.stdout.write(
      `peak memory: 1 hour ${one.toFixed(0)} MB, 10 hours ${ten.toFixed(0)} MB, ratio ${(ten / one).toFixed(2)}\n`,
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}
