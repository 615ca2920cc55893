import type { KaldiInput, KaldiOutput } from '@jebena/io-ark';
import type { ContextTree } from './context-tree.js';
import { HmmError } from './errors.js';
import { noPdf, Topology } from './topology.js';

/** What a transition state stands for. */
export interface TransitionTuple {
  readonly phone: number;
  readonly hmmState: number;
  readonly forwardPdf: number;
  readonly selfLoopPdf: number;
}

/**
 * Maps between transition ids and what they stand for, and holds their probabilities (hmm/transition-model.h).
 *
 * Transition states are numbered from 1, one for each (phone, HMM state, forward pdf, self-loop pdf); transition ids
 * from 1, one for each transition that leaves a transition state. The tables are typed arrays indexed by transition
 * id, entry 0 unused.
 *
 * @example
 * ```ts
 * const model = TransitionModel.read(new KaldiInput(bytes, { path: 'final.mdl' }));
 * model.tidToPdf[alignment[0]]; // the pdf of the first frame
 * ```
 */
export class TransitionModel {
  readonly numTransitionIds: number;
  readonly numPdfs: number;
  /** Pdf of a transition id: the self-loop's for a self-loop, else the forward one. */
  readonly tidToPdf: Int32Array;
  readonly tidToPhone: Int32Array;
  readonly tidToHmmState: Int32Array;
  /** Transition state (from 1) of a transition id. */
  readonly tidToTransitionState: Int32Array;
  /** Which of its state's transitions a transition id is, from 0. */
  readonly tidToTransitionIndex: Int32Array;
  /** 1 for a self-loop. */
  readonly tidIsSelfLoop: Uint8Array;
  /** 1 for a transition to its phone's final state. */
  readonly tidIsFinal: Uint8Array;
  /** First transition id of a transition state, and one past the last of all at the end. */
  private readonly firstTid: Int32Array;
  private readonly stateOfTuple = new Map<string, number>();

  /**
   * @param tuples the transition states in order: sorted by phone, state, forward and self-loop pdf
   * @param logProbs natural logarithms by transition id, entry 0 unused; from the topology when left out
   */
  constructor(
    readonly topology: Topology,
    readonly tuples: readonly TransitionTuple[],
    logProbs?: Float32Array,
  ) {
    this.firstTid = new Int32Array(tuples.length + 2);
    let tid = 1;
    let pdfs = 0;
    tuples.forEach((tuple, i) => {
      this.firstTid[i + 1] = tid;
      const state = topology.entry(tuple.phone)[tuple.hmmState];
      if (!state) fail(`phone ${tuple.phone} has no state ${tuple.hmmState}`);
      tid += state!.transitions.length;
      pdfs = Math.max(pdfs, tuple.forwardPdf + 1, tuple.selfLoopPdf + 1);
      this.stateOfTuple.set(tupleKey(tuple), i + 1);
    });
    this.firstTid[tuples.length + 1] = tid;
    this.numTransitionIds = tid - 1;
    this.numPdfs = pdfs;
    this.tidToPdf = new Int32Array(tid).fill(-1);
    this.tidToPhone = new Int32Array(tid);
    this.tidToHmmState = new Int32Array(tid);
    this.tidToTransitionState = new Int32Array(tid);
    this.tidToTransitionIndex = new Int32Array(tid);
    this.tidIsSelfLoop = new Uint8Array(tid);
    this.tidIsFinal = new Uint8Array(tid);
    tuples.forEach((tuple, i) => this.fillTables(tuple, i + 1));
    this.logProbs = logProbs ?? this.topologyLogProbs();
    if (this.logProbs.length !== tid) fail(`expected ${tid} log-probabilities, found ${this.logProbs.length}`);
  }

  /** Natural logarithms of the transition probabilities, by transition id; entry 0 unused. */
  readonly logProbs: Float32Array;

  private fillTables(tuple: TransitionTuple, state: number): void {
    const entry = this.topology.entry(tuple.phone);
    entry[tuple.hmmState]!.transitions.forEach(({ to }, index) => {
      const tid = this.firstTid[state]! + index;
      const loop = to === tuple.hmmState;
      this.tidToPdf[tid] = loop ? tuple.selfLoopPdf : tuple.forwardPdf;
      this.tidToPhone[tid] = tuple.phone;
      this.tidToHmmState[tid] = tuple.hmmState;
      this.tidToTransitionState[tid] = state;
      this.tidToTransitionIndex[tid] = index;
      this.tidIsSelfLoop[tid] = loop ? 1 : 0;
      this.tidIsFinal[tid] = to === entry.length - 1 ? 1 : 0;
    });
  }

  private topologyLogProbs(): Float32Array {
    const logProbs = new Float32Array(this.numTransitionIds + 1);
    for (let tid = 1; tid < logProbs.length; tid++) {
      const state = this.topology.entry(this.tidToPhone[tid]!)[this.tidToHmmState[tid]!]!;
      logProbs[tid] = Math.log(state.transitions[this.tidToTransitionIndex[tid]!]!.probability);
    }
    return logProbs;
  }

