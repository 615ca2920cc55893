import type { TransitionModel } from '@jebena/hmm';
import { type CompactLattice, CompactLatticeBuilder } from '@jebena/wfst';
import { connectCompact } from './connect-lattice.js';
import { removeLatticeEpsilons } from './lattice-epsilons.js';

export interface PhoneAlignment {
  /** Self-loops follow the transition out of their state, as in graphs made with `reorder`. Default true. */
  readonly reorder?: boolean | undefined;
  /** Joins arcs without a label to what follows; without `replaceLabels`, an arc may then hold several phones. Default true. */
  readonly removeEpsilons?: boolean | undefined;
  /** Labels are phones; else the words, each on the first phone that comes with or after it. Default false. */
  readonly replaceLabels?: boolean | undefined;
}

/** Where the alignment of a path stands: at a state, with transition ids and words not yet given out. */
interface Place {
  readonly state: number;
  readonly ended: boolean;
  readonly ids: readonly number[];
  readonly words: readonly number[];
}

/**
 * Makes each arc of a lattice stand for one whole phone (PhoneAlignLattice in lat/phone-align-lattice.cc).
 *
 * @returns the aligned lattice, its states in topological order, and what does not fit the model, if anything: the
 *   lattice is then partly wrong
 * @throws DecodeError for a torn lattice; HmmError for transition ids that the model lacks
 */
export function alignPhones(
  lattice: CompactLattice,
  model: TransitionModel,
  { reorder = true, removeEpsilons = true, replaceLabels = false }: PhoneAlignment = {},
): { readonly lattice: CompactLattice; readonly problem: string | undefined } {
  const b = new CompactLatticeBuilder();
  const known = new Map<string, number>();
  const todo: (readonly [number, Place])[] = [];
  let problem: string | undefined;
  const stateFor = (place: Place): number => {
    const key = `${place.state} ${place.ended};${place.ids.join(' ')};${place.words.join(' ')}`;
    let id = known.get(key);
    if (id === undefined) {
      known.set(key, (id = b.addState()));
      todo.push([id, place]);
    }
    return id;
  };
  /** Gives out the first `count` ids with the next word, if any. */
  const emit = (from: number, place: Place, count: number): void => {
    const nextState = stateFor({ ...place, ids: place.ids.slice(count), words: place.words.slice(1) });
    const label = replaceLabels && count > 0 ? model.tidToPhone[place.ids[0]!]! : (place.words[0] ?? 0);
    b.addArc(from, { label, graphCost: 0, acousticCost: 0, transitionIds: place.ids.slice(0, count), nextState });
  };
  const take = (from: number, next: Place, graphCost: number, acousticCost: number): void =>
    b.addArc(from, { label: 0, graphCost, acousticCost, transitionIds: [], nextState: stateFor(next) });
  const grown = (ids: readonly number[], more: Int32Array): number[] => {
    for (const tid of more) model.checkTid(tid, 'lattice');
    return [...ids, ...more];
  };

  const advance = (from: number, { state, ids, words }: Place): void => {
    if (lattice.isFinal(state)) {
      const end = { state, ended: true, ids: grown(ids, lattice.finalString(state)), words };
      take(from, end, lattice.finalGraphCost[state]!, lattice.finalAcousticCost[state]!);
    }
    for (let a = lattice.firstArc[state]!; a < lattice.firstArc[state + 1]!; a++) {
      const label = lattice.label[a]!;
      const next = {
        state: lattice.nextState[a]!,
        ended: false,
        ids: grown(ids, lattice.string(a)),
        words: label === 0 || replaceLabels ? words : [...words, label],
      };
      take(from, next, lattice.graphCost[a]!, lattice.acousticCost[a]!);
    }
  };

  if (lattice.start >= 0) b.setStart(stateFor({ state: lattice.start, ended: false, ids: [], words: [] }));
  for (let item = todo.pop(); item; item = todo.pop()) {
    const [from, place] = item;
    const whole = wholePhone(model, place.ids, reorder);
    problem ??= whole.problem;
    if (whole.count > 0) emit(from, place, whole.count);
    // Words that wait for a phone would otherwise pile up.
    else if (place.words.length > 1) emit(from, place, 0);
    else if (!place.ended) advance(from, place);
    else if (place.ids.length === 0 && place.words.length === 0) b.setFinal(from);
    else {
      problem ??= unfinished(model, place.ids);
      emit(from, place, place.ids.length);
    }
  }
  const aligned = connectCompact(b.build());
  return { lattice: removeEpsilons ? removeLatticeEpsilons(aligned) : aligned, problem };
}

/** How many ids the first phone has, 0 where more may come. */
function wholePhone(
  model: TransitionModel,
  ids: readonly number[],
  reorder: boolean,
): { count: number; problem?: string } {
  const phone = model.tidToPhone[ids[0]!];
  let problem: string | undefined;
  let i = 0;
  for (; i < ids.length && !model.tidIsFinal[ids[i]!]; i++)
    if (model.tidToPhone[ids[i]!] !== phone)
      problem ??= `phone ${phone} changes to ${model.tidToPhone[ids[i]!]} before its last transition (another model, or another order of self-loops?)`;
  i++;
  if (reorder) while (i < ids.length && model.tidIsSelfLoop[ids[i]!]) i++;
  // Where nothing follows yet, the phone may go on.
  return { count: i < ids.length ? i : 0, ...(problem ? { problem } : {}) };
}

/** What is wrong with the ids that are left at the end, which should be one whole phone. */
function unfinished(model: TransitionModel, ids: readonly number[]): string | undefined {
  if (ids.length === 0) return undefined;
  const phone = model.tidToPhone[ids[0]!]!;
  const other = ids.find((tid) => model.tidToPhone[tid] !== phone);
  if (other !== undefined) return `the last phone is ${phone}, and ${model.tidToPhone[other]} too`;
  const finals = ids.filter((tid) => model.tidIsFinal[tid]).length;
  return finals === 1 ? undefined : `the last phone, ${phone}, has ${finals} last transitions: a partial path?`;
}
