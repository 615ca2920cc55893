import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chunks, Random, shuffle, withTargets, writeShards } from '@jebena/egs';
import { addonFolder } from '@jebena/engine/node';
import { Network } from '@jebena/graph';
import { matrix } from '@jebena/io-ark';
import { nodeStorage } from '@jebena/io-ark/node';
import { Checkpoint } from '@jebena/train';
import { pipe } from 'it-pipe';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';

vi.setConfig({ testTimeout: 300_000 });

const folder = mkdtempSync(join(tmpdir(), 'jebena-job-'));
afterAll(() => rmSync(folder, { recursive: true }));
const at = (name: string): string => join(folder, name);
const bin = join(import.meta.dirname, '../bin/jebena.js');

/** A bit of everything that has a state: natural gradient, batch norm, dropout, LSTM, orthonormal constraint, momentum. */
const config = `input-node name=input dim=6
component name=t type=TdnnComponent input-dim=6 output-dim=12 time-offsets=-1,0,1 learning-rate=0.01 max-change=0.75
component-node name=t component=t input=input
component name=l type=LinearComponent input-dim=12 output-dim=10 orthonormal-constraint=-1 learning-rate=0.01
component-node name=l component=l input=t
component name=r type=RectifiedLinearComponent dim=10 self-repair-scale=1e-4
component-node name=r component=r input=l
component name=b type=BatchNormComponent dim=10
component-node name=b component=b input=r
component name=d type=GeneralDropoutComponent dim=10 dropout-proportion=0.3 continuous=true
component-node name=d component=d input=b
component name=w type=NaturalGradientAffineComponent input-dim=15 output-dim=20 learning-rate=0.01
component-node name=w component=w input=Append(d, IfDefined(Offset(c, -1)))
component name=n type=LstmNonlinearityComponent cell-dim=5 learning-rate=0.01
component-node name=n component=n input=Append(w, IfDefined(Offset(c, -1)))
dim-range-node name=c input-node=n dim-offset=0 dim=5
dim-range-node name=m input-node=n dim-offset=5 dim=5
component name=o type=NaturalGradientAffineComponent input-dim=5 output-dim=4 learning-rate=0.01 l2-regularize=0.002
component-node name=o component=o input=m
component name=s type=LogSoftmaxComponent dim=4
component-node name=s component=s input=o
output-node name=output input=s`;

let shards: string[];
beforeAll(async () => {
  const random = Random.of(3);
  const utterances = Array.from({ length: 24 }, (_, u) => {
    const feats = matrix(30, 6);
    feats.data.forEach((_, i) => (feats.data[i] = 2 * random.unit() - 1));
    return [`utt${u}`, feats] as const;
  });
  const label = (u: number): Int32Array =>
    Int32Array.from({ length: 30 }, (_, t) => (utterances[u]![1].data[6 * t]! > 0 ? 1 : 0) + 2 * (t % 2));
  const pdfs = new Map(utterances.map(([key], u) => [key, label(u)]));
  const cut = chunks({ sizes: 15, leftContext: 3, rightContext: 1, seed: 1 });
  const write = writeShards(at('train'), { storage: nodeStorage(), examplesPerShard: 40 });
  shards = await pipe(utterances, withTargets(pdfs, { dim: 4 }), cut, shuffle({ seed: 1 }), write);
  writeFileSync(at('0.raw'), Network.fromConfig(config, { seed: 2 }).toBytes());
});

const settings = (out: string, engine = 'tfjs-cpu'): string[] => [
  'train-job',
  `--engine=${engine}`,
  '--minibatch-size=4',
  '--momentum=0.3',
  '--srand=7',
  `--checkpoint=${at(`${out}.checkpoint`)}`,
  '--checkpoint-period=0',
];
const job = (out: string, engine?: string): string[] => [
  ...settings(out, engine),
  `--state-out=${at(`${out}.state`)}`,
  at('0.raw'),
  at(`${out}.raw`),
  ...shards,
];

const run = (args: readonly string[]): Promise<{ code: number; log: string }> =>
  new Promise((resolve) => {
    execFile(process.execPath, [bin, ...args], (error, _, log) =>
      resolve({ code: error ? Number(error.code) : 0, log }),
    );
  });

/** Kills a job once it is past some minibatches; how far it got. */
async function killed(args: readonly string[], out: string, steps: number, how: NodeJS.Signals): Promise<number> {
  const child: ChildProcess = spawn(process.execPath, [bin, ...args], { stdio: 'ignore' });
  const ended = new Promise<void>((resolve) => child.on('close', () => resolve()));
  const path = at(`${out}.checkpoint`);
  const reached = (): number => (existsSync(path) ? new Checkpoint(readFileSync(path)).steps : 0);
  while (child.exitCode === null && reached() < steps) await new Promise((resolve) => setTimeout(resolve, 3));
  child.kill(how);
  await ended;
  return reached();
}

