/** The element of the page with an id. @throws where there is none: page and script do not fit */
export function element<T extends Element = HTMLElement>(id: string): T {
  const found = document.getElementById(id);
  if (!found) throw new Error(`page: expected an element '${id}', found none`);
  return found as unknown as T;
}

/** A new element with a text in it. */
export function make<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  text: string = '',
  className: string = '',
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  made.textContent = text;
  if (className) made.className = className;
  return made;
}

export const button = (text: string, label: string, press: () => void): HTMLButtonElement => {
  const made = make('button', text);
  made.type = 'button';
  made.setAttribute('aria-label', label);
  made.addEventListener('click', press);
  return made;
};
