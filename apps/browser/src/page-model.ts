import type { ModelFiles } from '@jebena/decode-looped';
import { Caller, createRecogniser, type ModelDescription, type WorkerRecogniser } from '@jebena/decode-looped/browser';
import type { Pronunciation } from '@jebena/hmm';
import type { PageMethods } from './worker.js';

/** What the panels share: the worker, the model in it, and whether it is busy. */
export class PageModel {
  readonly caller: Caller<PageMethods>;
  recogniser: WorkerRecogniser | undefined;
  /** What the model is called. */
  name = '';
  added: Pronunciation[] = [];
  /** What was loaded, to go back to. */
  private source: Uint8Array | ModelFiles | undefined;
  private readonly listeners: (() => void)[] = [];
  private work: string | undefined;

  constructor(readonly worker: Worker) {
    this.caller = new Caller(worker);
  }

  get description(): ModelDescription | undefined {
    return this.recogniser?.description;
  }

  /** What the page is at: `listening`, `training`, …; undefined when idle. */
  get busy(): string | undefined {
    return this.work;
  }

  /** Called when the model, its words or what the page is at have changed. */
  onChange(listener: () => void): void {
    this.listeners.push(listener);
  }

  changed(): void {
    for (const listener of this.listeners) listener();
  }

  /** Runs something that nothing else may run beside. */
  async during<T>(work: string, run: () => Promise<T>): Promise<T> {
    if (this.work) throw new Error(`expected nothing else to go on, found ${this.work}`);
    this.work = work;
    this.changed();
    try {
      return await run();
    } finally {
      this.work = undefined;
      this.changed();
    }
  }

  async load(model: Uint8Array | ModelFiles, name: string, words: readonly Pronunciation[] = []): Promise<void> {
    // Ten frames at a time: words show sooner, at little cost.
    const options = { framesPerChunk: 10 };
    this.recogniser = await createRecogniser({ worker: this.worker, model, options, words });
    [this.source, this.name, this.added] = [model, name, [...words]];
    this.changed();
  }

  /** Forgets what training made of the model; added words stay. */
  async loadAgain(): Promise<void> {
    if (this.source) await this.load(this.source, this.name, this.added);
  }

  async setWords(added: Pronunciation[]): Promise<void> {
    await this.recogniser?.setWords(added);
    this.added = added;
    this.changed();
  }
}