test('a job that is killed goes on to the same model, bit for bit', async () => {
  const whole = await run(job('whole'));
  expect(whole.log).toMatch(/Overall average objective function for 'output' is -\S+ over 720 frames\./);
  expect(whole.code).toBe(0);
  const overall = /log-prob-per-frame=(\S+)/.exec(whole.log)![1];
  expect(existsSync(at('whole.checkpoint'))).toBe(false);
  // Torn twice, at minibatches that are another each time the test runs, and once stopped by Ctrl-C.
  const stops = [1, 5].map((first) => first + Math.floor(3 * Math.random()));
  for (const steps of stops) expect(await killed(job('torn'), 'torn', steps, 'SIGKILL')).toBeGreaterThanOrEqual(steps);
  const kept = await killed(job('torn'), 'torn', 8, 'SIGINT');
  const last = await run(job('torn'));
  expect(last.log).toContain(`going on after minibatch ${kept} from ${at('torn.checkpoint')}`);
  expect(/log-prob-per-frame=(\S+)/.exec(last.log)![1]).toBe(overall);
  expect(readFileSync(at('torn.raw')).equals(readFileSync(at('whole.raw')))).toBe(true);
  expect(readFileSync(at('torn.state')).equals(readFileSync(at('whole.state')))).toBe(true);
  expect(readFileSync(at('whole.raw')).equals(readFileSync(at('0.raw')))).toBe(false);
});

// Where libtensorflow is not set up, there is no other engine to try.
test.each(['tfjs-wasm', ...(addonFolder() ? ['tensorflow'] : [])])(
  'a job that is killed goes on to the same model on %s, too',
  async (engine) => {
    const [whole, torn] = [`whole-${engine}`, `torn-${engine}`];
    expect((await run(job(whole, engine))).code).toBe(0);
    const kept = await killed(job(torn, engine), torn, 2 + Math.floor(3 * Math.random()), 'SIGKILL');
    const last = await run(job(torn, engine));
    expect(last.log).toContain(`going on after minibatch ${kept} from ${at(`${torn}.checkpoint`)}`);
    for (const kind of ['raw', 'state'])
      expect(readFileSync(at(`${torn}.${kind}`)).equals(readFileSync(at(`${whole}.${kind}`)))).toBe(true);
    // What another engine computed is near, and not the same.
    expect(readFileSync(at(`${torn}.raw`)).equals(readFileSync(at('whole.raw')))).toBe(false);
  },
);

test('the state of natural gradient is carried to the next pass', async () => {
  const next = (out: string, ...more: string[]): string[] => [
    ...settings(out),
    ...more,
    at('whole.raw'),
    at(`${out}.raw`),
    ...shards,
  ];
  expect((await run(next('with', `--state-in=${at('whole.state')}`))).code).toBe(0);
  expect((await run(next('without'))).code).toBe(0);
  expect(readFileSync(at('with.raw')).equals(readFileSync(at('without.raw')))).toBe(false);
});

test('bad input is told in one line, and leaves nothing half-written', async () => {
  const wide = config
    .replace('input-node name=input dim=6', 'input-node name=input dim=7')
    .replace('input-dim=6', 'input-dim=7');
  writeFileSync(at('wide.raw'), Network.fromConfig(wide, { seed: 2 }).toBytes());
  const misfit = await run([...settings('bad'), at('wide.raw'), at('bad.raw'), ...shards]);
  expect(misfit.log).toContain(`${shards[0]}: expected input 'input' of 7 values, as the network has, found 6`);

  writeFileSync(at('torn.egs'), readFileSync(shards[0]!).subarray(0, 4000));
  const torn = await run([...settings('bad'), at('0.raw'), at('bad.raw'), at('torn.egs')]);
  expect(torn.log).toContain(`${at('torn.egs')}: expected`);

  const empty = await run([...settings('bad'), at('0.raw'), at('bad.raw'), '/dev/null']);
  expect(empty.log).toContain('/dev/null: expected a file, found a folder or a device');
  for (const { code, log } of [misfit, torn, empty])
    expect([code, log.split('\n').filter((line) => line.startsWith('ERROR')).length]).toEqual([1, 1]);
  expect(existsSync(at('bad.raw'))).toBe(false);
});

test(
  'a disk that is full ends the job in one line; the checkpoint before is not lost',
  { timeout: 60_000 },
  async () => {
    // A limit on the size of files stands for the end of the disk.
    const limited = (blocks: number, args: readonly string[]): Promise<{ code: number; log: string }> =>
      new Promise((resolve) => {
        const command = `ulimit -f ${blocks}; exec "$0" "$@"`;
        execFile('bash', ['-c', command, process.execPath, bin, ...args], (error, _, log) =>
          resolve({ code: error ? Number(error.code) : 0, log }),
        );
      });
    const kept = await killed(job('full'), 'full', 4, 'SIGKILL');
    const before = readFileSync(at('full.checkpoint'));
    const full = await limited(1, job('full'));
    expect(full.code).toBe(1);
    expect(full.log).toMatch(
      /WARNING \(train-job\) no checkpoint: \S+: expected to write \d+ bytes, found no larger file allowed/,
    );
    expect(full.log).toMatch(/ERROR \(train-job\) \S+: expected to write \d+ bytes, found no larger file allowed\n$/);
    expect(new Checkpoint(before).steps).toBe(kept);
    expect(readFileSync(at('full.checkpoint')).equals(before)).toBe(true);
    expect(existsSync(at('full.raw'))).toBe(false);
    // With room again it goes on.
    expect((await run(job('full'))).code).toBe(0);
    expect(readFileSync(at('full.raw')).equals(readFileSync(at('whole.raw')))).toBe(true);
  },
);
