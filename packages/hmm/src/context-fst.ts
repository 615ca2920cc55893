import { type Fst, FstBuilder, PairTable } from '@jebena/wfst';
import { HmmError } from './errors.js';

/** What an input label of CLG stands for: `[]` epsilon, `[-d]` disambiguation symbol d (`[0]`: #-1), else a window of phones. */
export type LabelInfo = readonly number[];

export interface ContextFst {
  /** Input labels index `labels`; output labels are those of the composed transducer. */
  readonly fst: Fst;
  readonly labels: readonly LabelInfo[];
}

export interface ContextOptions {
  readonly contextWidth: number;
  readonly centralPosition: number;
  /** Phone labels that are disambiguation symbols. */
  readonly disambig: ReadonlySet<number>;
}

/**
 * Composes the context transducer C with a transducer over phones (ComposeContext in fstext/context-fst.cc): phones
 * become windows of phones. C itself is never built: its states are the last N - 1 phones, made as they are met, so
 * the work is in proportion to what LG can say.
 *
 * @throws HmmError when an input label is no phone
 */
export function composeContext(lg: Fst, { contextWidth, centralPosition, disambig }: ContextOptions): ContextFst {
  const labels: LabelInfo[] = [[]];
  const labelIds = new Map<string, number>([['', 0]]);
  const labelFor = (info: number[]): number => {
    const key = info.join(' ');
    let id = labelIds.get(key);
    if (id === undefined) {
      id = labels.length;
      labelIds.set(key, id);
      labels.push(info);
    }
    return id;
  };
  const disambigLabels = new Map<number, number>();
  const disambigLabel = (phone: number): number => {
    let label = disambigLabels.get(phone);
    if (label === undefined) disambigLabels.set(phone, (label = labelFor([-phone])));
    return label;
  };
  const lookahead = contextWidth - 1 - centralPosition;
  // While the window has no phone in its centre yet, #-1 keeps CLG determinisable.
  const pseudoEpsilon = lookahead > 0 && disambig.size > 0 ? labelFor([0]) : 0;

  // Histories: the last N - 1 phones, 0 at the start of the utterance, -1 past its end.
  const histories: number[][] = [];
  const historyIds = new Map<string, number>();
  const historyFor = (history: number[]): number => {
    const key = history.join(' ');
    let id = historyIds.get(key);
    if (id === undefined) {
      id = histories.length;
      historyIds.set(key, id);
      histories.push(history);
    }
    return id;
  };

  const b = new FstBuilder({ arcs: lg.numArcs, states: lg.numStates });
  // Pairs of a state and a history, in the order of their numbers in the result.
  const pairs = new PairTable();
  const stateFor = (state: number, history: number): number => {
    const id = pairs.add(state, history);
    if (id === b.numStates) b.addState();
    return id;
  };
  const shifts = new Map<number, { readonly label: number; readonly next: number }>();
  /** Shifts a phone (-1: the end) into the window. */
  const shift = (history: number, phone: number): { readonly label: number; readonly next: number } => {
    // Few histories and phones, many arcs: each shift is worked out once.
    const key = history * 0x100000 + phone + 1;
    let found = shifts.get(key);
    if (!found) {
      const window = [...histories[history]!, phone];
      const central = window[centralPosition]!;
      const label = central === 0 ? pseudoEpsilon : labelFor(window.map((p) => Math.max(p, 0)));
      found = { label, next: historyFor(window.slice(1)) };
      shifts.set(key, found);
    }
    return found;
  };
  // Past the end the output side has nothing left: such states belong to no state of LG.
  const ended = lg.numStates;
  if (lg.start < 0) throw new HmmError('ERR_HMM_GRAPH', 'context: the transducer is empty');
  b.setStart(stateFor(lg.start, historyFor(Array.from({ length: contextWidth - 1 }, () => 0))));
  for (let from = 0; from < pairs.size; from++) {
    const state = pairs.first(from);
    const history = pairs.second(from);
    const final = state === ended ? 0 : lg.final[state]!;
    if (final < Infinity) {
      // An utterance ends once its last phone has had its window.
      const pending = histories[history]!.slice(centralPosition).some((phone) => phone > 0);
      if (lookahead === 0 || !pending) b.setFinal(from, final);
      else {
        const { label, next } = shift(history, -1);
        b.addArc(from, label, 0, final, stateFor(ended, next));
      }
    }
    if (state === ended) continue;
    for (let a = lg.firstArc[state]!; a < lg.firstArc[state + 1]!; a++) {
      const phone = lg.ilabel[a]!;
      const olabel = lg.olabel[a]!;
      const weight = lg.weight[a]!;
      const to = lg.nextState[a]!;
      if (phone === 0) b.addArc(from, 0, olabel, weight, stateFor(to, history));
      else if (disambig.has(phone)) b.addArc(from, disambigLabel(phone), olabel, weight, stateFor(to, history));
      else {
        const { label, next } = shift(history, phone);
        b.addArc(from, label, olabel, weight, stateFor(to, next));
      }
    }
  }
  return { fst: b.build(), labels };
}
