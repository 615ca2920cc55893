// All that computes runs here, so that the page stays quick: recognition, new graphs, training.
import { answerCalls, type Port, RecogniserHost, recogniserMethods } from '@jebena/decode-looped/browser';
import { createEngine } from '@jebena/engine';
import { readWave, type Wave } from '@jebena/io-ark';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import { type RecordedTake, tune } from './tune.js';

setWasmPaths(new URL('.', import.meta.url).href);

/** Plain JavaScript where there is no WebAssembly. */
const engineName = typeof WebAssembly === 'object' ? 'tfjs-wasm' : 'tfjs-cpu';
const host = createEngine({ engine: engineName }).then((engine) => new RecogniserHost(engine));

const methods = {
  ...recogniserMethods(host),
  /** A wave file's samples at its own rate. */
  readWave: (bytes: Uint8Array, path: string): Wave => readWave(bytes, { path }),
  tune: async function* (takes: readonly RecordedTake[], steps: number) {
    yield* tune(await host, takes, { steps });
  },
};

export type PageMethods = typeof methods;

answerCalls(globalThis as unknown as Port, methods);
