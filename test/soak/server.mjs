// The server that a soak talks to, in a process of its own whose memory can be told.
import { readRecogniser, RecognitionServer } from '@jebena/decode-looped/node';
import { createEngine } from '@jebena/engine/node';

const [folder, engineName, idleSeconds] = process.argv.slice(2);
const engine = await createEngine({ engine: engineName });
const recogniser = readRecogniser(folder, engine);
const server = await RecognitionServer.start(recogniser, {
  port: 0,
  maxSessions: 200,
  maxMessageBytes: 65536,
  idleSeconds: Number(idleSeconds),
});

process.on('message', async (wanted) => {
  if (wanted === 'stop') {
    await server.stop();
    recogniser.dispose();
    process.exit(0);
  }
  globalThis.gc();
  const { rss, heapUsed, external } = process.memoryUsage();
  const { chunks, passes } = recogniser.computer.done;
  process.send({
    rss,
    heap: heapUsed + external,
    tensors: engine.liveTensors(),
    sessions: server.sessions,
    chunks,
    passes,
    cpu: process.cpuUsage().user / 1e6,
    engine: engine.name,
  });
});
process.send({ url: server.url });
