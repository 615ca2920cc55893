import { HmmError } from './errors.js';
import type { TransitionModel } from './transition-model.js';

/** A stretch of frames that one phone holds. */
export interface PhoneRun {
  readonly phone: number;
  /** First frame. */
  readonly start: number;
  /** Frames. */
  readonly length: number;
}

/** An alignment in pdfs: one for each transition id. @throws HmmError for an id that the model lacks */
export function alignmentToPdfs(model: TransitionModel, alignment: ArrayLike<number>): Int32Array {
  return mapTids(model, alignment, model.tidToPdf);
}

/** The phone of every frame. */
export function alignmentToPhones(model: TransitionModel, alignment: ArrayLike<number>): Int32Array {
  return mapTids(model, alignment, model.tidToPhone);
}

function mapTids(model: TransitionModel, alignment: ArrayLike<number>, table: Int32Array): Int32Array {
  const mapped = new Int32Array(alignment.length);
  for (let i = 0; i < alignment.length; i++) {
    model.checkTid(alignment[i]!, `frame ${i}`);
    mapped[i] = table[alignment[i]!]!;
  }
  return mapped;
}

/**
 * An alignment as a sequence of phones with their frames (SplitToPhones in hmm/hmm-utils.cc). The same phone twice in
 * a row gives two runs. Takes both orders of self-loops: after the transition that enters the next state (Kaldi's
 * "reordered" graphs, the usual ones) and before it.
 */
export function alignmentToPhoneRuns(model: TransitionModel, alignment: ArrayLike<number>): PhoneRun[] {
  const runs: PhoneRun[] = [];
  const reordered = isReordered(model, alignment);
  let start = 0;
  for (let i = 0; i < alignment.length; i++) {
    const tid = alignment[i]!;
    model.checkTid(tid, `frame ${i}`);
    // In reordered graphs the self-loops of the last state follow its final transition.
    if (model.tidIsFinal[tid] && reordered)
      while (
        i + 1 < alignment.length &&
        model.tidIsSelfLoop[alignment[i + 1]!] &&
        model.tidToTransitionState[alignment[i + 1]!] === model.tidToTransitionState[tid]
      )
        i++;
    const last = i + 1 === alignment.length;
    if (model.tidIsFinal[tid] || last || model.tidToPhone[alignment[i + 1]!] !== model.tidToPhone[tid]) {
      runs.push({ phone: model.tidToPhone[tid]!, start, length: i + 1 - start });
      start = i + 1;
    }
  }
  return runs;
}

/** Whether self-loops follow the transition out of their own state (IsReordered in hmm/hmm-utils.cc). */
function isReordered(model: TransitionModel, alignment: ArrayLike<number>): boolean {
  for (let i = 0; i + 1 < alignment.length; i++) {
    const [a, b] = [alignment[i]!, alignment[i + 1]!];
    if (model.tidToTransitionState[a] === model.tidToTransitionState[b]) continue;
    if (model.tidIsSelfLoop[a]) return true;
    if (model.tidIsSelfLoop[b]) return false;
  }
  return alignment.length === 0 || !model.tidIsSelfLoop[alignment[0]!];
}

/** A word with the frames that its phones hold. */
export interface WordTime {
  readonly word: number;
  readonly start: number;
  readonly length: number;
}

/**
 * Places a word sequence on an alignment: which phones belong to which word. Phones between words must be among
 * `silencePhones`.
 *
 * @param words the words that were said, in order
 * @param pronunciations the phone sequences of every word
 * @returns the times of the words (silence left out), or undefined where phones and words do not fit
 * @throws HmmError for a transition id that the model lacks
 */
export function alignmentToWords(
  model: TransitionModel,
  alignment: ArrayLike<number>,
  words: ArrayLike<number>,
  pronunciations: (word: number) => readonly (readonly number[])[],
  silencePhones: ReadonlySet<number>,
): WordTime[] | undefined {
  return placeWords(alignmentToPhoneRuns(model, alignment), words, pronunciations, silencePhones);
}

/** {@link alignmentToWords} of phone runs. */
export function placeWords(
  runs: readonly PhoneRun[],
  words: ArrayLike<number>,
  pronunciations: (word: number) => readonly (readonly number[])[],
  silencePhones: ReadonlySet<number>,
): WordTime[] | undefined {
  // Dead ends are remembered, so that a search over many pronunciations stays linear in phones times words.
  const dead = new Set<number>();
  const times: WordTime[] = [];
  const visit = (run: number, word: number): boolean => {
    if (run === runs.length && word === words.length) return true;
    const key = run * (words.length + 1) + word;
    if (dead.has(key)) return false;
    if (word < words.length)
      for (const phones of pronunciations(words[word]!)) {
        if (!phones.every((phone, i) => runs[run + i]?.phone === phone)) continue;
        const start = runs[run]?.start ?? 0;
        const last = runs[run + phones.length - 1];
        times.push({ word: words[word]!, start, length: last ? last.start + last.length - start : 0 });
        if (visit(run + phones.length, word + 1)) return true;
        times.pop();
      }
    if (run < runs.length && silencePhones.has(runs[run]!.phone) && visit(run + 1, word)) return true;
    dead.add(key);
    return false;
  };
  return visit(0, 0) ? times : undefined;
}

/** Checks that every frame of an alignment names a transition id of the model. @throws HmmError */
export function checkAlignment(model: TransitionModel, alignment: ArrayLike<number>, key: string): void {
  for (let i = 0; i < alignment.length; i++) model.checkTid(alignment[i]!, `alignment of '${key}', frame ${i}`);
  if (alignment.length === 0)
    throw new HmmError('ERR_HMM_ALIGNMENT', `alignment of '${key}': expected frames, found none`);
}
