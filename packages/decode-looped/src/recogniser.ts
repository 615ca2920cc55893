import { BeamSearch, LatticeDecoder, SearchGraph, type WordAlignment } from '@jebena/decode';
import type { Engine } from '@jebena/engine';
import type { WaveFeature } from '@jebena/features';
import { forInference, type AcousticModel, type Looped, type Model } from '@jebena/graph';
import { decodeFrame, type Matrix } from '@jebena/io-ark';
import { resolveOptions, UsageError } from '@jebena/options';
import type { Fst, SymbolTable } from '@jebena/wfst';
import { EndPointer, endPointOptions } from './end-point.js';
import { ChunkComputer } from './chunk-computer.js';
import { EventStream, type EventStreamState } from './event-stream.js';
import { type CmvnParts, FrontEnd } from './front-end.js';
import { OnlineScores } from './online-scores.js';
import { type RecogniserOptions, recogniserOptions } from './recogniser-options.js';
import { withinPhrases } from './phrases.js';
import { bestPathWords, latticeSegment, type Segment } from './segment-words.js';
import type { StreamOptions } from './stream-options.js';

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
  /** How features are normalised as they come; not at all where left out. */
  readonly cmvn?: CmvnParts | undefined;
  /** What a network with iVectors is given: one that stands for all speakers. */
  readonly ivector?: Float32Array | undefined;
  /** How phones make words, so that the words of final results have their exact times. */
  readonly alignment?: WordAlignment | undefined;
  readonly options?: Partial<RecogniserOptions>;
}

/** What a stream searches, and what makes lattices of its segments. */
interface Searched {
  readonly graph: SearchGraph;
  readonly lattices: LatticeDecoder | undefined;
}

