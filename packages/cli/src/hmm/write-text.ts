import type { Holder } from '@jebena/io-ark';
import { writeObject } from '../io-ark/tables.js';

const textHolder: Holder<string> = {
  what: 'text',
  unmarked: true,
  read: (input) => new TextDecoder().decode(input.bytes),
  write: (output, text) => output.writeText(text),
};

/** Writes text to a file, a command or standard output (`-`, or no name). */
export const writeText = (name: string | undefined, text: string): Promise<void> =>
  writeObject(textHolder, name || '-', text, false);
