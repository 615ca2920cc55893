import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readRecogniser } from '@jebena/decode-looped/node';
import { createEngine } from '@jebena/engine/node';
import { KaldiOutput, readWave, writeWaveTo } from '@jebena/io-ark';
import { afterAll, describe, expect, test } from 'vitest';
import { shared, testShared } from '../../../../test/support/shared.js';
import { parseStrings, renderString } from '../strings.js';

const main = join(import.meta.dirname, '../../dist/digits/main.js');
const out = mkdtempSync(join(tmpdir(), 'jebena-digits-'));
afterAll(() => rmSync(out, { recursive: true, force: true }));

const options = ['--strings=20', '--epochs=6', '--seed=3'];

/** Runs the recipe; `until` ends it by a signal once a line matches. */
function recipe(
  args: readonly string[],
  until?: { line: RegExp; signal: NodeJS.Signals },
): Promise<{ code: number | null; said: string }> {
  return new Promise((done) => {
    const child = spawn('node', [main, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    let asked = false;
    const hear = (data: Buffer): void => {
      said += data;
      // Once only: a second Ctrl-C ends the program at once.
      if (!asked && until?.line.test(said)) asked = child.kill(until.signal);
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    child.on('close', (code) => done({ code, said }));
  });
}

/** A folder with one recording of a rate, and a list that names it and perhaps another. */
function recordings(name: string, rate: number, files: string): string[] {
  const folder = join(out, name);
  mkdirSync(folder, { recursive: true });
  const output = new KaldiOutput({ binary: true, mark: false });
  writeWaveTo(output, { sampleRate: rate, channels: [new Float32Array(rate)] });
  writeFileSync(join(folder, '1_me_0.wav'), output.bytes());
  writeFileSync(join(folder, 'list.tsv'), `me-1\tme\t1\t${files}\tone\n`);
  return [`--recordings=${folder}`, `--train=${folder}/list.tsv`, `--test=${folder}/list.tsv`];
}

const model = (name: string): Buffer => readFileSync(join(out, name, 'model/final.mdl'));

describe('the recipe', () => {
  test('killed in an epoch and started again, it ends with the same model, bit for bit', async () => {
    const whole = await recipe([...options, `--out=${join(out, 'whole')}`]);
    expect(whole.said).toMatch(/WER test [\d.]+ % \[ \d+ \/ 250, \d+ ins, \d+ del, \d+ sub \]/);
    expect(whole.code).toBe(0);
    const killed = [...options, `--out=${join(out, 'killed')}`];
    await recipe(killed, { line: /Epoch 3 of/, signal: 'SIGKILL' });
    expect(existsSync(join(out, 'killed/model/final.mdl'))).toBe(false);
    const interrupted = await recipe(killed, { line: /Epoch 4 of/, signal: 'SIGINT' });
    expect(interrupted.code).toBe(1);
    expect(interrupted.said).toMatch(/ERROR \(digits\) interrupted\n$/);
    const resumed = await recipe(killed);
    expect(resumed.said).toMatch(/Going on from .*: [345] of 6 epochs are done/);
    expect(model('killed').equals(model('whole'))).toBe(true);
    expect(readdirSync(join(out, 'killed')).filter((f) => f.includes('tmp'))).toEqual([]);
  }, 280_000);

  test('its results are there to read', async () => {
    const results = JSON.parse(readFileSync(join(out, 'whole/results.json'), 'utf8'));
    expect(results.epochs).toHaveLength(6);
    expect(results.tests[0].words).toBe(250);
    expect(readFileSync(join(out, 'whole/hypotheses-test.txt'), 'utf8').trim().split('\n')).toHaveLength(
      results.tests[0].hypotheses.length,
    );
    expect(readFileSync(join(out, 'whole/report.html'), 'utf8')).toContain('WER test');
  });

  testShared(
    'recognised as it comes, speech of recordings has the words that the recipe found in it whole',
    async () => {
      const folder = join(out, 'recorded');
      const list = (name: string): string => shared('fsdd', `${name}.tsv`);
      const recordings = shared('fsdd', 'recordings');
      const { code } = await recipe([
        `--recordings=${recordings}`,
        `--train=${list('train')}`,
        `--test=${list('test')}`,
        '--strings=40',
        '--epochs=4',
        `--out=${folder}`,
      ]);
      expect(code).toBe(0);
      const found = new Map(
        readFileSync(join(folder, 'hypotheses-test-alone.txt'), 'utf8')
          .trim()
          .split('\n')
          .map((line) => line.split(' '))
          .map(([id, ...words]) => [id, words.join(' ')]),
      );
      const engine = await createEngine();
      const recogniser = readRecogniser(join(folder, 'model'), engine);
      const samples = (file: string): Float32Array =>
        readWave(readFileSync(join(recordings, file)), { path: file }).channels[0]!;
      const said: string[] = [];
      for (const string of parseStrings(readFileSync(list('test'), 'utf8'), 'test').slice(0, 10)) {
        const stream = recogniser.stream();
        await stream.push(renderString(string, samples));
        const { text } = await stream.finish();
        expect(text).toBe(found.get(string.id));
        said.push(text);
      }
      expect(new Set(said).size).toBeGreaterThan(3);
      recogniser.dispose();
    },
    120_000,
  );

  test('cross-entropy from a flat start learns through its rounds of realignment', async () => {
    const folder = join(out, 'ce');
    const { code, said } = await recipe(['--objective=ce', '--strings=150', '--epochs=2', `--out=${folder}`]);
    expect(code).toBe(0);
    const [, right] = /Realigning with the network \(4\)[^]*Epoch 7 of 7 .*, frame accuracy ([\d.]+) %/.exec(said)!;
    expect(Number(right)).toBeGreaterThan(20);
    // From 150 strings more than half of the words are found; from 30 it was a tenth.
    expect(Number(/WER test ([\d.]+) %/.exec(said)![1])).toBeLessThan(75);
    expect(readFileSync(join(folder, 'model/recogniser.conf'), 'utf8')).toContain('--frame-subsampling-factor=1\n');
  }, 240_000);

  test("a network of the user's own is trained, if it fits", async () => {
    const path = join(out, 'own.xconfig');
    const train = (pdfs: number): ReturnType<typeof recipe> => {
      writeFileSync(path, `input dim=40 name=input\noutput-layer name=output include-log-softmax=false dim=${pdfs}\n`);
      return recipe([`--arch=xconfig=${path}`, '--strings=10', '--epochs=1', `--out=${join(out, 'own')}`]);
    };
    const wrong = await train(7);
    expect(wrong.said.trim().split('\n').at(-1)).toBe(
      `ERROR (digits) ${path}: expected an input of dim 40 and an output of dim 102, found 40 and 7`,
    );
    const right = await train(102);
    expect(right.said).toContain('WER test');
    expect([wrong.code, right.code]).toEqual([1, 0]);
  }, 60_000);

  test.each([
    [['--epoch=3'], 'unknown option --epoch'],
    [['--epochs=-1'], "option 'epochs': expected at least 0, found -1"],
    [['--arch=tdnnf'], "--arch: expected xconfig=FILE, found 'tdnnf'"],
    [['--leave-out=nobody'], "--leave-out: expected one of george, jackson, nicolas, theo, yweweler, found 'nobody'"],
    [
      ['--recordings=/nowhere', '--train=/nowhere/train.tsv', '--test=/nowhere/test.tsv'],
      "ENOENT: no such file or directory, open '/nowhere/train.tsv'",
    ],
    [['--recordings=/nowhere'], '--recordings: expected --train=LIST and --test=LIST beside it'],
  ])('%j ends in one line and exit status 1', async (args, message) => {
    const folder = join(out, 'bad');
    const { code, said } = await recipe([...args, `--out=${folder}`]);
    expect(said.trim().split('\n').at(-1)).toBe(`ERROR (digits) ${message}`);
    expect(code).toBe(1);
    expect(existsSync(folder)).toBe(false);
  });

  test('recordings of another rate, or none of that name, are named with the list', async () => {
    const fast = await recipe([...recordings('fast', 16000, '800,1_me_0.wav,800'), `--out=${join(out, 'bad')}`]);
    expect(fast.said.trim()).toBe(
      `ERROR (digits) ${join(out, 'fast', '1_me_0.wav')}: expected 8000 samples a second, found 16000`,
    );
    const missing = await recipe([...recordings('missing', 8000, '800,2_me_0.wav,800'), `--out=${join(out, 'bad')}`]);
    expect(missing.said.trim()).toBe(
      `ERROR (digits) ${join(out, 'missing', 'list.tsv')}: string 'me-1' names the recording '2_me_0.wav', which is not in ${join(out, 'missing')}`,
    );
    expect([fast.code, missing.code, existsSync(join(out, 'bad'))]).toEqual([1, 1, false]);
  });
});
