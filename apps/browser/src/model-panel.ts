import type { ModelFiles } from '@jebena/decode-looped';
import { element } from './element.js';
import { clearError, showError } from './notices.js';
import type { PageModel } from './page-model.js';
import { saveFile } from './save-file.js';

/** The model that stands beside the page, where one does. */
const shipped = 'digits.zip';

/** Bytes of a file that stands beside the page. */
async function fetchBytes(path: string): Promise<Uint8Array> {
  const response = await fetch(path);
  if (!response.ok) throw new Error(`${path}: expected a file beside the page, found ${response.status}`);
  return new Uint8Array(await response.arrayBuffer());
}

/** A zip file's bytes, or files by name. */
async function readModel(files: readonly File[]): Promise<{ model: Uint8Array | ModelFiles; name: string }> {
  const [only] = files;
  if (files.length === 1 && only && only.name !== 'final.mdl')
    return { model: new Uint8Array(await only.arrayBuffer()), name: only.name };
  const model = new Map<string, Uint8Array>();
  for (const file of files) model.set(file.name, new Uint8Array(await file.arrayBuffer()));
  return { model, name: 'the model of your files' };
}

/** Loads models, and says which is there. */
export class ModelPanel {
  private state = 'No model yet.';

  constructor(private readonly page: PageModel) {
    const picked = element<HTMLInputElement>('model-files');
    picked.addEventListener('change', () => {
      const files = [...(picked.files ?? [])];
      picked.value = '';
      if (files.length > 0) void this.take(files);
    });
    element('model-digits').addEventListener('click', () => {
      void this.load('the digits model', async () => ({ model: await fetchBytes(shipped), name: 'digits.zip' }));
    });
    element('model-download').addEventListener('click', () => {
      page.recogniser?.packed().then((bytes) => saveFile(bytes, 'model.zip', 'application/zip'), showError);
    });
    page.onChange(() => this.show());
    void this.look();
  }

  /** Whether there is a model beside the page. */
  private async look(): Promise<void> {
    const found = await fetch(shipped, { method: 'HEAD' }).catch(() => undefined);
    element('model-digits').hidden = !found?.ok;
    this.show();
  }

  /** Loads a model from files that were picked or dropped. */
  take(files: readonly File[]): Promise<void> {
    return this.load(files.length === 1 ? files[0]!.name : `${files.length} files`, () => readModel(files));
  }

  private async load(
    what: string,
    read: () => Promise<{ model: Uint8Array | ModelFiles; name: string }>,
  ): Promise<void> {
    clearError();
    this.state = `Loading ${what} …`;
    try {
      await this.page.during('loading', async () => {
        const { model, name } = await read();
        await this.page.load(model, name);
      });
    } catch (error) {
      showError(error);
    }
    this.state = 'No model yet.';
    this.show();
  }

  private show(): void {
    const { description, name, busy } = this.page;
    const state = element('model-state');
    if (busy === 'loading' || !description) state.textContent = this.state;
    else {
      const { words, parameters, sampleRate, engine } = description;
      const size = parameters >= 1e6 ? `${(parameters / 1e6).toFixed(1)} million` : parameters.toLocaleString('en');
      state.textContent = `Ready: ${name}, ${words.length} words, ${size} parameters, ${sampleRate / 1000} kHz, on ${engine}.`;
    }
    document.body.dataset['state'] = busy ?? (description ? 'ready' : 'no-model');
    element<HTMLButtonElement>('model-digits').disabled = busy !== undefined;
    element('model-digits').classList.toggle('primary', !description);
    element<HTMLInputElement>('model-files').disabled = busy !== undefined;
    element('model-download').hidden = !description;
    element('model-hint').hidden = description !== undefined;
  }
}
