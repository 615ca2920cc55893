import { once } from 'node:events';
import type { Recogniser } from '@jebena/decode-looped';
import { readRecogniser, RecognitionServer } from '@jebena/decode-looped/node';
import { createEngine, type Engine } from '@jebena/engine';
import { afterAll, beforeAll, expect } from 'vitest';
import { WebSocket } from 'ws';
import { testShared } from '../../../test/support/shared.js';
import { chainFolder, fillChainFolder, longRecording, pieces, reference, waves } from './support/chain-model.js';

let engine: Engine;
let recogniser: Recogniser | undefined;
const folder = chainFolder();
beforeAll(async () => void (engine = await createEngine({ engine: 'tfjs-wasm' })));
afterAll(() => recogniser?.dispose());
const model = (): Recogniser => (recogniser ??= readRecogniser(fillChainFolder(folder), engine));

async function connect(server: RecognitionServer, options: object = {}, path = ''): Promise<WebSocket> {
  const client = new WebSocket(server.url.replace('http', 'ws') + path, options);
  await once(client, 'open');
  return client;
}

const bytesOf = (samples: Float32Array): Uint8Array => new Uint8Array(Int16Array.from(samples).buffer);

const stopper = (): { signal: AbortSignal; abort: () => void } => {
  const controller = new AbortController();
  return { signal: controller.signal, abort: () => controller.abort() };
};

/** Sends a message and waits for its answer, as Vosk's example client does. */
async function ask(client: WebSocket, message: string | Uint8Array): Promise<any> {
  const { signal, abort } = stopper();
  const closed = once(client, 'close', { signal }).then(([code, reason]) => {
    throw new Error(`closed with ${code}, ${reason}`);
  });
  const answer = once(client, 'message', { signal });
  client.send(message);
  try {
    const [data] = await Promise.race([answer, closed]);
    return JSON.parse(String(data));
  } finally {
    // The one that loses is given up.
    void Promise.allSettled([answer, closed]);
    abort();
  }
}

/** The messages of Vosk's example client. */
async function voskClient(server: RecognitionServer, samples: Float32Array, sampleRate: number): Promise<any[]> {
  const client = await connect(server);
  client.send(JSON.stringify({ config: { sample_rate: sampleRate } }));
  const answers: any[] = [];
  for (const piece of pieces(samples, Math.round(0.2 * sampleRate))) answers.push(await ask(client, bytesOf(piece)));
  const closed = once(client, 'close');
  answers.push(await ask(client, '{"eof" : 1}'));
  expect((await closed)[0]).toBe(1000);
  return answers;
}

/** The code and reason that a socket is closed with. */
const closing = async (client: WebSocket): Promise<[number, string]> => {
  const [code, reason] = await once(client, 'close');
  return [code, String(reason)];
};

const refusal = async (server: RecognitionServer, options: object, path = ''): Promise<string> => {
  const client = new WebSocket(server.url.replace('http', 'ws') + path, options);
  const [error] = await once(client, 'error');
  return (error as Error).message;
};

testShared('gives Vosk clients, several at once, the right words', async () => {
  // Plans for several streams stay with the recogniser, so that it has to go too before anything is counted.
  const before = engine.liveTensors();
  const own = readRecogniser(fillChainFolder(folder), engine);
  const server = await RecognitionServer.start(own, { port: 0 });
  await Promise.all(
    waves().map(async ([key, { sampleRate, channels }]) => {
      const answers = await voskClient(server, channels[0]!, sampleRate);
      const last = answers.at(-1);
      expect([key, last.text]).toEqual([key, reference().get(key)]);
      expect(last.result.map((w: { word: string }) => w.word).join(' ')).toBe(last.text);
      for (const { conf, start, end } of last.result) {
        expect(conf).toBeGreaterThan(0.5);
        expect(end).toBeGreaterThan(start);
      }
      for (const { partial } of answers.slice(0, -1)) expect(typeof partial).toBe('string');
      expect(answers.some(({ partial }) => partial && partial === last.text.split(' ')[0])).toBe(true);
    }),
  );
  const { samples, sampleRate, texts } = longRecording(1.2);
  const answers = await voskClient(server, samples, sampleRate);
  expect(answers.flatMap(({ text }) => text || [])).toEqual(texts);
  expect(own.computer.done.passes).toBeLessThan(own.computer.done.chunks);
  await server.stop();
  own.dispose();
  expect(engine.liveTensors()).toBe(before);
});

