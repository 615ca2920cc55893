import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type FinalEvent,
  packModel,
  type RecognitionEvent,
  recogniserFrom,
  recogniseStream,
} from '@jebena/decode-looped';
import {
  answerCalls,
  Caller,
  createRecogniser,
  type Port,
  RecogniserHost,
  recogniserMethods,
} from '@jebena/decode-looped/browser';
import { readModelFiles } from '@jebena/decode-looped/node';
import { createEngine } from '@jebena/engine/node';
import { collect } from '@jebena/stream';
import { testStage } from '@jebena/stream/testing';
import { afterAll, expect, test } from 'vitest';
import { testShared } from '../../../test/support/shared.js';
import { fillChainFolder, pieces, waves } from './support/chain-model.js';

const engine = await createEngine();
const folder = mkdtempSync(join(tmpdir(), 'jebena-worker-'));
const ports: MessagePort[] = [];
afterAll(() => {
  rmSync(folder, { recursive: true });
  for (const port of ports) port.close();
});

/** Two ends, as a page and its worker have them. */
function channel(): [page: Port, worker: Port] {
  const { port1, port2 } = new MessageChannel();
  ports.push(port1, port2);
  return [port1, port2];
}

testShared('a page hears from its worker what it would compute itself', async () => {
  const files = readModelFiles(fillChainFolder(folder));
  const [page, worker] = channel();
  const live = engine.liveTensors();
  const host = new RecogniserHost(engine);
  answerCalls(worker, recogniserMethods(host));
  const model = packModel(files);
  const recogniser = await createRecogniser({ worker: page, model, options: { framesPerChunk: 30 } });
  expect(recogniser.description).toMatchObject({ sampleRate: 8000, words: expect.arrayContaining(['nine', 'zero']) });
  const alone = recogniserFrom((name) => files.get(name), engine, { framesPerChunk: 30 });
  const heard = async (of: typeof recogniseStream, samples: Float32Array): Promise<RecognitionEvent[]> =>
    collect(of(alone, { sampleRate: 8000 })(pieces(samples, 1000)));
  const said = waves().slice(0, 2);
  // Both at once: streams share the model and nothing else.
  const events = await Promise.all(
    said.map(([, { channels }]) => heard((_, options) => recogniser.recogniseStream(options), channels[0]!)),
  );
  for (const [i, [, { channels }]] of said.entries())
    expect(events[i]).toEqual(await heard(recogniseStream, channels[0]!));
  expect((events[0]!.at(-1) as FinalEvent).words.length).toBeGreaterThan(2);

  // A stream that is given up, one of a rate that the model cannot use, and samples that are none.
  for await (const _ of recogniser.recogniseStream({ sampleRate: 8000 })(pieces(said[0]![1].channels[0]!, 4000))) break;
  await expect(collect(recogniser.recogniseStream({ sampleRate: 4000 })([new Float32Array(9)]))).rejects.toMatchObject({
    message: expect.stringContaining('expected a wave of 8000 Hz, found one of 4000 Hz'),
    name: 'FeatureError',
  });
  await expect(collect(recogniser.recogniseStream()([Float32Array.of(1, NaN)]))).rejects.toThrow(
    'expected finite samples, found NaN at sample 1',
  );
  expect(Buffer.compare(await recogniser.packed(), model)).toBe(0);
  host.recogniser.dispose();
  alone.dispose();
  expect(engine.liveTensors()).toBe(live);
});

testShared('is a stage as all are', async () => {
  const [page, worker] = channel();
  answerCalls(worker, recogniserMethods(new RecogniserHost(engine)));
  const model = readModelFiles(fillChainFolder(folder));
  const recogniser = await createRecogniser({ worker: page, model });
  const [, { channels }] = waves()[3]!;
  await testStage({
    make: (options) => recogniser.recogniseStream({ ...options, sampleRate: 8000 }),
    items: [...pieces(channels[0]!, 2000)],
    abortable: true,
  });
});

test('errors keep their names and codes on the way, items their order, and to stop reading stops the other end', async () => {
  const [page, worker] = channel();
  let ended = 0;
  const methods = {
    add: (a: number, b: number) => a + b,
    fail: (code: string): number => {
      throw Object.assign(new RangeError('no'), { code });
    },
    count: async function* (to: number) {
      try {
        for (let i = 0; i < to; i++) yield await new Promise<number>((resolve) => setTimeout(() => resolve(i), 1));
      } finally {
        ended++;
      }
    },
  };
  answerCalls(worker, methods);
  const caller = new Caller<typeof methods>(page);
  expect(await caller.call('add', 2, 3)).toBe(5);
  await expect(caller.call('fail', 'ERR_NO')).rejects.toMatchObject({
    name: 'RangeError',
    message: 'no',
    code: 'ERR_NO',
  });
  await expect(caller.call('toString' as 'add', 1, 2)).rejects.toThrow("expected a method, found 'toString'");
  expect(await collect(caller.items('count', 4))).toEqual([0, 1, 2, 3]);
  for await (const i of caller.items('count', 1e9)) if (i === 3) break;
  while (ended < 2) await new Promise((resolve) => setTimeout(resolve, 5));
  const waiting = caller.call('add', 1, 1);
  caller.close(new Error('the worker is gone'));
  await expect(waiting).rejects.toThrow('the worker is gone');
});

test('a model that is none leaves the one before in use', async () => {
  const [page, worker] = channel();
  answerCalls(worker, recogniserMethods(new RecogniserHost(engine)));
  await expect(createRecogniser({ worker: page, model: new Uint8Array(9) })).rejects.toMatchObject({
    message: expect.stringContaining("model: expected a zip file of a model's folder"),
    code: 'ERR_USAGE',
  });
  await expect(createRecogniser({ worker: page, model: new Map() })).rejects.toThrow(
    "expected a model's folder with final.mdl in it, found none",
  );
  await expect(new Caller<ReturnType<typeof recogniserMethods>>(page).call('start', 8000)).rejects.toThrow(
    'expected a model to be loaded first',
  );
});
