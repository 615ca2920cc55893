import type { EventStream } from './event-stream.js';
import { Pcm16 } from './pcm16.js';
import type { FinalEvent, RecognitionEvent, TimedWord } from './recognition-event.js';
import type { Recogniser } from './recogniser.js';

/** A message that is not of the protocol; the session is over. */
export class ProtocolError extends Error {
  readonly code = 'ERR_PROTOCOL';
  override readonly name = 'ProtocolError';
}

/** What a message brought. */
export interface SessionAnswer {
  /** JSON to send back: one for each message of audio, as Vosk's clients wait for one. */
  readonly reply?: string | undefined;
  /** Whether the client ended the session. */
  readonly ended: boolean;
  /** Seconds of audio that came with it. */
  readonly seconds: number;
}

/**
 * One client of Vosk's server protocol: `{"config": {"sample_rate": 8000}}`, then messages of 16-bit little-endian
 * mono PCM, each answered by `{"partial": "…"}` or, at the end of a segment, `{"result": [words], "text": "…"}`, then
 * `{"eof": 1}`, answered by the last result. `{"reset": 1}` ends a segment and goes on. The configuration may also ask
 * for `max_alternatives`, for results without `words`, and for nothing but the phrases of a `phrase_list`.
 */
export class VoskSession {
  private stream: EventStream | undefined;
  private readonly pcm = new Pcm16();
  private said = '';
  private words = true;
  private maxAlternatives = 0;
  private phrases: readonly string[] | undefined;

  /** @param sampleRate until the client says another */
  constructor(
    private readonly recogniser: Recogniser,
    private sampleRate: number = recogniser.parts.feature.sampleRate,
  ) {}

  /**
   * Messages are to be given one after the other.
   *
   * @throws ProtocolError for a message that the protocol lacks; RangeError for a sample rate that cannot be used
   */
  async take(message: string | Uint8Array): Promise<SessionAnswer> {
    if (typeof message === 'string') return this.command(message);
    const samples = this.pcm.push(message);
    const { maxAlternatives, phrases } = this;
    this.stream ??= this.recogniser.events(this.sampleRate, { maxAlternatives, phrases });
    const reply = this.answer(await this.stream.push(samples));
    return { reply, ended: false, seconds: samples.length / this.sampleRate };
  }

  private async command(text: string): Promise<SessionAnswer> {
    const command = parse(text);
    if ('config' in command) this.configure(command['config']);
    else if ('eof' in command) {
      const events = (await this.stream?.finish()) ?? [];
      return { reply: this.answer(finals(events), true), ended: true, seconds: 0 };
    } else if ('reset' in command)
      return { reply: this.answer(this.stream?.cut() ?? [], true), ended: false, seconds: 0 };
    else throw new ProtocolError(`expected config, eof or reset, found '${Object.keys(command).join(', ')}'`);
    return { ended: false, seconds: 0 };
  }

  private configure(config: unknown): void {
    const given = Object(config) as Record<string, unknown>;
    const { sample_rate: sampleRate, words, max_alternatives: alternatives, phrase_list: phrases } = given;
    const early = (name: string): void => {
      if (this.stream) throw new ProtocolError(`expected ${name} before any audio`);
    };
    // Vosk's server takes numbers as text too.
    if (sampleRate !== undefined && Number(sampleRate) !== this.sampleRate) {
      early('sample_rate');
      const rate = Number(sampleRate);
      if (!(rate >= 1000 && rate <= 384_000))
        throw new ProtocolError(`expected a sample_rate from 1000 to 384000, found ${shown(sampleRate)}`);
      this.sampleRate = rate;
    }
    if (alternatives !== undefined && Number(alternatives) !== this.maxAlternatives) {
      early('max_alternatives');
      this.maxAlternatives = Number(alternatives);
      if (!(Number.isInteger(this.maxAlternatives) && this.maxAlternatives >= 0 && this.maxAlternatives <= 100))
        throw new ProtocolError(`expected max_alternatives from 0 to 100, found ${shown(alternatives)}`);
    }
    if (phrases !== undefined) {
      early('phrase_list');
      if (!isPhraseList(phrases))
        throw new ProtocolError(`expected a phrase_list of up to 1000 phrases, found ${shown(phrases)}`);
      this.phrases = phrases;
    }
    if (words !== undefined) this.words = Boolean(words);
  }

  /** One answer for all that a message brought. */
  private answer(events: readonly RecognitionEvent[], whole: boolean = false): string {
    for (const event of events) this.said = event.type === 'partial' ? event.text : '';
    const ended = finals(events);
    if (ended.length === 0 && !whole) return JSON.stringify({ partial: this.said });
    const text = ended.flatMap((e) => e.text || []).join(' ');
    const timed = ({ confidence, end, begin, word }: TimedWord): Record<string, unknown> =>
      confidence === undefined ? { end, start: begin, word } : { conf: confidence, end, start: begin, word };
    if (this.maxAlternatives > 0) {
      // Segments that ended in one message are rare; the last one's alternatives are told then.
      const heard = ended.at(-1)?.alternatives ?? [{ text, words: [], confidence: 1 }];
      return JSON.stringify({
        alternatives: heard.map(({ text: said, words, confidence }) =>
          this.words && words.length > 0
            ? { confidence, result: words.map(timed), text: said }
            : { confidence, text: said },
        ),
      });
    }
    const result = ended.flatMap((e) => e.words.map((w) => timed({ ...w, confidence: w.confidence ?? 1 })));
    return JSON.stringify(this.words && result.length > 0 ? { result, text } : { text });
  }

  /** Frees the stream's state; for a client that went away too. */
  dispose(): void {
    this.stream?.dispose();
  }
}

const shown = (value: unknown): string => JSON.stringify(value).slice(0, 40);

const isPhraseList = (value: unknown): value is string[] =>
  Array.isArray(value) && value.length > 0 && value.length <= 1000 && value.every((p) => typeof p === 'string');

const finals = (events: readonly RecognitionEvent[]): FinalEvent[] =>
  events.flatMap((e) => (e.type === 'final' ? [e] : []));

function parse(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  } catch {
    // Told of below.
  }
  throw new ProtocolError(`expected a JSON object, found '${text.slice(0, 40)}'`);
}
