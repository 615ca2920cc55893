import type { BeamSearch, BeamSearchState } from '@jebena/decode';
import { encodeFrame, type Matrix, matrix } from '@jebena/io-ark';
import type { SymbolTable } from '@jebena/wfst';
import { type EndPointer, endPointState } from './end-point.js';
import type { FrontEnd, FrontEndState } from './front-end.js';
import { joinRows, type OnlineScores, type OnlineScoresState } from './online-scores.js';
import type { Alternative, RecognitionEvent, TimedWord } from './recognition-event.js';
import type { Segment, SegmentWord } from './segment-words.js';
import type { StreamOptions } from './stream-options.js';

/** What a stream of events is made of. */
export interface EventStreamParts {
  readonly frontEnd: FrontEnd;
  readonly scores: OnlineScores;
  /** Rows of scores that are searched at a time; partial results and ends are looked for after each. */
  readonly rowsPerStep: number;
  readonly search: BeamSearch;
  readonly words: SymbolTable;
  readonly endPointer: EndPointer;
  readonly isSilence: (transitionId: number) => boolean;
  /** What a segment says, by its scores where they are kept, or by its search. */
  readonly segment: (scores: Matrix | undefined, search: BeamSearch) => Segment;
  readonly keepScores: boolean;
  /** Seconds. */
  readonly secondsPerFrame: number;
  /** Tells streams of one model and its options from those of another. */
  readonly fingerprint: string;
  readonly options: StreamOptions;
}

/** Where a stream of events stands, as plain data. */
export interface EventStreamState {
  readonly options: StreamOptions;
  readonly frontEnd: FrontEndState;
  readonly scores: OnlineScoresState;
  readonly search: BeamSearchState;
  /** Scores of the present segment. */
  readonly kept: Matrix;
  readonly segmentStart: number;
  readonly said: string;
  readonly stable: string;
}

/**
 * Recognises a recording or microphone of any length: tells of partial results as they change and cuts the stream
 * into segments where its speaker pauses. What it tells does not depend on how the samples were cut into pieces.
 */
export class EventStream {
  private kept: Matrix[] = [];
  private segmentStart = 0;
  private said = '';
  private stable = '';
  private ended = false;

  /** @param state where another one of the same model stood, to go on from; the parts must stand there too */
  constructor(
    private readonly parts: EventStreamParts,
    state?: EventStreamState,
  ) {
    if (!state) {
      parts.search.start();
      return;
    }
    parts.search.restore(state.search);
    if (state.kept.rows > 0) this.kept = [state.kept];
    this.segmentStart = state.segmentStart;
    this.said = state.said;
    this.stable = state.stable;
  }

  /**
   * Where it stands, as bytes that `recogniser.restore` goes on from, in another process too. Not while a `push` is
   * under way; the stream may go on afterwards.
   */
  async save(): Promise<Uint8Array> {
    if (this.ended) throw new Error('recogniser: expected a stream that goes on, found one that has ended');
    const { frontEnd, scores, search, fingerprint, options } = this.parts;
    const { kept, segmentStart, said, stable } = this;
    const state: EventStreamState = {
      options,
      frontEnd: frontEnd.state(),
      scores: await scores.state(),
      search: search.save(),
      kept: joinRows(kept, 0),
      segmentStart,
      said,
      stable,
    };
    return encodeFrame({ header: { fingerprint, state }, arrays: {} });
  }

  /**
   * @param samples in the range of 16-bit integers, of any number
   * @throws RangeError for samples that are not finite
   */
  async push(samples: Float32Array): Promise<RecognitionEvent[]> {
    const { frontEnd, scores } = this.parts;
    return this.hear(await scores.push(frontEnd.push(samples)));
  }

  /** Ends the segment now, as a speaker's pause would; the stream goes on. */
  cut(): RecognitionEvent[] {
    return this.parts.search.numFrames > 0 ? [this.final()] : [];
  }

  /** Ends the stream; it is freed. */
  async finish(): Promise<RecognitionEvent[]> {
    const { frontEnd, scores } = this.parts;
    try {
      const events = this.hear(await scores.push(frontEnd.flush()));
      events.push(...this.hear(await scores.flush()), ...this.cut());
      return events;
    } finally {
      this.dispose();
    }
  }

  private hear(rows: Matrix): RecognitionEvent[] {
    const events: RecognitionEvent[] = [];
    const { rowsPerStep, search, keepScores } = this.parts;
    for (let at = 0; at < rows.rows; at += rowsPerStep) {
      const count = Math.min(rowsPerStep, rows.rows - at);
      const step = matrix(count, rows.cols, rows.data.subarray(at * rows.cols, (at + count) * rows.cols));
      search.advance(step);
      if (keepScores) this.kept.push(step);
      const rule = this.endPoint();
      const event = rule === undefined ? this.partial() : this.final(rule);
      if (event) events.push(event);
    }
    return events;
  }

  private endPoint(): number | undefined {
    const { search, isSilence, secondsPerFrame, endPointer } = this.parts;
    return endPointer.rule(endPointState(search, isSilence, secondsPerFrame));
  }

  /** The present segment's words, where they changed. */
  private partial(): RecognitionEvent | undefined {
    const { search, words } = this.parts;
    const labels = search.bestPath({ useFinal: false })?.words ?? new Int32Array(0);
    const symbols = Array.from(labels, (label) => symbolOf(words, label));
    const text = symbols.join(' ');
    const stable = symbols.slice(0, search.stableWords()).join(' ');
    if (text === this.said && stable === this.stable) return undefined;
    this.said = text;
    this.stable = stable;
    return { type: 'partial', text, stable };
  }

  private final(rule?: number): RecognitionEvent {
    const { search, segment, keepScores, secondsPerFrame } = this.parts;
    const scores = keepScores ? joinRows(this.kept, 0) : undefined;
    const seconds = (frame: number): number => (this.segmentStart + frame) * secondsPerFrame;
    const timed = ({ label, begin, end, confidence }: SegmentWord): TimedWord => ({
      word: symbolOf(this.parts.words, label),
      begin: seconds(begin),
      end: seconds(end),
      ...(confidence !== undefined && { confidence }),
    });
    const said = segment(scores, search);
    const words = said.words.map(timed);
    const text = textOf(words);
    const alternatives = said.alternatives.map((alternative): Alternative => {
      const heard = alternative.words.map(timed);
      return { text: textOf(heard), words: heard, confidence: alternative.confidence };
    });
    const frames = search.numFrames;
    const event = {
      type: 'final' as const,
      text,
      words,
      begin: seconds(0),
      end: seconds(frames),
      ...(alternatives.length > 0 && { alternatives }),
    };
    this.segmentStart += frames;
    this.kept = [];
    this.said = this.stable = '';
    search.start();
    return rule === undefined ? event : { ...event, rule };
  }

  /** Frees what the network carries; what was not finished is lost. */
  dispose(): void {
    if (this.ended) return;
    this.ended = true;
    this.parts.scores.dispose();
  }
}

const textOf = (words: readonly TimedWord[]): string => words.map((w) => w.word).join(' ');

const symbolOf = (words: SymbolTable, label: number): string => words.symbol(label) ?? `<${label}>`;
