import type { EventStream } from './event-stream.js';
import { Pcm16 } from './pcm16.js';
import type { FinalEvent, RecognitionEvent } from './recognition-event.js';
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
 * `{"eof": 1}`, answered by the last result. `{"reset": 1}` ends a segment and goes on.
 */
export class VoskSession {
  private stream: EventStream | undefined;
  private readonly pcm = new Pcm16();
  private said = '';
  private words = true;

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
    this.stream ??= this.recogniser.events(this.sampleRate);
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
    const { sample_rate: rate, words } = Object(config) as Record<string, unknown>;
    if (rate !== undefined && rate !== this.sampleRate) {
      if (this.stream) throw new ProtocolError('expected sample_rate before any audio');
      if (typeof rate !== 'number' || !(rate >= 1000 && rate <= 384_000))
        throw new ProtocolError(`expected a sample_rate from 1000 to 384000, found ${JSON.stringify(rate)}`);
      this.sampleRate = rate;
    }
    if (words !== undefined) this.words = Boolean(words);
  }

  /** One answer for all that a message brought. */
  private answer(events: readonly RecognitionEvent[], whole: boolean = false): string {
    for (const event of events) this.said = event.type === 'partial' ? event.text : '';
    const ended = finals(events);
    if (ended.length === 0 && !whole) return JSON.stringify({ partial: this.said });
    const result = ended.flatMap((e) =>
      e.words.map((w) => ({ conf: w.confidence ?? 1, end: w.end, start: w.begin, word: w.word })),
    );
    const text = ended.flatMap((e) => e.text || []).join(' ');
    return JSON.stringify(this.words && result.length > 0 ? { result, text } : { text });
  }

  /** Frees the stream's state; for a client that went away too. */
  dispose(): void {
    this.stream?.dispose();
  }
}

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
