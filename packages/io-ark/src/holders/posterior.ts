import type { Holder } from '../holder.js';
import type { KaldiInput } from '../kaldi-input.js';
import type { KaldiOutput } from '../kaldi-output.js';
import type { AnyVector } from '../matrix.js';

/** For each frame, pairs of an id (transition, pdf) and its weight (hmm/posterior.h). */
export type Posterior = readonly (readonly (readonly [id: number, weight: number])[])[];

/** For each frame, pairs of a Gaussian mixture's id and the posteriors of its components. */
export type GaussPosterior = readonly (readonly (readonly [id: number, weights: AnyVector])[])[];

/** Kaldi's posteriors; text is `[ id weight id weight ] [ ... ]` on one line. */
export const posteriorHolder: Holder<Posterior> = {
  what: 'a posterior',
  read: (input) => (input.binary ? frames(input, 10, (i) => i.readFloat()) : readText(input)),
  write: (output, posterior) => {
    if (output.binary) return writeFrames(output, posterior, (weight) => output.writeFloat(weight));
    for (const frame of posterior) {
      output.writeText('[ ');
      for (const [id, weight] of frame) {
        output.writeInt32(id);
        output.writeFloat(weight);
      }
      output.writeText('] ');
    }
    output.writeNewline();
  },
};

/** Posteriors of Gaussians, as the older UBM and fMLLR programs write them. */
export const gaussPosteriorHolder: Holder<GaussPosterior> = {
  what: 'a Gaussian posterior',
  read: (input) => frames(input, input.binary ? 13 : 4, (i) => i.readVector()),
  write: (output, posterior) => {
    writeFrames(output, posterior, (weights) => output.writeVector(weights));
    if (!output.binary) output.writeNewline();
  },
};

function frames<W>(input: KaldiInput, least: number, weight: (input: KaldiInput) => W): (readonly [number, W])[][] {
  const all: (readonly [number, W])[][] = [];
  const count = sized(input, input.binary ? 5 : 2, 'a count of frames');
  while (all.length < count) {
    const frame: (readonly [number, W])[] = [];
    const pairs = sized(input, least, 'a count of pairs');
    while (frame.length < pairs) frame.push([input.readInt32('an id'), weight(input)]);
    all.push(frame);
  }
  return all;
}

function sized(input: KaldiInput, least: number, what: string): number {
  const start = input.offset;
  const count = input.readInt32(what);
  if (count < 0) input.fail(what, String(count), start);
  // The last number of a text may end with the file, hence one byte less than each would take.
  if (count > 0) input.need(count * least - 1, what);
  return count;
}

function readText(input: KaldiInput): Posterior {
  const all: (readonly [number, number])[][] = [];
  // The value ends with its line, so the line is read first and a torn one cannot run into the next.
  const start = input.offset;
  input.readLine();
  const end = input.offset;
  input.offset = start;
  while (input.offset < end) {
    const here = input.bytes[input.offset]!;
    if (here === 32 || (here >= 9 && here <= 13)) {
      input.offset++;
      continue;
    }
    if (here !== 0x5b) input.fail('[');
    input.offset++;
    const frame: (readonly [number, number])[] = [];
    for (;;) {
      while (input.offset < end && (input.bytes[input.offset] === 32 || input.bytes[input.offset] === 9))
        input.offset++;
      if (input.bytes[input.offset] === 0x5d) break;
      frame.push([input.readInt32('an id or ]'), input.readFloat('a weight')]);
      if (input.offset >= end) input.fail('] before the end of the line');
    }
    input.offset++;
    all.push(frame);
  }
  return all;
}

function writeFrames<W>(
  output: KaldiOutput,
  posterior: readonly (readonly (readonly [number, W])[])[],
  weight: (value: W) => void,
): void {
  output.writeInt32(posterior.length);
  for (const frame of posterior) {
    output.writeInt32(frame.length);
    for (const [id, value] of frame) {
      output.writeInt32(id);
      weight(value);
    }
  }
}
