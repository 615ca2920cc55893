// The worker's end of createRecogniser: `new Worker(new URL('@jebena/decode-looped/browser/worker', import.meta.url))`.
import { createEngine } from '@jebena/engine';
import { answerCalls, type Port } from './calls.js';
import { RecogniserHost, recogniserMethods } from './recogniser-host.js';

answerCalls(globalThis as unknown as Port, recogniserMethods(createEngine().then((e) => new RecogniserHost(e))));
