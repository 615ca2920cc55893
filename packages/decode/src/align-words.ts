import { alignmentToPhoneRuns, type TransitionModel } from '@jebena/hmm';
import { type CompactLattice, CompactLatticeBuilder } from '@jebena/wfst';
import { connectCompact } from './connect-lattice.js';

export interface WordAlignment {
  /** The phone sequences of a word. */
  readonly pronunciations?: ((word: number) => readonly (readonly number[])[]) | undefined;
  /** Without pronunciations: where in a word each phone stands (word_boundary.int). */
  readonly boundaries?: ReadonlyMap<number, WordBoundary> | undefined;
  /** Phones that may stand outside words; those of `boundaries` that are `nonword` unless given. */
  readonly silencePhones?: ReadonlySet<number> | undefined;
  /** The label that a stretch of silence gets; 0, the default, leaves it without a word. */
  readonly silenceLabel?: number | undefined;
}

/** Where in a word a phone stands. */
export type WordBoundary = 'nonword' | 'begin' | 'end' | 'internal' | 'singleton';

/** How many phones a word may take, and whether more phones must be seen to tell. */
interface Match {
  readonly whole: readonly number[];
  readonly undecided: boolean;
}

/** Where the alignment of a path stands: at a state, with transition ids and words not yet given out. */
interface Place {
  readonly state: number;
  readonly ids: readonly number[];
  readonly words: readonly number[];
  /** Costs taken in but not yet given out. */
  readonly graph: number;
  readonly acoustic: number;
  readonly ended: boolean;
}

/**
 * Makes each arc of a lattice stand for exactly one word or one silence, with its own transition ids (what
 * lattice-align-words and lattice-align-words-lexicon do), by the words' pronunciations or by
 * phones that are marked by position.
 *
 * @returns the aligned lattice; `undefined` when no path's phones fit its words
 * @throws DecodeError for a torn lattice; HmmError for transition ids that the model lacks
 */
export function alignWords(
  lattice: CompactLattice,
  model: TransitionModel,
  { pronunciations, boundaries, silencePhones: given, silenceLabel = 0 }: WordAlignment,
): CompactLattice | undefined {
  const nonwords = [...(boundaries ?? [])].filter(([, kind]) => kind === 'nonword').map(([phone]) => phone);
  const silencePhones = given ?? new Set(nonwords);
  const match = (word: number, phones: readonly number[], complete: number): Match =>
    pronunciations
      ? matchPronunciations(pronunciations(word), phones, complete)
      : matchBoundaries(boundaries, phones, complete);
  const b = new CompactLatticeBuilder();
  const known = new Map<string, number>();
  const todo: [number, Place][] = [];
  const stateFor = (place: Place): number => {
    const key = `${place.state};${place.ended};${place.ids.join(' ')};${place.words.join(' ')};${place.graph};${place.acoustic}`;
    let id = known.get(key);
    if (id === undefined) {
      id = b.addState();
      known.set(key, id);
      todo.push([id, place]);
    }
    return id;
  };
  /** Gives out the first `frames` ids under a label, and with them all costs. */
  const emit = (from: number, place: Place, label: number, frames: number, words: readonly number[]): void => {
    const nextState = stateFor({ ...place, ids: place.ids.slice(frames), words, graph: 0, acoustic: 0 });
    const transitionIds = place.ids.slice(0, frames);
    b.addArc(from, { label, graphCost: place.graph, acousticCost: place.acoustic, transitionIds, nextState });
  };
  const advance = (from: number, place: Place): void => {
    const go = (next: Place): void =>
      b.addArc(from, { label: 0, graphCost: 0, acousticCost: 0, transitionIds: [], nextState: stateFor(next) });
    if (place.ended) return;
    const { state } = place;
    if (lattice.isFinal(state))
      go({
        state,
        ids: [...place.ids, ...lattice.finalString(state)],
        words: place.words,
        graph: place.graph + lattice.finalGraphCost[state]!,
        acoustic: place.acoustic + lattice.finalAcousticCost[state]!,
        ended: true,
      });
    for (let a = lattice.firstArc[state]!; a < lattice.firstArc[state + 1]!; a++)
      go({
        state: lattice.nextState[a]!,
        ids: [...place.ids, ...lattice.string(a)],
        words: lattice.label[a] === 0 ? place.words : [...place.words, lattice.label[a]!],
        graph: place.graph + lattice.graphCost[a]!,
        acoustic: place.acoustic + lattice.acousticCost[a]!,
        ended: false,
      });
  };
  if (lattice.start < 0) return undefined;
  b.setStart(stateFor({ state: lattice.start, ids: [], words: [], graph: 0, acoustic: 0, ended: false }));
  for (let item = todo.pop(); item; item = todo.pop()) {
    const [from, place] = item;
    if (place.ended && place.ids.length === 0 && place.words.length === 0) {
      b.setFinal(from, place.graph, place.acoustic);
      continue;
    }
    const runs = alignmentToPhoneRuns(model, place.ids);
    // The last phone may go on in what has not been taken in yet.
    const complete = place.ended ? runs.length : runs.length - 1;
    const phones = runs.map((run) => run.phone);
    const { whole, ...matched } =
      place.words.length === 0 ? { whole: [], undecided: false } : match(place.words[0]!, phones, complete);
    // At the end no more phones can come.
    const undecided = matched.undecided && !place.ended;
    if (complete > 0 && silencePhones.has(runs[0]!.phone))
      emit(from, place, silenceLabel, runs[0]!.length, place.words);
    for (const count of undecided ? [] : whole) {
      const last = runs[count - 1];
      emit(from, place, place.words[0]!, last ? last.start + last.length : 0, place.words.slice(1));
    }
    // More is taken in only while nothing can be given out, so that each path is aligned once.
    const silent = complete > 0 && silencePhones.has(runs[0]!.phone);
    if (undecided || (whole.length === 0 && !silent)) advance(from, place);
  }
  const aligned = connectCompact(b.build());
  return aligned.start < 0 ? undefined : removeEmptyArcs(aligned);
}