/** Sets of phrases whose graphs are kept. */
const maxRestricted = 8;

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
  /** Computes the chunks of all streams. */
  readonly computer: ChunkComputer;
  private readonly logPriors: Float32Array;
  private readonly base: Searched;
  private readonly restricted = new Map<string, Searched>();
  private readonly endPointer: EndPointer;

  constructor(readonly parts: RecogniserParts) {
    this.options = resolveOptions(recogniserOptions, parts.options);
    this.endPointer = new EndPointer(
      Object.fromEntries(Object.entries(this.options).filter(([name]) => name in endPointOptions)),
    );
    this.base = this.searched(parts.graph);
    const { engine, model } = parts;
    const { framesPerChunk, frameSubsamplingFactor, maxBatch } = this.options;
    this.loaded = forInference(model.network).load(engine);
    this.looped = this.loaded.looped({ framesPerChunk, frameSubsamplingFactor });
    this.computer = new ChunkComputer(engine, this.looped, maxBatch);
    this.logPriors = model.priors.map(Math.log);
  }

  /** @param sampleRate of the samples that will be pushed; they are resampled to the model's */
  stream(sampleRate: number = this.parts.feature.sampleRate): RecogniserStream {
    const { frontEnd, scores, search } = this.open(sampleRate, this.base.graph);
    return new RecogniserStream(frontEnd, scores, search, this.parts.words, this.secondsPerFrame);
  }

  /**
   * A stream of any length that is cut into segments; see {@link EventStream} and the stage `recogniseStream`.
   *
   * @param sampleRate of the samples that will be pushed; they are resampled to the model's
   * @throws UsageError where the model knows the words of none of `options.phrases`
   */
  events(sampleRate: number = this.parts.feature.sampleRate, options: StreamOptions = {}): EventStream {
    return this.eventStream(sampleRate, options);
  }

  /**
   * Goes on with a stream of events where it was saved, here or in another process.
   *
   * @throws FrameError for bytes that are torn or something else; UsageError for a stream of another model or of other
   *   options
   */
  restore(bytes: Uint8Array): EventStream {
    const { fingerprint, state } = decodeFrame<{ fingerprint: string; state: EventStreamState }>(
      bytes,
      'saved stream',
    ).header;
    if (fingerprint !== this.fingerprint)
      throw new UsageError(`saved stream: expected one of ${this.fingerprint}, found one of ${fingerprint}`);
    return this.eventStream(state.frontEnd.sampleRate, state.options, state);
  }

  private eventStream(sampleRate: number, options: StreamOptions, state?: EventStreamState): EventStream {
    const { model, words, alignment } = this.parts;
    const { transitions } = model;
    const { endPointer } = this;
    const { acousticScale } = this.options;
    const { maxAlternatives = 0, phrases } = options;
    const { graph, lattices } = phrases ? this.within(phrases) : this.base;
    const isSilence = (tid: number): boolean => endPointer.silencePhones.has(transitions.tidToPhone[tid]!);
    const parts = {
      ...this.open(sampleRate, graph, state),
      rowsPerStep: this.looped.outputFrames,
      words,
      endPointer,
      isSilence,
      keepScores: lattices !== undefined,
      segment: (scores: Matrix | undefined, search: BeamSearch): Segment => {
        if (lattices && scores)
          return latticeSegment(lattices, scores, transitions, {
            acousticScale,
            alignment,
            maxAlternatives,
            isSilence,
          });
        const path = search.bestPath();
        return { words: path ? bestPathWords(path, isSilence) : [], alternatives: [] };
      },
      secondsPerFrame: this.secondsPerFrame,
      fingerprint: this.fingerprint,
      options,
    };
    return new EventStream(parts, state);
  }

  /** What streams search that hear nothing but some phrases; made once for those used last. */
  private within(phrases: readonly string[]): Searched {
    const key = JSON.stringify(phrases);
    let searched = this.restricted.get(key);
    if (!searched) {
      const { graph, known, unknown } = withinPhrases(this.parts.graph, this.parts.words, phrases);
      if (known === 0)
        throw new UsageError(
          `phrases: expected words of the model, found none in '${unknown.slice(0, 5).join("', '")}'`,
        );
      searched = this.searched(graph);
    }
    this.restricted.delete(key);
    this.restricted.set(key, searched);
    const [oldest] = this.restricted.keys();
    if (this.restricted.size > maxRestricted) this.restricted.delete(oldest!);
    return searched;
  }

  private searched(fst: Fst): Searched {
    const { acousticScale, beam, maxActive, latticeBeam, confidences } = this.options;
    const { transitions } = this.parts.model;
    const graph = new SearchGraph(fst, transitions.tidToPdf);
    const options = { acousticScale, beam, maxActive, latticeBeam, allowPartial: true };
    // One for all streams: it works on a whole segment at a time.
    return { graph, lattices: confidences ? new LatticeDecoder(graph, transitions, options) : undefined };
  }

  private get fingerprint(): string {
    const { model, graph, feature } = this.parts;
    const { chunk, leftContext, rightContext } = this.looped;
    return (
      `${feature.dim} features, chunks of ${leftContext}+${chunk}+${rightContext}, ${model.transitions.numPdfs} pdfs, ` +
      `a graph of ${graph.numStates} states and ${graph.numArcs} arcs, ${this.options.confidences ? 'with' : 'without'} confidences`
    );
  }

  private get secondsPerFrame(): number {
    const { feature } = this.parts;
    return (this.options.frameSubsamplingFactor * feature.geometry.shift) / feature.sampleRate;
  }

  private open(
    sampleRate: number,
    graph: SearchGraph,
    state?: EventStreamState,
  ): { frontEnd: FrontEnd; scores: OnlineScores; search: BeamSearch } {
    const { engine, feature, model, cmvn } = this.parts;
    const { acousticScale, beam, maxActive } = this.options;
    // First what may refuse the rate, then what must be freed.
    const frontEnd = new FrontEnd(feature, sampleRate, { cmvn, state: state?.frontEnd });
    const search = new BeamSearch(graph, model.transitions.tidToPdf, { acousticScale, beam, maxActive });
    const scores = new OnlineScores(engine, this.looped, feature.dim, this.logPriors, {
      computer: this.computer,
      ivector: this.parts.ivector,
      state: state?.scores,
    });
    return { frontEnd, search, scores };
  }

  dispose(): void {
    this.looped.dispose();
    this.loaded.dispose();
  }
}

/** One recording or microphone. */
export class RecogniserStream {
  constructor(
    private readonly frontEnd: FrontEnd,
    private readonly scores: OnlineScores,
    private readonly search: BeamSearch,
    private readonly words: SymbolTable,
    private readonly secondsPerFrame: number,
  ) {
    search.start();
  }

  /** @param samples in the range of 16-bit integers, of any number */
  async push(samples: Float32Array): Promise<void> {
    this.advance(await this.scores.push(this.frontEnd.push(samples)));
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
      this.advance(await this.scores.push(this.frontEnd.flush()));
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
