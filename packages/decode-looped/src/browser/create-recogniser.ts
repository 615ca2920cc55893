import type { Pronunciation } from '@jebena/hmm';
import { type Stage, type StageOptions, stage } from '@jebena/stream';
import type { ModelFiles } from '../pack-model.js';
import type { RecognitionEvent } from '../recognition-event.js';
import type { RecogniserOptions } from '../recogniser-options.js';
import { Caller, type Port } from './calls.js';
import type { ModelDescription, RecogniserMethods } from './recogniser-host.js';

export interface CreateRecogniserOptions {
  /** A worker that runs `@jebena/decode-looped/browser/worker`, or answers the same calls and more. */
  readonly worker: Port;
  /** A zip file of a model's folder, or its files by name. */
  readonly model: ArrayBuffer | Uint8Array | ModelFiles;
  /** Options that are to differ from the model's own. */
  readonly options?: Partial<RecogniserOptions> | undefined;
  /** Words that the model's own are to be joined by. */
  readonly words?: readonly Pronunciation[] | undefined;
}

/**
 * A recogniser in a worker, so that a page stays quick. The model there is shared by all streams.
 *
 * @throws for a model that cannot be used; the message says what is wrong with which file
 * @example
 * ```ts
 * const worker = new Worker('worker.js', { type: 'module' });
 * const recogniser = await createRecogniser({ worker, model: await (await fetch('digits.zip')).arrayBuffer() });
 * ```
 */
export async function createRecogniser({
  worker,
  model,
  options = {},
  words = [],
}: CreateRecogniserOptions): Promise<WorkerRecogniser> {
  const caller = new Caller<RecogniserMethods>(worker);
  const bytes = model instanceof ArrayBuffer ? new Uint8Array(model) : model;
  return new WorkerRecogniser(caller, await caller.call('load', bytes, options, words));
}

export interface WorkerStreamOptions extends StageOptions {
  /** Samples a second; the model's own unless given. */
  readonly sampleRate?: number | undefined;
}

/** The page's end of a recogniser in a worker. */
export class WorkerRecogniser {
  constructor(
    private readonly caller: Caller<RecogniserMethods>,
    private about: ModelDescription,
  ) {}

  /** What it can hear. */
  get description(): ModelDescription {
    return this.about;
  }

  /**
   * Samples (in the range of 16-bit integers) in, events out, as `recogniseStream` does where there is no worker.
   *
   * @example
   * ```ts
   * for await (const event of recogniser.recogniseStream(microphone)(microphone.samples)) show(event.text);
   * ```
   */
  recogniseStream({ sampleRate, signal }: WorkerStreamOptions = {}): Stage<Float32Array, RecognitionEvent> {
    const { caller } = this;
    return stage(
      () => {
        let stream: Promise<number> | undefined;
        let ended = false;
        const id = (): Promise<number> => (stream ??= caller.call('start', sampleRate));
        return {
          push: async (samples: Float32Array) => caller.call('push', await id(), samples),
          flush: async () => {
            ended = true;
            return caller.call('finish', await id());
          },
          close: () => {
            // Nobody waits for it, and a worker that is gone has nothing to free.
            if (!ended) void stream?.then((begun) => caller.call('close', begun)).catch(() => undefined);
          },
        };
      },
      { signal },
    );
  }

  /** Sets the words that the model's own are joined by; streams that run go on with those before. */
  async setWords(added: readonly Pronunciation[]): Promise<ModelDescription> {
    return (this.about = await this.caller.call('setWords', added));
  }

  /** The model with its added words: a zip file to load again. */
  packed(): Promise<Uint8Array> {
    return this.caller.call('packed');
  }
}
