import type { KaldiInput, KaldiOutput } from '@jebena/io-ark';
import { HmmError } from './errors.js';

/** A state without a pdf: the final one. */
export const noPdf = -1;

/** A state of a phone's HMM. */
export interface TopologyState {
  /** Pdf class on leaving the state; {@link noPdf} for a non-emitting one. */
  readonly forwardPdfClass: number;
  /** Pdf class of its self-loop: the same, except in chain topologies. */
  readonly selfLoopPdfClass: number;
  readonly transitions: readonly { readonly to: number; readonly probability: number }[];
}

/** The states of one phone, the last of them final and without transitions. */
export type TopologyEntry = readonly TopologyState[];

/**
 * The HMM of every phone (hmm/hmm-topology.h). Phones share entries.
 *
 * @example
 * ```ts
 * const topology = Topology.read(new KaldiInput(bytes, { path: 'topo' }, false));
 * topology.entry(1).length; // states of phone 1, the final one included
 * ```
 */
export class Topology {
  /** Phones with an entry, ascending. */
  readonly phones: Int32Array;

  /**
   * @param entries the distinct entries
   * @param entryOfPhone for every phone number (0 too) the index of its entry, or -1
   */
  constructor(
    readonly entries: readonly TopologyEntry[],
    readonly entryOfPhone: Int32Array,
  ) {
    this.phones = Int32Array.from(
      Array.from(entryOfPhone.keys()).filter((phone) => phone > 0 && entryOfPhone[phone]! >= 0),
    );
    for (const phone of this.phones)
      if (entryOfPhone[phone]! >= entries.length) fail(`phone ${phone} names entry ${entryOfPhone[phone]}`);
    entries.forEach(checkEntry);
  }

  /** Builds a topology from entries and the phones that each is for. */
  static of(parts: Iterable<readonly [phones: Iterable<number>, entry: TopologyEntry]>): Topology {
    const entries: TopologyEntry[] = [];
    const owners = new Map<number, number>();
    for (const [phones, entry] of parts) {
      for (const phone of phones) {
        if (!(Number.isInteger(phone) && phone > 0)) fail(`expected a positive phone, found ${phone}`);
        if (owners.has(phone)) fail(`phone ${phone} has two entries`);
        owners.set(phone, entries.length);
      }
      entries.push(entry);
    }
    if (owners.size === 0) fail('expected at least one phone, found none');
    const entryOfPhone = new Int32Array(Math.max(...owners.keys()) + 1).fill(-1);
    for (const [phone, index] of owners) entryOfPhone[phone] = index;
    return new Topology(entries, entryOfPhone);
  }

  /** True when every state's self-loop has the pdf class of the state: false for chain topologies. */
  get isHmm(): boolean {
    return this.entries.every((entry) => entry.every((s) => s.forwardPdfClass === s.selfLoopPdfClass));
  }

  has(phone: number): boolean {
    return (this.entryOfPhone[phone] ?? -1) >= 0;
  }

  /** The states of a phone. @throws HmmError for a phone it does not cover */
  entry(phone: number): TopologyEntry {
    if (!this.has(phone)) fail(`no entry for phone ${phone}`);
    return this.entries[this.entryOfPhone[phone]!]!;
  }

  /** One more than the highest pdf class of a phone. */
  numPdfClasses(phone: number): number {
    return 1 + Math.max(...this.entry(phone).flatMap((s) => [s.forwardPdfClass, s.selfLoopPdfClass]));
  }

  /** The fewest frames that a phone lasts. */
  minLength(phone: number): number {
    const entry = this.entry(phone);
    // Each emitting state costs a frame on leaving it; distances settle within as many rounds as there are states.
    const least: number[] = entry.map(() => Infinity);
    least[0] = 0;
    for (let round = 0; round < entry.length; round++)
      entry.forEach((state, from) => {
        for (const { to } of state.transitions)
          least[to] = Math.min(least[to]!, least[from]! + (state.forwardPdfClass === noPdf ? 0 : 1));
      });
    return least.at(-1)!;
  }

  /** Reads the text or binary form, from `<Topology>` on. */
  static read(input: KaldiInput): Topology {
    input.expectToken('<Topology>');
    return input.binary ? readBinary(input) : readText(input);
  }

  write(output: KaldiOutput): void {
    output.writeToken('<Topology>');
    if (output.binary) writeBinary(this, output);
    else writeText(this, output);
    output.writeToken('</Topology>');
    if (!output.binary) output.writeNewline();
  }
}

function fail(message: string): never {
  throw new HmmError('ERR_HMM_TOPOLOGY', `topology: ${message}`);
}

function checkEntry(entry: TopologyEntry, index: number): void {
  if (entry.length < 2) fail(`entry ${index}: expected at least two states, found ${entry.length}`);
  if (entry.at(-1)!.transitions.length > 0) fail(`entry ${index}: expected no transitions from its last state`);
  if (entry.at(-1)!.forwardPdfClass !== noPdf) fail(`entry ${index}: expected no pdf class in its last state`);
  const classes = new Set<number>();
  entry.slice(0, -1).forEach((state, number) => {
    const where = `entry ${index}, state ${number}`;
    if (state.transitions.length === 0) fail(`${where}: expected a transition`);
    const sum = state.transitions.reduce((total, t) => total + t.probability, 0);
    for (const { to, probability } of state.transitions) {
      if (!(to >= 0 && to < entry.length)) fail(`${where}: transition to state ${to} of ${entry.length}`);
      if (!(probability > 0)) fail(`${where}: expected positive probabilities, found ${probability}`);
      if (to === number && state.selfLoopPdfClass === noPdf) fail(`${where}: a self-loop without a pdf class`);
    }
    // Chain topologies of some recipes do not sum to one; Kaldi warns and goes on, and so do we, silently.
    if (!(sum > 0)) fail(`${where}: probabilities sum to ${sum}`);
    if (new Set(state.transitions.map((t) => t.to)).size < state.transitions.length)
      fail(`${where}: two transitions to one state`);
    if (state.forwardPdfClass !== noPdf) classes.add(state.forwardPdfClass).add(state.selfLoopPdfClass);
  });
  if (classes.size === 0 || classes.size !== 1 + Math.max(...classes))
    fail(`entry ${index}: expected pdf classes numbered from 0 without gaps, found ${[...classes].join(' ')}`);
}

