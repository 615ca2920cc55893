// The clients of a soak: one that talks as it should, and those that do not.
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as rest } from 'node:timers/promises';
import { WebSocket } from 'ws';

const open = async (url) => {
  const client = new WebSocket(url.replace('http', 'ws'));
  // What becomes of a socket is told by its close.
  client.on('error', () => {});
  await Promise.race([once(client, 'open'), once(client, 'close')]);
  return client;
};

const closed = async (client) => {
  if (client.readyState === WebSocket.CLOSED) return { code: 0, reason: '' };
  const [code, reason] = await once(client, 'close');
  return { code, reason: String(reason) };
};

const bytesOf = (samples) => Buffer.from(Int16Array.from(samples).buffer);

/** Sends a wave a fifth of a second at a time, at the pace of speech, and gives the words that came back. */
async function talk(url, { samples, sampleRate }, { until = samples.length } = {}) {
  const client = await open(url);
  const gone = closed(client);
  const answers = [];
  const ask = async (message) => {
    const answer = once(client, 'message');
    answer.catch(() => {});
    client.send(message);
    const got = await Promise.race([answer, gone]);
    if (!Array.isArray(got)) throw new Error(`the server closed with ${got.code}, ${got.reason}`);
    answers.push(JSON.parse(String(got[0])));
  };
  client.send(JSON.stringify({ config: { sample_rate: sampleRate } }));
  const piece = Math.round(0.2 * sampleRate);
  const begun = performance.now();
  let late = 0;
  for (let at = 0; at < until; at += piece) {
    await ask(bytesOf(samples.subarray(at, at + piece)));
    const ahead = ((at + piece) / sampleRate) * 1000 - (performance.now() - begun);
    late = Math.max(late, -ahead);
    if (ahead > 0) await rest(ahead);
  }
  if (until < samples.length) return { client };
  await ask('{"eof" : 1}');
  await gone;
  return { words: answers.flatMap(({ text }) => text || []).join(' '), late };
}

/** What clients do that should not; each ends when the server has closed it, or it has gone. */
export const misbehaviours = {
  async stalls(url, wave, random) {
    const { client } = await talk(url, wave, { until: random() * 0.5 * wave.samples.length });
    return expectCode(await closed(client), [1008]);
  },
  async sendsText(url) {
    const client = await open(url);
    client.send('nothing that a server knows');
    return expectCode(await closed(client), [1008]);
  },
  async sendsTooMuch(url) {
    const client = await open(url);
    client.send(Buffer.alloc(100_000));
    return expectCode(await closed(client), [1009]);
  },
  async floods(url, { samples }, random) {
    const client = await open(url);
    const bytes = bytesOf(samples.subarray(0, 16000));
    const until = performance.now() + 2000 + 4000 * random();
    while (performance.now() < until && client.readyState === WebSocket.OPEN) {
      for (let i = 0; i < 10 && client.bufferedAmount < 1 << 22; i++) client.send(bytes);
      await rest(20);
    }
    client.terminate();
  },
  async sendsHalf(url) {
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname);
    socket.on('error', () => {});
    socket.write(
      `GET / HTTP/1.1\r\nHost: ${hostname}:${port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
        'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n',
    );
    await once(socket, 'data');
    // A frame of 200 bytes, masked, of which 20 come.
    socket.write(Buffer.concat([Buffer.from([0x82, 0xfe, 0, 200, 1, 2, 3, 4]), Buffer.alloc(20)]));
    await rest(8000);
    socket.destroy();
  },
  async vanishes(url, wave, random) {
    const { client } = await talk(url, wave, { until: random() * wave.samples.length * 0.9 });
    if (random() < 0.5) client.terminate();
    else client._socket?.resetAndDestroy();
  },
};

function expectCode({ code, reason }, codes) {
  if (!codes.includes(code))
    throw new Error(`expected a socket closed with ${codes.join(' or ')}, found ${code}, ${reason}`);
}

export { talk };