testShared('a client that errs or vanishes ends alone and leaves nothing behind', async () => {
  const before = engine.liveTensors();
  const own = readRecogniser(fillChainFolder(folder), engine);
  const server = await RecognitionServer.start(own, { port: 0, maxMessageBytes: 16000 });
  const brief = await RecognitionServer.start(own, { port: 0, maxSessionSeconds: 3 });
  const [, { channels }] = waves()[0]!;
  const audio = bytesOf(channels[0]!.subarray(0, 8000));
  const steady = await connect(server);
  expect(await ask(steady, audio)).toHaveProperty('partial');

  const bad: [(client: WebSocket) => void, number, string][] = [
    [(c) => c.send('hello'), 1008, "expected a JSON object, found 'hello'"],
    [(c) => c.send('{"hello":1}'), 1008, "expected config, eof or reset, found 'hello'"],
    [(c) => c.send('{"config":{"sample_rate":-1}}'), 1008, 'expected a sample_rate from 1000 to 384000, found -1'],
    [(c) => (c.send(audio), c.send('{"config":{"sample_rate":44100}}')), 1008, 'expected sample_rate before any audio'],
    [(c) => c.send(new Uint8Array(16001)), 1009, ''],
  ];
  for (const [send, code, reason] of bad) {
    const client = await connect(server);
    const closed = closing(client);
    send(client);
    expect(await closed).toEqual([code, reason]);
  }
  const tooLong = await connect(brief);
  const ended = closing(tooLong);
  for (let i = 0; i < 4; i++) tooLong.send(new Uint8Array(16000));
  expect(await ended).toEqual([1008, 'the session lasted too long']);
  await brief.stop();
  const vanishing = await connect(server);
  await ask(vanishing, audio);
  vanishing.send(audio);
  vanishing.terminate();

  // The steady client gets what it would get alone.
  const alone = own.events(8000);
  await alone.push(channels[0]!.subarray(0, 8000));
  expect((await ask(steady, '{"reset":1}')).text).toBe(alone.cut()[0]!.text);
  expect((await ask(steady, '{"eof":1}')).text).toBe((await alone.finish()).at(-1)!.text);
  await server.stop();
  own.dispose();
  expect(engine.liveTensors()).toBe(before);
});

testShared('limits who may connect, and says how it is', async () => {
  const server = await RecognitionServer.start(model(), { port: 0, token: 'sesame', maxSessions: 1, idleSeconds: 2 });
  expect(await refusal(server, {})).toContain('401');
  expect(await refusal(server, {}, '?token=simsim')).toContain('401');
  expect(await refusal(server, { origin: 'https://elsewhere.example' }, '?token=sesame')).toContain('403');
  const client = await connect(server, { origin: server.url.replace(/\/$/, '') }, '?token=sesame');
  const closed = closing(client);
  const bearer = { headers: { authorization: 'Bearer sesame' } };
  expect(await refusal(server, bearer)).toContain('503');
  expect(await (await fetch(`${server.url}health`)).json()).toEqual({ status: 'ok', sessions: 1 });
  expect((await fetch(`${server.url}metrics`)).status).toBe(401);
  const metrics = await (await fetch(`${server.url}metrics`, bearer)).text();
  expect(metrics).toMatch(/^jebena_sessions 1$/m);
  expect(metrics).toMatch(/^jebena_refused_total 4$/m);
  expect(await closed).toEqual([1008, 'no message for too long']);
  const shown = await fetch(server.url);
  expect(shown.headers.get('content-security-policy')).toContain("default-src 'none'");
  for (const [, script] of (await shown.text()).matchAll(/src="([^"]+)"/g))
    expect((await fetch(server.url + script)).headers.get('content-type')).toContain('javascript');
  expect((await fetch(`${server.url}etc/passwd`)).status).toBe(404);
  expect((await fetch(server.url, { method: 'POST' })).status).toBe(405);
  await server.stop();

  const open = await RecognitionServer.start(model(), { port: 0, origins: 'https://a.example, https://b.example' });
  expect(await refusal(open, { origin: 'https://c.example' })).toContain('403');
  (await connect(open, { origin: 'https://b.example' })).terminate();
  await open.stop();
});

