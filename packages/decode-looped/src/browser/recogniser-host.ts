import type { Engine } from '@jebena/engine';
import type { Pronunciation } from '@jebena/hmm';
import { addWordsToModel, modelWords } from '../add-words.js';
import type { EventStream } from '../event-stream.js';
import { type ModelFiles, packModel, unpackModel } from '../pack-model.js';
import type { RecognitionEvent } from '../recognition-event.js';
import type { Recogniser } from '../recogniser.js';
import { recogniserFrom } from '../recogniser-files.js';
import type { RecogniserOptions } from '../recogniser-options.js';

/** What a page is told of a model. */
export interface ModelDescription {
  /** Words that it can hear, sorted. */
  readonly words: readonly string[];
  /** Phones that words can be added with; none where the model's files do not tell. */
  readonly phones: readonly string[];
  /** Samples a second that it was trained on; microphones of higher rates are resampled. */
  readonly sampleRate: number;
  readonly parameters: number;
  /** What computes. */
  readonly engine: string;
}

/** Streams that go on with the recogniser that they began with. */
interface Open {
  readonly recogniser: Recogniser;
  readonly stream: EventStream;
}

/**
 * A model and its streams, at the worker's end. What changes the model (words, training) makes a new recogniser for
 * the streams to come; those that run keep theirs.
 */
export class RecogniserHost {
  private base: ModelFiles | undefined;
  private added: readonly Pronunciation[] = [];
  private changes: Partial<RecogniserOptions> = {};
  private current: Recogniser | undefined;
  private readonly open = new Map<number, Open>();
  private streams = 0;

  constructor(readonly engine: Engine) {}

  /**
   * @param model a zip file's bytes, or files by name
   * @throws for a model that cannot be used; the one before stays
   */
  load(
    model: Uint8Array | ModelFiles,
    changes: Partial<RecogniserOptions> = {},
    added: readonly Pronunciation[] = [],
  ): ModelDescription {
    const base = model instanceof Uint8Array ? unpackModel(model) : model;
    this.use(base, added, changes);
    return this.describe();
  }

  /** Sets what is known besides the model's own words; what was added before and is not among them is forgotten. */
  setWords(added: readonly Pronunciation[]): ModelDescription {
    this.use(this.files, added, this.changes);
    return this.describe();
  }

  /** The model with its added words, as files. */
  modelFiles(): ModelFiles {
    return addWordsToModel(this.files, this.added);
  }

  /** The same as one zip file. */
  packed(): Uint8Array {
    return packModel(this.modelFiles());
  }

  /** The model as it was loaded, without added words. */
  get files(): ModelFiles {
    if (!this.base) throw new Error('expected a model to be loaded first');
    return this.base;
  }

  get recogniser(): Recogniser {
    if (!this.current) throw new Error('expected a model to be loaded first');
    return this.current;
  }

  /** Puts other files in the model's place, the words that were added kept. */
  replace(files: ModelFiles): ModelDescription {
    this.use(files, this.added, this.changes);
    return this.describe();
  }

  private use(base: ModelFiles, added: readonly Pronunciation[], changes: Partial<RecogniserOptions>): void {
    const files = addWordsToModel(base, added);
    const next = recogniserFrom((name) => files.get(name), this.engine, changes);
    const before = this.current;
    [this.base, this.added, this.changes, this.current] = [base, added, changes, next];
    if (before) this.release(before);
  }

  private release(recogniser: Recogniser): void {
    const used = [...this.open.values()].some((o) => o.recogniser === recogniser);
    if (recogniser !== this.current && !used) recogniser.dispose();
  }

  private describe(): ModelDescription {
    const { words, phones } = modelWords(this.modelFiles());
    const { feature, model } = this.recogniser.parts;
    return {
      words,
      phones,
      sampleRate: feature.sampleRate,
      parameters: model.network.parameterCount,
      engine: this.engine.name,
    };
  }

  /** Begins a stream; its number. @throws FeatureError for a rate below the model's */
  start(sampleRate?: number): number {
    const { recogniser } = this;
    const stream = recogniser.events(sampleRate);
    this.open.set(++this.streams, { recogniser, stream });
    return this.streams;
  }

  /** @param samples in the range of 16-bit integers; pushes of one stream are to be made one after the other */
  push(id: number, samples: Float32Array): Promise<RecognitionEvent[]> {
    return this.of(id).stream.push(samples);
  }

  async finish(id: number): Promise<RecognitionEvent[]> {
    try {
      return await this.of(id).stream.finish();
    } finally {
      this.close(id);
    }
  }

  /** Ends a stream whose rest nobody wants; one that has ended is left alone. */
  close(id: number): void {
    const found = this.open.get(id);
    if (!found) return;
    this.open.delete(id);
    found.stream.dispose();
    this.release(found.recogniser);
  }

  private of(id: number): Open {
    const found = this.open.get(id);
    if (!found) throw new RangeError(`expected a stream that runs, found ${id}`);
    return found;
  }
}

/**
 * What a page calls; a worker may answer more.
 *
 * @param given the host, or the promise of one: calls that come before it is there wait for it
 */
export function recogniserMethods(given: RecogniserHost | Promise<RecogniserHost>) {
  const host = Promise.resolve(given);
  // Told where it is first called.
  host.catch(() => undefined);
  return {
    load: async (...model: Parameters<RecogniserHost['load']>) => (await host).load(...model),
    setWords: async (added: readonly Pronunciation[]) => (await host).setWords(added),
    packed: async () => (await host).packed(),
    start: async (sampleRate?: number) => (await host).start(sampleRate),
    push: async (id: number, samples: Float32Array) => (await host).push(id, samples),
    finish: async (id: number) => (await host).finish(id),
    close: async (id: number) => (await host).close(id),
  };
}

export type RecogniserMethods = ReturnType<typeof recogniserMethods>;