function readText(input: KaldiInput): Topology {
  const parts: [number[], TopologyState[]][] = [];
  while (input.expectToken('<TopologyEntry>', '</Topology>') === '<TopologyEntry>') {
    input.expectToken('<ForPhones>');
    const phones: number[] = [];
    while (!input.acceptToken('</ForPhones>')) phones.push(input.readInt32('a phone'));
    const entry: TopologyState[] = [];
    while (input.expectToken('<State>', '</TopologyEntry>') === '<State>') entry.push(readState(input, entry.length));
    parts.push([phones, entry]);
  }
  return Topology.of(parts);
}

function readState(input: KaldiInput, number: number): TopologyState {
  const start = input.offset;
  const found = input.readInt32('a state number');
  if (found !== number) input.fail(`state ${number}`, `state ${found}`, start);
  let forwardPdfClass = noPdf;
  let selfLoopPdfClass = noPdf;
  const transitions: { to: number; probability: number }[] = [];
  for (;;) {
    const token = input.expectToken(
      '<PdfClass>',
      '<ForwardPdfClass>',
      '<SelfLoopPdfClass>',
      '<Transition>',
      '<Final>',
      '</State>',
    );
    if (token === '</State>') return { forwardPdfClass, selfLoopPdfClass, transitions };
    if (token === '<PdfClass>') forwardPdfClass = selfLoopPdfClass = input.readInt32('a pdf class');
    if (token === '<ForwardPdfClass>') forwardPdfClass = input.readInt32('a pdf class');
    if (token === '<SelfLoopPdfClass>') selfLoopPdfClass = input.readInt32('a pdf class');
    if (token === '<Transition>')
      transitions.push({ to: input.readInt32('a state'), probability: input.readFloat('a probability') });
  }
}

function writeText(topology: Topology, output: KaldiOutput): void {
  const { isHmm } = topology;
  output.writeNewline();
  topology.entries.forEach((entry, index) => {
    output.writeText('<TopologyEntry> \n<ForPhones> \n');
    for (const phone of topology.phones) if (topology.entryOfPhone[phone] === index) output.writeInt32(phone);
    output.writeText('\n</ForPhones> \n');
    entry.forEach((state, number) => {
      output.writeText(`<State> ${number} `);
      if (state.forwardPdfClass !== noPdf)
        output.writeText(
          isHmm
            ? `<PdfClass> ${state.forwardPdfClass} `
            : `<ForwardPdfClass> ${state.forwardPdfClass} <SelfLoopPdfClass> ${state.selfLoopPdfClass} `,
        );
      for (const { to, probability } of state.transitions) {
        output.writeText(`<Transition> ${to} `);
        output.writeFloat(probability);
      }
      output.writeText('</State> \n');
    });
    output.writeText('</TopologyEntry> \n');
  });
}

function readBinary(input: KaldiInput): Topology {
  input.readInt32Vector(); // the phones: phone2idx says the same
  const entryOfPhone = input.readInt32Vector();
  const start = input.offset;
  let count = input.readInt32('a number of topology entries');
  const isHmm = count !== -1;
  if (!isHmm) count = input.readInt32('a number of topology entries');
  if (count < 0) input.fail('a number of topology entries', String(count), start);
  const entries: TopologyState[][] = [];
  for (let e = 0; e < count; e++) {
    const states: TopologyState[] = [];
    const numStates = input.readCount('a number of states');
    for (let s = 0; s < numStates; s++) {
      const forwardPdfClass = input.readInt32('a pdf class');
      const selfLoopPdfClass = isHmm ? forwardPdfClass : input.readInt32('a pdf class');
      const transitions: { to: number; probability: number }[] = [];
      const numTransitions = input.readCount('a number of transitions');
      for (let t = 0; t < numTransitions; t++)
        transitions.push({ to: input.readInt32('a state'), probability: input.readFloat('a probability') });
      states.push({ forwardPdfClass, selfLoopPdfClass, transitions });
    }
    entries.push(states);
  }
  input.expectToken('</Topology>');
  return new Topology(entries, entryOfPhone);
}

function writeBinary(topology: Topology, output: KaldiOutput): void {
  const { isHmm } = topology;
  output.writeInt32Vector(topology.phones);
  output.writeInt32Vector(topology.entryOfPhone);
  if (!isHmm) output.writeInt32(-1);
  output.writeInt32(topology.entries.length);
  for (const entry of topology.entries) {
    output.writeInt32(entry.length);
    for (const state of entry) {
      output.writeInt32(state.forwardPdfClass);
      if (!isHmm) output.writeInt32(state.selfLoopPdfClass);
      output.writeInt32(state.transitions.length);
      for (const { to, probability } of state.transitions) {
        output.writeInt32(to);
        output.writeFloat(probability);
      }
    }
  }
}