testShared('a stop waits for running sessions, takes no more, and ends those that stay', async () => {
  const [, { sampleRate, channels }] = waves().find(([key]) => key === 'theo-t0001')!;
  const server = await RecognitionServer.start(model(), { port: 0 });
  const client = await connect(server);
  client.send(JSON.stringify({ config: { sample_rate: sampleRate, words: false } }));
  await ask(client, bytesOf(channels[0]!.subarray(0, 5000)));
  let stopped = false;
  const stop = server.stop().then(() => (stopped = true));
  await ask(client, bytesOf(channels[0]!.subarray(5000)));
  expect(stopped).toBe(false);
  expect(await ask(client, '{"eof":1}')).toEqual({ text: 'zero seven nine' });
  await stop;
  await expect(fetch(`${server.url}health`)).rejects.toThrow('fetch failed');

  const impatient = await RecognitionServer.start(model(), { port: 0, graceSeconds: 0 });
  const staying = closing(await connect(impatient));
  await impatient.stop();
  expect(await staying).toEqual([1001, 'the server stops']);
});

testShared('tells alternatives, and hears phrases alone, where the client asks for them', async () => {
  const server = await RecognitionServer.start(model(), { port: 0 });
  const [, { channels, sampleRate }] = waves().find(([key]) => key === 'theo-t0001')!;
  const hear = async (config: object): Promise<any> => {
    const client = await connect(server);
    // As Vosk's clients may write the rate.
    client.send(JSON.stringify({ config: { sample_rate: `${sampleRate}.0`, ...config } }));
    await ask(client, bytesOf(channels[0]!));
    return ask(client, '{"eof":1}');
  };
  const { alternatives } = await hear({ max_alternatives: 3 });
  expect(alternatives[0].text).toBe('zero seven nine');
  expect(alternatives[0].result.map((w: { word: string }) => w.word)).toEqual(['zero', 'seven', 'nine']);
  expect(alternatives.length).toBeLessThanOrEqual(3);
  let sum = 0;
  for (const [i, { confidence }] of alternatives.entries()) {
    expect(confidence).toBeGreaterThan(0);
    if (i > 0) expect(confidence).toBeLessThanOrEqual(alternatives[i - 1].confidence);
    sum += confidence;
  }
  expect(sum).toBeLessThanOrEqual(1.0001);
  expect((await hear({ max_alternatives: 1, words: false })).alternatives).toEqual([
    { confidence: expect.any(Number), text: 'zero seven nine' },
  ]);
  expect((await hear({ phrase_list: ['zero', 'seven five', 'hello world', '[unk]'] })).text).toBe('zero seven five');
  expect((await hear({ phrase_list: ['zero seven nine'] })).text).toBe('zero seven nine');
  const refused: [object, string][] = [
    [{ phrase_list: ['hello'] }, "phrases: expected words of the model, found none in 'hello'"],
    [{ phrase_list: 'seven' }, 'expected a phrase_list of up to 1000 phrases, found "seven"'],
    [{ max_alternatives: -1 }, 'expected max_alternatives from 0 to 100, found -1'],
  ];
  for (const [config, reason] of refused) {
    const client = await connect(server);
    const closed = closing(client);
    client.send(JSON.stringify({ config }));
    client.send(new Uint8Array(1600));
    expect(await closed).toEqual([1008, reason]);
  }
  await server.stop();
});

testShared('who sends too much waits', async () => {
  const server = await RecognitionServer.start(model(), { port: 0, maxMessageRate: 10, maxAudioRate: 0 });
  const client = await connect(server);
  const begun = performance.now();
  const last = 30;
  let answers = 0;
  const all = new Promise<void>((resolve) => client.on('message', () => ++answers === last && resolve()));
  for (let i = 0; i < last; i++) client.send('{"reset":1}');
  await all;
  // 20 at once, and the others at 10 a second.
  expect(performance.now() - begun).toBeGreaterThan(800);
  const metrics = await (await fetch(`${server.url}metrics`)).text();
  expect(Number(/^jebena_throttled_seconds_total (\S+)$/m.exec(metrics)![1])).toBeGreaterThan(0.3);
  expect(metrics).toMatch(/^jebena_messages_total 30$/m);
  client.terminate();
  await server.stop();
});
