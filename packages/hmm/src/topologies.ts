import { HmmError } from './errors.js';
import { noPdf, Topology, type TopologyEntry, type TopologyState } from './topology.js';

const final: TopologyState = { forwardPdfClass: noPdf, selfLoopPdfClass: noPdf, transitions: [] };
const even = (states: number[]): TopologyState['transitions'] =>
  states.map((to) => ({ to, probability: 1 / states.length }));
const state = (pdfClass: number, transitions: TopologyState['transitions']): TopologyState => ({
  forwardPdfClass: pdfClass,
  selfLoopPdfClass: pdfClass,
  transitions,
});
const stay = (s: number, probability: number): TopologyState['transitions'] => [
  { to: s, probability },
  { to: s + 1, probability: 1 - probability },
];

/** States passed from left to right, each with a self-loop of 0.75. */
const leftToRight = (count: number): TopologyEntry => [
  ...Array.from({ length: count }, (_, s) => state(s, stay(s, 0.75))),
  final,
];

/** Silence: a first and a last state, and states between them in any order. */
function ergodic(count: number): TopologyEntry {
  if (count < 3) return leftToRight(count);
  const inner = Array.from({ length: count - 1 }, (_, s) => s);
  const between = inner.map((s) => s + 1);
  return [
    state(0, even(inner)),
    ...inner.slice(1).map((s) => state(s, even(between))),
    state(count - 1, stay(count - 1, 0.75)),
    final,
  ];
}

export interface HmmTopologyOptions {
  readonly nonsilencePhones: Iterable<number>;
  readonly silencePhones: Iterable<number>;
  /** Emitting states of a phone. Default 3. */
  readonly nonsilenceStates?: number | undefined;
  /** Emitting states of a silence phone. Default 5. */
  readonly silenceStates?: number | undefined;
}

/** Kaldi's usual topology: three states from left to right, five for silence (utils/gen_topo.pl). */
export function hmmTopology(options: HmmTopologyOptions): Topology {
  const { nonsilencePhones, silencePhones, nonsilenceStates = 3, silenceStates = 5 } = options;
  if (!(nonsilenceStates >= 1 && silenceStates >= 1))
    throw new HmmError('ERR_HMM_TOPOLOGY', 'topology: expected at least one state a phone');
  return parts([nonsilencePhones, leftToRight(nonsilenceStates)], [silencePhones, ergodic(silenceStates)]);
}

/** The topology of chain models: one frame at least, the first with a pdf of its own (steps/nnet3/chain/gen_topo.py). */
export const chainTopology = (phones: Iterable<number>): Topology =>
  parts([phones, [{ forwardPdfClass: 0, selfLoopPdfClass: 1, transitions: stay(0, 0.5) }, final]]);

/**
 * A topology in the manner of CTC: a phone is one state with one pdf, as long as it likes. With the blank as optional
 * silence between phones it says what CTC's labels say.
 */
export const ctcTopology = (phones: Iterable<number>): Topology => parts([phones, [state(0, stay(0, 0.5)), final]]);

/** Leaves out entries for no phones. */
const parts = (...entries: (readonly [Iterable<number>, TopologyEntry])[]): Topology =>
  Topology.of(entries.map(([phones, entry]) => [[...phones], entry] as const).filter(([phones]) => phones.length > 0));
