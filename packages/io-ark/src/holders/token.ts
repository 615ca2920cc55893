import type { Holder } from '../holder.js';
import type { KaldiInput } from '../kaldi-input.js';
import type { KaldiOutput } from '../kaldi-output.js';

const words = (input: KaldiInput): string[] =>
  input
    .readLine()
    .split(/[ \t\r\f\v]+/)
    .filter(Boolean);

function writeToken(output: KaldiOutput, token: string, end: string): void {
  if (token === '' || /\s/.test(token)) throw new RangeError(`expected a token, found ${JSON.stringify(token)}`);
  output.writeText(token + end);
}

/** One word a line, such as utt2spk: always text. */
export const tokenHolder: Holder<string> = {
  what: 'a token',
  unmarked: true,
  read: (input) => {
    const start = input.offset;
    const found = words(input);
    if (found.length !== 1) input.fail('one token', `${found.length} on the line`, start);
    return found[0]!;
  },
  write: (output, token) => writeToken(output, token, '\n'),
};

/** Words of a line, such as text or spk2utt: always text. */
export const tokenVectorHolder: Holder<readonly string[]> = {
  what: 'tokens',
  unmarked: true,
  read: words,
  write: (output, tokens) => {
    for (const token of tokens) writeToken(output, token, ' ');
    output.writeNewline();
  },
};
