import { formatCtm } from '@jebena/decode';
import type { FinalEvent, TimedWord } from './recognition-event.js';

/** Forms that recognised speech is written in. */
export const transcriptFormats = ['text', 'json', 'ctm', 'srt', 'vtt'] as const;
export type TranscriptFormat = (typeof transcriptFormats)[number];

/** A caption stands no longer than this, and fits in two lines. */
const captionSeconds = 7;
const captionLetters = 84;

/**
 * Writes one recording's segments as they come: plain text, one line a segment; JSON, one object a line; CTM; SubRip
 * or WebVTT captions. Segments without words are left out.
 *
 * @example
 * ```ts
 * const transcript = new Transcript('srt', 'talk');
 * out.write(transcript.head());
 * for (const event of finals) out.write(transcript.add(event));
 * ```
 */
export class Transcript {
  private captions = 0;

  /** @param key names the recording in JSON and CTM */
  constructor(
    readonly format: TranscriptFormat,
    readonly key: string,
  ) {}

  /** What stands before all segments. */
  head(): string {
    return this.format === 'vtt' ? 'WEBVTT\n\n' : '';
  }

  add({ text, words, begin, end }: FinalEvent): string {
    if (words.length === 0) return '';
    switch (this.format) {
      case 'text':
        return `${text}\n`;
      case 'json':
        return `${JSON.stringify({ key: this.key, text, begin: round(begin), end: round(end), words: words.map(rounded) })}\n`;
      case 'ctm':
        // A CTM's fields are cut at blanks.
        return formatCtm(
          words.map((w) => ({
            utterance: this.key.replace(/\s/g, '_'),
            start: w.begin,
            duration: w.end - w.begin,
            word: w.word,
            confidence: w.confidence,
          })),
        );
      default:
        return captionsOf(words)
          .map((caption) => this.caption(caption))
          .join('');
    }
  }

  private caption(words: readonly TimedWord[]): string {
    const mark = this.format === 'srt' ? ',' : '.';
    const times = [words[0]!.begin, words.at(-1)!.end].map((t) => clock(t, mark)).join(' --> ');
    const number = this.format === 'srt' ? `${++this.captions}\n` : '';
    const text = words.map((w) => w.word).join(' ');
    const shown =
      this.format === 'vtt' ? text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;') : text;
    return `${number}${times}\n${shown}\n\n`;
  }
}

/** Words by caption. */
function captionsOf(words: readonly TimedWord[]): TimedWord[][] {
  const captions: TimedWord[][] = [];
  let letters = 0;
  for (const word of words) {
    const caption = captions.at(-1);
    letters += word.word.length + 1;
    if (!caption || word.end - caption[0]!.begin > captionSeconds || letters > captionLetters) {
      captions.push([word]);
      letters = word.word.length;
    } else caption.push(word);
  }
  return captions;
}

const round = (value: number): number => Math.round(value * 1000) / 1000;

const rounded = ({ word, begin, end, confidence }: TimedWord): TimedWord => ({
  word,
  begin: round(begin),
  end: round(end),
  ...(confidence !== undefined && { confidence: round(confidence) }),
});

/** `00:01:02,345`, as captions have it. */
function clock(seconds: number, mark: string): string {
  const ms = Math.round(seconds * 1000);
  const two = (n: number): string => String(Math.floor(n)).padStart(2, '0');
  return `${two(ms / 3_600_000)}:${two((ms / 60_000) % 60)}:${two((ms / 1000) % 60)}${mark}${String(ms % 1000).padStart(3, '0')}`;
}
