import { BeamSearch } from '@jebena/decode';
import type { Engine } from '@jebena/engine';
import type { OnlineFrames, WaveFeature } from '@jebena/features';
import { forInference, type AcousticModel, type Looped, type Model } from '@jebena/graph';
import { resolveOptions } from '@jebena/options';
import type { Fst, SymbolTable } from '@jebena/wfst';
import { OnlineScores } from './online-scores.js';
import { type RecogniserOptions, recogniserOptions } from './recogniser-options.js';

/** A word and when it was said, in seconds. */
export interface RecognisedWord {
  readonly word: string;
  /** When the search passed the word's label: about where it begins. */
  readonly time: number;
}

/** What was heard so far. */
export interface Recognition {
  readonly words: readonly RecognisedWord[];
  readonly text: string;
  /** Whether the path reaches an end of the grammar. */
  readonly complete: boolean;
}

/** What a recogniser is made of. */
export interface RecogniserParts {
  readonly engine: Engine;
  readonly model: AcousticModel;
  /** HCLG. */
  readonly graph: Fst;
  readonly words: SymbolTable;
  readonly feature: WaveFeature;
  readonly options?: Partial<RecogniserOptions>;
}

/**
 * Recognises speech as it comes. The recogniser is immutable and shared; each stream has a small state of its own.
 *
 * @example
 * ```ts
 * const stream = recogniser.stream(16000);
 * await stream.push(samples);
 * stream.partial().text;
 * (await stream.finish()).text;
 * ```
 */
export class Recogniser {
  readonly options: RecogniserOptions;
  private readonly loaded: Model;
  private readonly looped: Looped;
  private readonly logPriors: Float32Array;

  constructor(readonly parts: RecogniserParts) {
    this.options = resolveOptions(recogniserOptions, parts.options);
    const { engine, model } = parts;
    const { framesPerChunk, frameSubsamplingFactor } = this.options;
    this.loaded = forInference(model.network).load(engine);
    this.looped = this.loaded.looped({ framesPerChunk, frameSubsamplingFactor });
    this.logPriors = model.priors.map(Math.log);
  }

  /** @param sampleRate of the samples that will be pushed; they are resampled to the model's */
  stream(sampleRate: number = this.parts.feature.sampleRate): RecogniserStream {
    const { engine, feature, graph, model, words } = this.parts;
    const { acousticScale, beam, maxActive, frameSubsamplingFactor } = this.options;
    const search = new BeamSearch(graph, model.transitions.tidToPdf, { acousticScale, beam, maxActive });
    const scores = new OnlineScores(engine, this.looped, feature.dim, this.logPriors);
    const secondsPerFrame = (frameSubsamplingFactor * feature.geometry.shift) / feature.sampleRate;
    return new RecogniserStream(feature.online({ sampleRate }), scores, search, words, secondsPerFrame);
  }

  dispose(): void {
    this.looped.dispose();
    this.loaded.dispose();
  }
}

/** One recording or microphone. */
export class RecogniserStream {
  constructor(
    private readonly features: OnlineFrames,
    private readonly scores: OnlineScores,
    private readonly search: BeamSearch,
    private readonly words: SymbolTable,
    private readonly secondsPerFrame: number,
  ) {
    search.start();
  }

  /** @param samples in the range of 16-bit integers, of any number */
  async push(samples: Float32Array): Promise<void> {
    const wrong = samples.findIndex((s) => !Number.isFinite(s));
    if (wrong >= 0)
      throw new RangeError(`recogniser: expected finite samples, found ${samples[wrong]} at sample ${wrong}`);
    this.advance(await this.scores.push(this.features.push(samples)));
  }

  /** The best path so far. */
  partial(): Recognition {
    const path = this.search.numFrames > 0 ? this.search.bestPath() : undefined;
    const words = Array.from(path?.words ?? [], (label, i) => ({
      word: this.words.symbol(label) ?? `<${label}>`,
      time: path!.wordTimes[i]! * this.secondsPerFrame,
    }));
    return { words, text: words.map((w) => w.word).join(' '), complete: path?.reachedFinal ?? false };
  }

  /** Ends the stream; it is freed. */
  async finish(): Promise<Recognition> {
    try {
      this.advance(await this.scores.push(this.features.flush()));
      this.advance(await this.scores.flush());
      return this.partial();
    } finally {
      this.dispose();
    }
  }

  private advance(loglikes: Parameters<BeamSearch['advance']>[0]): void {
    if (loglikes.rows > 0) this.search.advance(loglikes);
  }

  dispose(): void {
    this.scores.dispose();
  }
}
