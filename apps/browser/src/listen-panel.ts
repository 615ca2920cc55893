import type { TranscriptFormat } from '@jebena/decode-looped';
import { Microphone } from '@jebena/decode-looped/browser';
import { pieces, readSound } from './audio-file.js';
import { element } from './element.js';
import { clearError, showError } from './notices.js';
import type { PageModel } from './page-model.js';
import { saveFile } from './save-file.js';
import { TranscriptView } from './transcript-view.js';

/** Shows how loud it is: a decade and a half below full scale is nothing. */
export function showLevel(level: number): void {
  element<HTMLMeterElement>('level').value = Math.max(0, 1 + Math.log10(level + 1e-6) / 2.5);
}

/** Recognises the microphone and recordings. */
export class ListenPanel {
  private readonly transcript = new TranscriptView();
  private microphone: Microphone | undefined;
  private state = '';

  constructor(private readonly page: PageModel) {
    element('listen-button').addEventListener('click', () => {
      if (this.microphone) this.microphone.stop();
      else void this.attempt('listening', () => this.listen());
    });
    const picked = element<HTMLInputElement>('listen-file');
    picked.addEventListener('change', () => {
      const file = picked.files?.[0];
      picked.value = '';
      if (file) void this.recognise(file);
    });
    for (const save of document.querySelectorAll<HTMLElement>('[data-format]'))
      save.addEventListener('click', () => {
        const { name, type, content } = this.transcript.file(save.dataset['format'] as TranscriptFormat);
        saveFile(content, name, type);
      });
    element('clear').addEventListener('click', () => this.transcript.clear());
    page.onChange(() => this.show());
    this.show();
  }

  /** Recognises a recording. */
  recognise(file: File): Promise<void> {
    return this.attempt('recognising', async () => {
      const sound = await readSound(file, this.page);
      const begun = performance.now();
      this.transcript.begin(file.name);
      const { recogniser } = this.page;
      if (!recogniser) throw new Error('expected a model first');
      for await (const event of recogniser.recogniseStream(sound)(pieces(sound))) this.transcript.take(event);
      const length = sound.samples.length / sound.sampleRate;
      const spent = (performance.now() - begun) / 1000;
      this.state = `${file.name}: ${length.toFixed(1)} s in ${spent.toFixed(1)} s (${(spent / length).toFixed(2)} of real time)`;
    });
  }

  private async listen(): Promise<void> {
    const { recogniser } = this.page;
    if (!recogniser) throw new Error('expected a model first');
    this.state = 'Asking for the microphone …';
    this.show();
    this.microphone = await Microphone.open({ onLevel: showLevel });
    this.state = 'Listening: speak';
    this.transcript.begin('microphone');
    this.show();
    try {
      for await (const event of recogniser.recogniseStream(this.microphone)(this.microphone.samples))
        this.transcript.take(event);
      this.state = '';
    } finally {
      this.microphone.stop();
      this.microphone = undefined;
    }
  }

  private async attempt(work: string, run: () => Promise<void>): Promise<void> {
    clearError();
    this.state = '';
    try {
      await this.page.during(work, run);
    } catch (error) {
      this.state = '';
      showError(error);
    }
    this.show();
  }

  private show(): void {
    const { description, busy } = this.page;
    const listening = this.microphone !== undefined;
    const listen = element<HTMLButtonElement>('listen-button');
    listen.disabled = !description || (busy !== undefined && !listening);
    listen.textContent = listening ? 'Stop' : 'Listen';
    element('listen').classList.toggle('listening', listening);
    element<HTMLInputElement>('listen-file').disabled = !description || busy !== undefined;
    element('level').hidden = !listening;
    element('listen-state').textContent = busy === 'recognising' ? 'Recognising …' : this.state;
  }
}
