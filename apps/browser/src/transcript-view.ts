import { type FinalEvent, type RecognitionEvent, Transcript, type TranscriptFormat } from '@jebena/decode-looped';
import { element, make } from './element.js';

const types: Readonly<Record<string, readonly [extension: string, type: string]>> = {
  text: ['txt', 'text/plain'],
  json: ['json', 'application/json'],
  srt: ['srt', 'application/x-subrip'],
  vtt: ['vtt', 'text/vtt'],
};

/** Below this probability a word is marked. */
const unsure = 0.7;

const clock = (seconds: number): string => `${Math.floor(seconds / 60)}:${(seconds % 60).toFixed(1).padStart(4, '0')}`;

/** What was heard: finals as lines and as a table, the partial below them. */
export class TranscriptView {
  private finals: FinalEvent[] = [];
  /** Names the recording in what is saved. */
  key = 'microphone';
  /** Times of finals are counted from here, where several recordings follow one another. */
  private offset = 0;

  /** Begins another recording, whose times go on from what was heard. */
  begin(key: string): void {
    this.key = key;
    this.offset = this.finals.at(-1)?.end ?? 0;
    this.partial('', '');
  }

  take(event: RecognitionEvent): void {
    if (event.type === 'partial') this.partial(event.text, event.stable);
    else {
      this.partial('', '');
      if (event.words.length > 0) this.final(event);
    }
  }

  private partial(text: string, stable: string): void {
    element('stable').textContent = stable;
    element('moving').textContent = text.slice(stable.length).trim();
    element('nothing').hidden = this.finals.length > 0 || text !== '';
  }

  private final(event: FinalEvent): void {
    const later = (t: number): number => t + this.offset;
    const words = event.words.map((w) => ({ ...w, begin: later(w.begin), end: later(w.end) }));
    const shifted = { ...event, words, begin: later(event.begin), end: later(event.end) };
    this.finals.push(shifted);
    const line = make('li');
    const text = make('span');
    for (const { word, begin, end, confidence } of words) {
      const shown = make('span', word, confidence !== undefined && confidence < unsure ? 'unsure' : '');
      shown.title = `${begin.toFixed(2)} to ${end.toFixed(2)} s`;
      text.append(shown, ' ');
      const row = make('tr');
      const sure = confidence === undefined ? '' : `${Math.round(100 * confidence)} %`;
      row.append(make('td', word), make('td', begin.toFixed(2)), make('td', end.toFixed(2)), make('td', sure));
      element('times').append(row);
    }
    line.append(make('time', clock(words[0]!.begin)), text);
    const list = element('finals');
    list.append(line);
    list.scrollTop = list.scrollHeight;
    element('exports').hidden = false;
    element('nothing').hidden = true;
  }

  /** What was heard, as a file of a format. */
  file(format: TranscriptFormat): { name: string; type: string; content: string } {
    const transcript = new Transcript(format, this.key);
    const content = transcript.head() + this.finals.map((event) => transcript.add(event)).join('');
    const [extension, type] = types[format] ?? ['txt', 'text/plain'];
    return { name: `transcript.${extension}`, type, content };
  }

  clear(): void {
    this.finals = [];
    this.offset = 0;
    element('finals').replaceChildren();
    element('times').replaceChildren();
    element('exports').hidden = true;
    this.partial('', '');
  }
}
