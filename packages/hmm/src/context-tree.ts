import type { KaldiInput, KaldiOutput } from '@jebena/io-ark';
import { type BiphoneOptions, biphoneMap } from './biphone-map.js';
import { HmmError } from './errors.js';
import {
  type EventMap,
  mapEvent,
  maxAnswer,
  pdfClassKey,
  possibleAnswers,
  readEventMap,
  writeEventMap,
} from './event-map.js';
import { noPdf, type Topology } from './topology.js';

/**
 * The phonetic decision tree: from a window of `contextWidth` phones, the central one at `centralPosition`, and a
 * pdf class to a pdf (ContextDependency in tree/context-dep.h). Phone 0 in the window stands for the edge of the
 * utterance.
 *
 * @example
 * ```ts
 * const tree = ContextTree.read(new KaldiInput(bytes, { path: 'tree' }));
 * tree.pdf([3, 7, 1], 0); // the pdf of phone 7 between 3 and 1 in its first state
 * ```
 */
export class ContextTree {
  /** One more than the highest pdf. */
  readonly numPdfs: number;

  constructor(
    /** Phones in the window: N. */
    readonly contextWidth: number,
    /** Where the phone itself stands in it: P. */
    readonly centralPosition: number,
    readonly map: EventMap,
  ) {
    if (!(contextWidth > 0 && centralPosition >= 0 && centralPosition < contextWidth))
      throw new HmmError('ERR_HMM_TREE', `tree: central position ${centralPosition} in a window of ${contextWidth}`);
    this.numPdfs = 1 + maxAnswer(map);
  }

  /** The pdf, or undefined where the tree has no answer. */
  pdf(window: ArrayLike<number>, pdfClass: number): number | undefined {
    return mapEvent(this.map, (key) => (key === pdfClassKey ? pdfClass : window[key]));
  }

  /** All pdfs that a window may get; -1 in it stands for any phone. */
  possiblePdfs(window: ArrayLike<number>, pdfClass: number): number[] {
    const answers = possibleAnswers(this.map, (key) => {
      const value = key === pdfClassKey ? pdfClass : window[key]!;
      return value < 0 ? undefined : value;
    });
    return [...answers].sort((a, b) => a - b);
  }

  /**
   * The pairs (forward pdf, self-loop pdf) that a phone's state may have in any context (EnumeratePairs in
   * tree/context-dep.cc). A state without a self-loop has self-loop pdf -1.
   */
  possiblePairs(
    phone: number,
    forwardClass: number,
    selfLoopClass: number,
    phones: ArrayLike<number>,
  ): [number, number][] {
    const pairs = new Map<string, [number, number]>();
    const window: number[] = Array.from({ length: this.contextWidth }, () => -1);
    window[this.centralPosition] = phone;
    // From the centre outwards, as the pdfs settle soonest that way.
    const order = Array.from(window.keys())
      .filter((i) => i !== this.centralPosition)
      .sort((a, b) => Math.abs(a - this.centralPosition) - Math.abs(b - this.centralPosition));
    const visit = (depth: number): void => {
      const forward = this.possiblePdfs(window, forwardClass);
      const self =
        selfLoopClass === noPdf
          ? [-1]
          : selfLoopClass === forwardClass
            ? undefined
            : this.possiblePdfs(window, selfLoopClass);
      if (!self) for (const f of forward) pairs.set(`${f} ${f}`, [f, f]);
      else if (forward.length <= 1 || self.length <= 1)
        for (const f of forward) for (const s of self) pairs.set(`${f} ${s}`, [f, s]);
      else {
        const position = order[depth]!;
        for (let i = -1; i < phones.length; i++) {
          window[position] = i < 0 ? 0 : phones[i]!;
          visit(depth + 1);
        }
        window[position] = -1;
      }
    };
    visit(0);
    return [...pairs.values()];
  }

  /**
   * A tree by rule: every phone (or every set of phones) of the topology has pdfs of its own, one for each pdf
   * class, whatever its neighbours.
   *
   * @param sets phones that share their pdfs; each phone by itself when left out
   */
  static monophone(
    topology: Topology,
    sets: readonly (readonly number[])[] = Array.from(topology.phones, (p) => [p]),
  ): ContextTree {
    let next = 0;
    return new ContextTree(
      1,
      0,
      phoneTable(0, topology, sets, (classes) => classTable(classes, () => next++)),
    );
  }

  /**
   * A left-biphone tree by rule, without statistics: every pair of a left neighbour (or the utterance's start) and a
   * phone has pdfs of its own, as end-to-end LF-MMI training uses it; where counts are given, only pairs said often do
   * (gmm-init-biphone).
   */
  static biphone(topology: Topology, options: BiphoneOptions = {}): ContextTree {
    return new ContextTree(2, 1, biphoneMap(topology, options));
  }

  static read(input: KaldiInput): ContextTree {
    input.expectToken('ContextDependency');
    const contextWidth = input.readCount('a context width', 100);
    const centralPosition = input.readCount('a central position', contextWidth - 1);
    input.expectToken('ToPdf', 'ToLength');
    const map = readEventMap(input);
    if (!map) return input.fail('a tree', 'NULL');
    input.expectToken('EndContextDependency');
    return new ContextTree(contextWidth, centralPosition, map);
  }

  write(output: KaldiOutput): void {
    output.writeToken('ContextDependency');
    output.writeInt32(this.contextWidth);
    output.writeInt32(this.centralPosition);
    output.writeToken('ToPdf');
    writeEventMap(this.map, output);
    output.writeToken('EndContextDependency');
  }
}

function phoneTable(
  key: number,
  topology: Topology,
  sets: readonly (readonly number[])[],
  subtree: (classes: number) => EventMap,
): EventMap {
  const table: (EventMap | null)[] = Array.from({ length: topology.entryOfPhone.length }, () => null);
  for (const set of sets) {
    const classes = new Set(set.map((phone) => topology.numPdfClasses(phone)));
    if (classes.size !== 1)
      throw new HmmError('ERR_HMM_TREE', `tree: phones ${set.join(' ')} share pdfs but differ in their states`);
    const shared = subtree([...classes][0]!);
    for (const phone of set) table[phone] = shared;
  }
  const missing = topology.phones.find((phone) => !table[phone]);
  if (missing !== undefined) throw new HmmError('ERR_HMM_TREE', `tree: no set holds phone ${missing}`);
  return { kind: 'table', key, table };
}

const classTable = (classes: number, leaf: () => number): EventMap => ({
  kind: 'table',
  key: pdfClassKey,
  table: Array.from({ length: classes }, () => ({ kind: 'leaf', answer: leaf() })),
});
