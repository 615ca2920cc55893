import type { KaldiInput } from './kaldi-input.js';
import type { KaldiOutput } from './kaldi-output.js';

/** How values of one kind stand in tables: Kaldi's Holder (util/kaldi-holder.h). */
export interface Holder<V, W = V> {
  /** What it holds, for messages: 'a matrix'. */
  readonly what: string;
  /** True where values carry no `\0B` mark: waves, tokens, HTK files. */
  readonly unmarked?: boolean;
  /** Reads one value; `input` stands after its mark. */
  read(input: KaldiInput): V;
  /** Writes one value; `output` stands after the mark. */
  write(output: KaldiOutput, value: W): void;
  /** The part of a value that a range in a script file names. */
  range?(value: V, range: string, fail: (expected: string, found?: string) => never): V;
}
