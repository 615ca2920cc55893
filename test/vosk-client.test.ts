import { copyFileSync, existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readRecogniser, RecognitionServer } from '@jebena/decode-looped/node';
import { createEngine } from '@jebena/engine';
import { afterAll, expect, test } from 'vitest';
import { pythonWith } from './support/python.mjs';
import { shared, sharedDir } from './support/shared.js';

const folder = mkdtempSync(join(tmpdir(), 'jebena-vosk-client-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const { python, skip } = existsSync(sharedDir) ? pythonWith('websockets==15.0.1') : { skip: 'no ../shared' };

/** What Vosk's websocket example sends and waits for, by the Python library that it uses. */
const client = `
import asyncio, json, sys, wave, websockets

async def run(uri, path):
    async with websockets.connect(uri) as websocket:
        wf = wave.open(path, "rb")
        await websocket.send('{ "config" : { "sample_rate" : %d } }' % (wf.getframerate()))
        buffer_size = int(wf.getframerate() * 0.2)
        while True:
            data = wf.readframes(buffer_size)
            if len(data) == 0:
                break
            await websocket.send(data)
            json.loads(await websocket.recv())
        await websocket.send('{"eof" : 1}')
        return json.loads(await websocket.recv())["text"]

async def all(uri, paths):
    for text in await asyncio.gather(*[run(uri, path) for path in paths]):
        print(text)

asyncio.run(all(sys.argv[1], sys.argv[2:]))
`;

(python ? test : test.skip)(`Vosk's example client gets the right digits${skip ? ` (${skip})` : ''}`, async () => {
  for (const name of ['final.mdl', 'HCLG.fst', 'words.txt'])
    copyFileSync(shared('golden/decode', name), join(folder, name));
  copyFileSync(shared('golden/decode/online/mfcc_hires.conf'), join(folder, 'mfcc.conf'));
  writeFileSync(
    join(folder, 'recogniser.conf'),
    '--feature-type=mfcc\n--acoustic-scale=1\n--frame-subsampling-factor=3\n',
  );
  const recogniser = readRecogniser(folder, await createEngine({ engine: 'tfjs-wasm' }));
  const server = await RecognitionServer.start(recogniser, { port: 0 });
  const waves = shared('golden/decode/online/wav');
  const names = readdirSync(waves);
  const args = ['-c', client, server.url.replace('http', 'ws'), ...names.map((name) => join(waves, name))];
  const run = spawn(python!, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let [printed, errors] = ['', ''];
  run.stdout.on('data', (data) => (printed += data));
  run.stderr.on('data', (data) => (errors += data));
  await once(run, 'close');
  expect(errors).toBe('');
  const words = new Map(
    readFileSync(shared('golden/decode/ref.txt'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => [line.split(' ')[0]!, line.split(' ').slice(1).join(' ')]),
  );
  expect(printed.trim().split('\n')).toEqual(names.map((name) => words.get(name.replace('.wav', ''))));
  await server.stop();
  recogniser.dispose();
});
