import { Microphone } from '@jebena/decode-looped/browser';
import { readSound } from './audio-file.js';
import { button, element, make } from './element.js';
import { showLevel } from './listen-panel.js';
import { drawCurve } from './loss-curve.js';
import { clearError, showError } from './notices.js';
import type { PageModel } from './page-model.js';
import { playSound } from './play-sound.js';
import { saveFile } from './save-file.js';
import type { RecordedTake, TuneEnd } from './tune.js';

const steps = 100;
const wordsAsked = 3;

const split = (text: string): string[] => text.trim().split(/\s+/).filter(Boolean);

/** Records takes and trains on them. */
export const showTeaching = (page: PageModel): unknown => new TeachPanel(page);

class TeachPanel {
  private takes: RecordedTake[] = [];
  private microphone: Microphone | undefined;
  private stopped: (() => void) | undefined;
  private tuned = false;
  private knownWords = '';

  constructor(private readonly page: PageModel) {
    element<HTMLFormElement>('take-form').addEventListener('submit', (event) => {
      event.preventDefault();
      if (this.microphone) this.microphone.stop();
      else void this.attempt('recording', () => this.record());
    });
    const picked = element<HTMLInputElement>('take-file');
    picked.addEventListener('change', () => {
      const files = [...(picked.files ?? [])];
      picked.value = '';
      void this.attempt('reading', async () => {
        for (const file of files) this.addTake(await readSound(file, this.page), this.promptWords());
        this.ask();
      });
    });
    element('train').addEventListener('click', () => void this.attempt('training', () => this.train()));
    element('train-stop').addEventListener('click', () => this.stopped?.());
    element('train-undo').addEventListener('click', () => {
      this.tuned = false;
      void this.attempt('loading', async () => {
        await page.loadAgain();
        element('train-state').textContent = 'The model is again what it was before.';
      });
    });
    element('train-download').addEventListener('click', () => {
      page.recogniser?.packed().then((bytes) => saveFile(bytes, 'tuned.zip', 'application/zip'), showError);
    });
    page.onChange(() => this.show());
    this.show();
  }

  private promptWords(): string[] {
    const words = split(element<HTMLInputElement>('prompt').value);
    const known = new Set(this.page.description?.words);
    const strange = words.find((word) => !known.has(word));
    if (words.length === 0) throw new Error('expected the words that are said, found none');
    if (strange !== undefined) throw new Error(`expected words that the model knows, found '${strange}'`);
    return words;
  }

  /** Asks for words that no take has yet, as far as there are any. */
  private ask(): void {
    const said = new Map<string, number>();
    for (const take of this.takes) for (const word of take.words) said.set(word, (said.get(word) ?? 0) + 1);
    const words = [...(this.page.description?.words ?? [])]
      .map((word) => ({ word, order: (said.get(word) ?? 0) + Math.random() }))
      .sort((a, b) => a.order - b.order)
      .slice(0, wordsAsked);
    element<HTMLInputElement>('prompt').value = words.map((w) => w.word).join(' ');
  }

  private addTake({ samples, sampleRate, name }: Omit<RecordedTake, 'words'>, words: readonly string[]): void {
    this.takes.push({ name, samples, sampleRate, words });
  }

  private async record(): Promise<void> {
    const words = this.promptWords();
    this.microphone = await Microphone.open({ onLevel: showLevel });
    const { sampleRate } = this.microphone;
    this.show();
    const heard: Float32Array[] = [];
    let length = 0;
    try {
      for await (const piece of this.microphone.samples) {
        heard.push(piece);
        length += piece.length;
      }
    } finally {
      this.microphone.stop();
      this.microphone = undefined;
    }
    const samples = new Float32Array(length);
    let at = 0;
    for (const piece of heard) {
      samples.set(piece, at);
      at += piece.length;
    }
    this.addTake({ name: `take ${this.takes.length + 1}`, samples, sampleRate }, words);
    this.ask();
  }

  private async train(): Promise<void> {
    const losses: number[] = [];
    const state = element('train-state');
    const progress = element<HTMLProgressElement>('train-progress');
    element('training').hidden = false;
    state.textContent = 'Listening to the takes …';
    progress.max = steps;
    progress.value = 0;
    drawCurve(element('curve'), losses, steps);
    let end: TuneEnd | undefined;
    const events = this.page.caller.items('tune', this.takes, steps);
    let stop = false;
    this.stopped = () => (stop = true);
    const begun = performance.now();
    try {
      for await (const event of events) {
        if (event.type === 'end') end = event;
        else {
          losses.push(event.loss);
          progress.value = event.step;
          const left = ((performance.now() - begun) / 1000 / event.step) * (steps - event.step);
          state.textContent = `Step ${event.step} of ${steps}: loss ${event.loss.toFixed(3)}, ${Math.ceil(left)} s left`;
          drawCurve(element('curve'), losses, steps);
        }
        if (stop) break;
      }
    } finally {
      this.stopped = undefined;
    }
    if (!end) {
      state.textContent = 'Stopped: the model is what it was.';
      return;
    }
    this.tuned = true;
    const wrong = (heard: readonly string[]): number =>
      heard.filter((text, i) => text !== this.takes[i]!.words.join(' ')).length;
    const seconds = ((performance.now() - begun) / 1000).toFixed(0);
    state.textContent =
      `Done in ${seconds} s: loss ${end.before.toFixed(3)} before, ${end.after.toFixed(3)} now; ` +
      `takes heard wrong: ${wrong(end.heardBefore)} before, ${wrong(end.heardAfter)} now. The new model is in use.`;
  }

  private async attempt(work: string, run: () => Promise<void>): Promise<void> {
    clearError();
    try {
      await this.page.during(work, run);
    } catch (error) {
      showError(error);
    }
    this.show();
  }

  private show(): void {
    const { description, busy } = this.page;
    const words = description?.words.join(' ') ?? '';
    if (words !== this.knownWords) {
      this.knownWords = words;
      this.ask();
    }
    const recording = this.microphone !== undefined;
    const idle = description !== undefined && busy === undefined;
    element<HTMLInputElement>('prompt').disabled = !idle;
    const record = element<HTMLButtonElement>('record');
    record.disabled = !idle && !recording;
    record.textContent = recording ? 'Stop' : 'Record';
    element<HTMLInputElement>('take-file').disabled = !idle;
    const train = element<HTMLButtonElement>('train');
    train.disabled = !idle || this.takes.length === 0;
    train.hidden = busy === 'training';
    element('train-stop').hidden = busy !== 'training';
    element('train-undo').hidden = !this.tuned || !idle;
    element('train-download').hidden = !this.tuned || !idle;
    element('takes').replaceChildren(...this.takes.map((take, i) => this.takeLine(take, i, idle)));
  }

  private takeLine(take: RecordedTake, index: number, idle: boolean): HTMLElement {
    const line = make('li');
    const said = take.words.join(' ');
    const seconds = (take.samples.length / take.sampleRate).toFixed(1);
    const play = button('▶', `Play ‘${said}’`, () => void playSound(take));
    const remove = button('×', `Remove ‘${said}’`, () => {
      this.takes = this.takes.filter((_, i) => i !== index);
      this.show();
    });
    remove.disabled = !idle;
    line.append(play, make('span', said, 'said'), make('span', `${seconds} s`, 'seconds'), remove);
    return line;
  }
}
