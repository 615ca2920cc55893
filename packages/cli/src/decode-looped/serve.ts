import { RecognitionServer, serveOptions } from '@jebena/decode-looped/node';
import { defineOptions, resolveOptions } from '@jebena/options';
import { defineProgram, type Program } from '../program.js';
import { openRecogniser, recogniseOptions } from './open-recogniser.js';

const options = defineOptions({ ...recogniseOptions, ...serveOptions });

/** A server for Vosk's clients. */
export const program: Program<typeof options> = defineProgram({
  name: 'serve',
  summary: "Recognises for clients of Vosk's WebSocket protocol, and serves a page to try it from.",
  usage: ['<folder-of-model>'],
  options,
  args: [1, 1],
  run: async ([folder], { engine, threads, beam, ...limits }, { signal, log }) => {
    const recogniser = await openRecogniser(folder!, { engine, threads, beam });
    const server = await RecognitionServer.start(recogniser, resolveOptions(serveOptions, limits));
    log(`Listening at ${server.url}`);
    await new Promise<void>((resolve) => {
      if (signal.aborted) resolve();
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
    log(`Stopping; ${server.sessions} sessions to wait for`);
    await server.stop();
  },
});