/** By pronunciations that agree with the phones as far as both go; the last phone, where incomplete, may be right. */
function matchPronunciations(
  pronunciations: readonly (readonly number[])[],
  phones: readonly number[],
  complete: number,
): Match {
  const fits = pronunciations.filter((p) => p.every((phone, i) => i >= phones.length || phones[i] === phone));
  const whole = fits.filter((p) => p.length <= complete).map((p) => p.length);
  return { whole, undecided: fits.length > whole.length };
}

/** By marks: a singleton, or all from a beginning to its end. */
function matchBoundaries(
  boundaries: ReadonlyMap<number, WordBoundary> | undefined,
  phones: readonly number[],
  complete: number,
): Match {
  const kinds = phones.slice(0, complete).map((phone) => boundaries?.get(phone));
  if (kinds.length === 0) return { whole: [], undecided: true };
  if (kinds[0] === 'singleton') return { whole: [1], undecided: false };
  const end = kinds.indexOf('end');
  if (kinds[0] !== 'begin') return { whole: [], undecided: false };
  return end < 0 ? { whole: [], undecided: true } : { whole: [end + 1], undecided: false };
}

/** Takes out arcs without word, ids and cost by joining them with what follows. */
function removeEmptyArcs(lattice: CompactLattice): CompactLattice {
  const empty = (a: number): boolean =>
    lattice.label[a] === 0 &&
    lattice.string(a).length === 0 &&
    lattice.graphCost[a] === 0 &&
    lattice.acousticCost[a] === 0;
  const b = new CompactLatticeBuilder();
  b.ensureStates(lattice.numStates);
  b.setStart(lattice.start);
  for (let s = 0; s < lattice.numStates; s++) {
    const seen = new Set([s]);
    for (const t of seen) {
      if (lattice.isFinal(t))
        b.setFinal(s, lattice.finalGraphCost[t]!, lattice.finalAcousticCost[t]!, lattice.finalString(t));
      for (let a = lattice.firstArc[t]!; a < lattice.firstArc[t + 1]!; a++)
        if (empty(a)) seen.add(lattice.nextState[a]!);
        else
          b.addArc(s, {
            label: lattice.label[a]!,
            graphCost: lattice.graphCost[a]!,
            acousticCost: lattice.acousticCost[a]!,
            transitionIds: lattice.string(a),
            nextState: lattice.nextState[a]!,
          });
    }
  }
  return connectCompact(b.build());
}
