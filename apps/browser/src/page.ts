import { isSound } from './audio-file.js';
import { ListenPanel } from './listen-panel.js';
import { ModelPanel } from './model-panel.js';
import { showError, showLacking } from './notices.js';
import { PageModel } from './page-model.js';
import { showTeaching } from './teach-panel.js';
import { showWords } from './words-panel.js';

showLacking();
const worker = new Worker(new URL('worker.js', import.meta.url), { type: 'module' });
const page = new PageModel(worker);
worker.addEventListener('error', (event) => {
  const error = new Error(`the worker of this page stopped: ${event.message || 'it could not be loaded'}`);
  page.caller.close(error);
  showError(error);
});
const models = new ModelPanel(page);
const listening = new ListenPanel(page);
showWords(page);
showTeaching(page);

/** Files may be dropped anywhere: sounds are recognised, all else is taken for a model. */
document.addEventListener('dragover', (event) => {
  event.preventDefault();
  document.body.classList.add('drop');
});
document.addEventListener('dragleave', () => document.body.classList.remove('drop'));
document.addEventListener('drop', (event) => {
  event.preventDefault();
  document.body.classList.remove('drop');
  const files = [...(event.dataTransfer?.files ?? [])];
  if (files.length === 0 || page.busy) return;
  const sound = files.length === 1 && isSound(files[0]!) ? files[0] : undefined;
  if (!sound) void models.take(files);
  else if (page.recogniser) void listening.recognise(sound);
  else showError(new Error(`${sound.name}: expected a model first`));
});
