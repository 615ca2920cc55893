// node test/soak/run.mjs [SECONDS [CLIENTS [MODEL]]]: a server under clients of which some talk and others stall, send text for
// audio, flood, send too much or half a message, and vanish. No talker's words may change, and when all have gone the
// server's memory must be where it was. MODEL is a recogniser's folder, that of ../shared/golden unless given.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as rest } from 'node:timers/promises';
import { readWave } from '@jebena/io-ark';
import { misbehaviours, talk } from './clients.mjs';

const [seconds = 600, clients = 100] = process.argv.slice(2, 4).map(Number);
const [, , , , model, engine = 'auto'] = process.argv;
const golden = resolve(import.meta.dirname, '../../../shared/golden');
if (!existsSync(golden)) {
  console.log('soak: skipped, there is no ../shared');
  process.exit(0);
}
const waveFolder = join(golden, 'decode/online/wav');
const waves = readdirSync(waveFolder).map((name) => {
  const { channels, sampleRate } = readWave(readFileSync(join(waveFolder, name)));
  return { name, samples: channels[0], sampleRate };
});

const folder = model ?? mkdtempSync(join(tmpdir(), 'jebena-soak-'));
if (!model) {
  for (const name of ['final.mdl', 'HCLG.fst', 'words.txt'])
    copyFileSync(join(golden, 'decode', name), join(folder, name));
  copyFileSync(join(golden, 'decode/online/mfcc_hires.conf'), join(folder, 'mfcc.conf'));
  writeFileSync(
    join(folder, 'recogniser.conf'),
    '--feature-type=mfcc\n--acoustic-scale=1\n--frame-subsampling-factor=3\n--endpoint.silence-phones=1\n',
  );
}

const server = fork(join(import.meta.dirname, 'server.mjs'), [folder, engine, '20'], { execArgv: ['--expose-gc'] });
const told = async () => (await once(server, 'message'))[0];
const { url } = await told();
const state = async () => {
  const answer = told();
  server.send('state');
  return answer;
};

/** The same draws in each run. */
let seed = 1;
const random = () => {
  seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff;
  return seed / 0x80000000;
};

const failures = [];
const counts = { talked: 0, late: 0, most: 0 };
const kinds = Object.keys(misbehaviours);
for (const kind of kinds) counts[kind] = 0;

/** One client after the other in one place, until the time is over. */
async function place(number, until, expected) {
  const talker = number % 2 === 0;
  for (let turn = number; Date.now() < until; turn++) {
    const wave = waves[turn % waves.length];
    try {
      if (talker) {
        const { words, late } = await talk(url, wave);
        counts.talked++;
        counts.most = Math.max(counts.most, late);
        if (late > 1000) counts.late++;
        if (words !== expected.get(wave.name))
          failures.push(`${wave.name}: expected '${expected.get(wave.name)}', found '${words}'`);
      } else {
        const kind = kinds[Math.floor(turn / 2) % kinds.length];
        await misbehaviours[kind](url, wave, random);
        counts[kind]++;
        await rest(500);
      }
    } catch (error) {
      failures.push(`${talker ? 'a talker' : 'another'}: ${error.message}`);
    }
  }
}

const round = (duration, expected) => {
  const until = Date.now() + duration * 1000;
  return Promise.all(Array.from({ length: clients }, (_, number) => place(number, until, expected)));
};

/** The server's state when nobody is connected any more. */
async function calm() {
  for (let i = 0; i < 40; i++) {
    const now = await state();
    if (now.sessions === 0) {
      await rest(2000);
      return state();
    }
    await rest(1000);
  }
  throw new Error('soak: expected all sessions to end, found some that stay');
}

const MB = (bytes) => `${(bytes / 2 ** 20).toFixed(0)} MB`;
const line = (when, s) =>
  console.log(
    `${when}: ${s.sessions} sessions, memory ${MB(s.rss)}, of which heap ${MB(s.heap)}, ${s.tensors} tensors, ` +
      `${s.chunks} chunks in ${s.passes} passes, ${s.cpu.toFixed(0)} s of CPU`,
  );

// Alone, one after the other: what each wave says.
const expected = new Map();
for (const wave of waves) expected.set(wave.name, (await talk(url, wave)).words);
console.log(`server ${(await state()).engine}; words alone: ${[...expected.values()].join(' | ')}`);
// Plans for many streams at once are made once and stay.
await round(Math.min(60, seconds / 5), expected);
const before = await calm();
line('before', before);
const ticker = setInterval(async () => line(`${Math.round((Date.now() - begun) / 1000)} s`, await state()), 60_000);
const begun = Date.now();
await round(seconds, expected);
clearInterval(ticker);
const after = await calm();
line('after', after);
console.log(
  Object.entries(counts)
    .map(([name, n]) => `${name} ${Math.round(n)}`)
    .join(', '),
);
const grown = after.rss - before.rss;
if (grown > Math.max(64 * 2 ** 20, 0.15 * before.rss))
  failures.push(`memory: expected ${MB(before.rss)} again, found ${MB(after.rss)}`);
if (after.heap - before.heap > 32 * 2 ** 20)
  failures.push(`heap: expected ${MB(before.heap)} again, found ${MB(after.heap)}`);
const kindsOfFailure = new Map();
for (const failure of failures) kindsOfFailure.set(failure, (kindsOfFailure.get(failure) ?? 0) + 1);
for (const [failure, times] of kindsOfFailure) console.log(`FAILED ${times} times: ${failure}`);
server.send('stop');
await once(server, 'exit');
if (!model) rmSync(folder, { recursive: true, force: true });
console.log(
  failures.length === 0
    ? `soak: ${seconds} s, ${clients} clients, all as it should be`
    : `soak: ${failures.length} failures`,
);
process.exitCode = failures.length === 0 ? 0 : 1;
