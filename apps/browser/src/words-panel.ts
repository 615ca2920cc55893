import { button, element, make } from './element.js';
import { clearError, showError } from './notices.js';
import type { PageModel } from './page-model.js';

/** Most words that are listed one by one. */
const mostShown = 200;

/** Shows the words that the model knows and adds more. */
export const showWords = (page: PageModel): unknown => new WordsPanel(page);

class WordsPanel {
  constructor(private readonly page: PageModel) {
    element<HTMLFormElement>('add-form').addEventListener('submit', (event) => {
      event.preventDefault();
      void this.add();
    });
    page.onChange(() => this.show());
    this.show();
  }

  private async add(): Promise<void> {
    const word = element<HTMLInputElement>('add-word');
    const said = element<HTMLInputElement>('add-phones');
    clearError();
    const phones = said.value.split(/\s+/).filter(Boolean);
    try {
      await this.page.during('adding a word', () =>
        this.page.setWords([...this.page.added, { word: word.value.trim(), phones }]),
      );
      word.value = said.value = '';
      word.focus();
    } catch (error) {
      showError(error);
    }
  }

  private remove(index: number): void {
    const added = this.page.added.filter((_, i) => i !== index);
    this.page.during('removing a word', () => this.page.setWords(added)).catch(showError);
  }

  private show(): void {
    const { description, added, busy } = this.page;
    const form = element('add-form');
    form.hidden = !description || description.phones.length === 0;
    for (const field of form.querySelectorAll<HTMLInputElement | HTMLButtonElement>('input, button'))
      field.disabled = busy !== undefined;
    const state = element('words-state');
    state.hidden = description !== undefined && description.phones.length > 0;
    if (!description) {
      state.textContent = 'A model comes first.';
      return;
    }
    state.textContent = 'Words can be added to a model that has phones.txt and tree among its files.';
    const extra = new Set(added.map((a) => a.word));
    const own = description.words.filter((word) => !extra.has(word));
    const more = own.length > mostShown ? [make('li', `and ${own.length - mostShown} more`)] : [];
    const chips = own.slice(0, mostShown).map((word) => make('li', word));
    element('known').replaceChildren(...chips, ...more, ...added.map((_, i) => this.chip(i)));
    this.showPhones(description.phones);
  }

  private chip(index: number): HTMLElement {
    const { word, phones } = this.page.added[index]!;
    const chip = make('li', word, 'added');
    chip.title = phones.join(' ');
    const remove = button('×', `Remove ${word}`, () => this.remove(index));
    remove.disabled = this.page.busy !== undefined;
    chip.append(remove);
    return chip;
  }

  private showPhones(phones: readonly string[]): void {
    const group = element('phones');
    // Made once for each model: a button that is being used stays.
    if (group.dataset['of'] === phones.join(' ')) return;
    group.dataset['of'] = phones.join(' ');
    const field = element<HTMLInputElement>('add-phones');
    group.replaceChildren(
      ...phones.map((phone) =>
        button(phone, `phone ${phone}`, () => (field.value = `${field.value.trim()} ${phone}`.trim())),
      ),
    );
  }
}