  /** A new model for a tree, with the topology's probabilities. */
  static create(tree: ContextTree, topology: Topology): TransitionModel {
    const tuples: TransitionTuple[] = [];
    for (const phone of topology.phones) {
      // States of one phone often share their classes: what the tree answers is then the same.
      const seen = new Map<string, [number, number][]>();
      topology.entry(phone).forEach((state, hmmState) => {
        const { forwardPdfClass: forward, selfLoopPdfClass: self } = state;
        if (forward === noPdf) return;
        const key = `${forward} ${self}`;
        const pairs = seen.get(key) ?? tree.possiblePairs(phone, forward, self, topology.phones);
        seen.set(key, pairs);
        if (pairs.length === 0) fail(`the tree has no pdf for phone ${phone}, pdf class ${forward}`);
        for (const [forwardPdf, selfLoopPdf] of pairs) tuples.push({ phone, hmmState, forwardPdf, selfLoopPdf });
      });
    }
    tuples.sort(
      (a, b) =>
        a.phone - b.phone || a.hmmState - b.hmmState || a.forwardPdf - b.forwardPdf || a.selfLoopPdf - b.selfLoopPdf,
    );
    return new TransitionModel(topology, tuples);
  }

  /** The same states with other probabilities. */
  withLogProbs(logProbs: Float32Array): TransitionModel {
    return new TransitionModel(this.topology, this.tuples, logProbs);
  }

  get numTransitionStates(): number {
    return this.tuples.length;
  }

  get phones(): Int32Array {
    return this.topology.phones;
  }

  /** The transition state of a tuple, or undefined. */
  transitionState(tuple: TransitionTuple): number | undefined {
    return this.stateOfTuple.get(tupleKey(tuple));
  }

  /** The transition id of transition `index` (from 0) of a transition state. */
  tid(transitionState: number, index: number): number {
    return this.firstTid[transitionState]! + index;
  }

  numTransitions(transitionState: number): number {
    return this.firstTid[transitionState + 1]! - this.firstTid[transitionState]!;
  }

  /** The transition id of a transition state's self-loop, or 0 where it has none. */
  selfLoop(transitionState: number): number {
    for (let tid = this.firstTid[transitionState]!; tid < this.firstTid[transitionState + 1]!; tid++)
      if (this.tidIsSelfLoop[tid]) return tid;
    return 0;
  }

  /** Logarithm of the probability of leaving a transition state; never below that of 1e-10. */
  nonSelfLoopLogProb(transitionState: number): number {
    const loop = this.selfLoop(transitionState);
    return loop === 0 ? 0 : Math.log(Math.max(1 - Math.exp(this.logProbs[loop]!), 1e-10));
  }

  /** Logarithm of a transition's probability given that its state is left. */
  logProbIgnoringSelfLoop(tid: number): number {
    if (this.tidIsSelfLoop[tid]) fail(`transition id ${tid} is a self-loop`);
    return this.logProbs[tid]! - this.nonSelfLoopLogProb(this.tidToTransitionState[tid]!);
  }

  /** Checks a transition id that came from outside. @throws HmmError */
  checkTid(tid: number, where: string): void {
    if (!(tid >= 1 && tid <= this.numTransitionIds))
      throw new HmmError(
        'ERR_HMM_ALIGNMENT',
        `${where}: expected a transition id from 1 to ${this.numTransitionIds}, found ${tid}`,
      );
  }

  /** Reads a model file (.mdl) from its start, or a transition model by itself; the rest of the file is left. */
  static read(input: KaldiInput): TransitionModel {
    input.expectToken('<TransitionModel>');
    const topology = Topology.read(input);
    const kind = input.expectToken('<Triples>', '<Tuples>').slice(1);
    const count = input.readCount('a number of transition states');
    const tuples: TransitionTuple[] = [];
    for (let i = 0; i < count; i++) {
      const start = input.offset;
      const phone = input.readInt32('a phone');
      const hmmState = input.readInt32('an HMM state');
      const forwardPdf = input.readInt32('a pdf');
      const selfLoopPdf = kind === 'Tuples>' ? input.readInt32('a pdf') : forwardPdf;
      if (!topology.has(phone)) input.fail('a phone of the topology', String(phone), start);
      if (!topology.entry(phone)[hmmState]) input.fail(`an HMM state of phone ${phone}`, String(hmmState), start);
      tuples.push({ phone, hmmState, forwardPdf, selfLoopPdf });
    }
    input.expectToken(`</${kind}`);
    input.expectToken('<LogProbs>');
    const start = input.offset;
    const logProbs = input.readVector();
    input.expectToken('</LogProbs>');
    input.expectToken('</TransitionModel>');
    const model = new TransitionModel(topology, tuples);
    if (logProbs.length !== model.numTransitionIds + 1)
      input.fail(`${model.numTransitionIds + 1} log-probabilities`, String(logProbs.length), start);
    model.logProbs.set(logProbs);
    return model;
  }

  write(output: KaldiOutput): void {
    const newline = (): void => (output.binary ? undefined : output.writeNewline());
    const kind = this.topology.isHmm ? 'Triples' : 'Tuples';
    output.writeToken('<TransitionModel>');
    newline();
    this.topology.write(output);
    output.writeToken(`<${kind}>`);
    output.writeInt32(this.tuples.length);
    newline();
    for (const { phone, hmmState, forwardPdf, selfLoopPdf } of this.tuples) {
      output.writeInt32(phone);
      output.writeInt32(hmmState);
      output.writeInt32(forwardPdf);
      if (kind === 'Tuples') output.writeInt32(selfLoopPdf);
      newline();
    }
    output.writeToken(`</${kind}>`);
    newline();
    output.writeToken('<LogProbs>');
    newline();
    output.writeVector(this.logProbs);
    output.writeToken('</LogProbs>');
    newline();
    output.writeToken('</TransitionModel>');
    newline();
  }
}

const tupleKey = ({ phone, hmmState, forwardPdf, selfLoopPdf }: TransitionTuple): string =>
  `${phone} ${hmmState} ${forwardPdf} ${selfLoopPdf}`;

function fail(message: string): never {
  throw new HmmError('ERR_HMM_MODEL', `transition model: ${message}`);
}
