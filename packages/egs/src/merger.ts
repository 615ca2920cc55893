import { type MinibatchRule, parseMinibatchRule } from './minibatch-rule.js';
import type { Resumable } from './position.js';
import { type EgsReport, leaveOut } from './report.js';

/** What a merger needs to know of the things it merges. */
export interface Mergeable<E, M> {
  readonly keyOf: (example: E) => string;
  /** Examples of one structure can be merged. */
  readonly structureOf: (example: E) => string;
  /** The example's size in the sense of the rule: frames of its longest input or output. */
  readonly sizeOf: (example: E) => number;
  /** The example without the utterance that it is a view of; for saving. */
  readonly detach?: (example: E) => E;
  /** @param index number of the minibatch, from 0 */
  readonly merge: (examples: readonly E[], index: number) => M;
}

/**
 * What becomes of examples that fill no minibatch of an allowed size at the end: `merge` them to a smaller one, `keep`
 * them for the next epoch (the next run of the same stage), or `drop` them, counted in the report.
 */
export type LeftOver = 'merge' | 'keep' | 'drop';

/** What was merged, for examples of one structure. */
export interface MergeCount {
  /** Size of the examples, as rules count it. */
  readonly egSize: number;
  /** How many minibatches there were of each size. */
  readonly minibatches: Map<number, number>;
  /** Examples left over at the end and dropped or kept. */
  leftOver: number;
}

export interface MergerOptions {
  /** Kaldi's grammar: `64`, `128,64`, `1:64`, `150=64,32/90=128:256`. */
  readonly rule: string | number;
  /** Default `merge`. */
  readonly leftOver?: LeftOver;
  readonly report?: EgsReport | undefined;
}

/** Merges examples to minibatches by structure and rule (Kaldi: ExampleMerger, nnet3/nnet-example-utils.h). */
export class Merger<E, M> implements Resumable<E, M> {
  /** What was merged so far, by structure. */
  readonly counts = new Map<string, MergeCount>();
  private readonly rule: MinibatchRule;
  private readonly leftOver: LeftOver;
  private readonly report: EgsReport | undefined;
  private waiting = new Map<string, E[]>();
  private given = 0;

  constructor(
    private readonly kind: Mergeable<E, M>,
    { rule, leftOver = 'merge', report }: MergerOptions,
  ) {
    this.rule = parseMinibatchRule(rule);
    this.leftOver = leftOver;
    this.report = report;
  }

  push(example: E): M[] {
    const structure = this.kind.structureOf(example);
    let group = this.waiting.get(structure);
    if (!group) this.waiting.set(structure, (group = []));
    group.push(example);
    if (group.length < this.rule.sizesFor(this.kind.sizeOf(example)).largest) return [];
    this.waiting.delete(structure);
    return [this.merge(group, structure)];
  }

  /** Merges what waits, by the rule as far as it goes, and deals with what is left. */
  flush(): M[] {
    const made: M[] = [];
    const kept = new Map<string, E[]>();
    for (const [structure, group] of this.waiting) {
      const sizes = this.rule.sizesFor(this.kind.sizeOf(group[0]!));
      for (let size = sizes.fit(group.length); size > 0; size = sizes.fit(group.length))
        made.push(this.merge(group.splice(0, size), structure));
      if (group.length === 0) continue;
      if (this.leftOver === 'merge') made.push(this.merge(group, structure));
      else this.count(group[0]!, structure).leftOver += group.length;
      if (this.leftOver === 'keep') kept.set(structure, group);
      if (this.leftOver === 'drop') this.drop(group);
    }
    this.waiting = kept;
    this.given = 0;
    return made;
  }

  save(): unknown {
    const waiting = [...this.waiting].map(([structure, group]) => [
      structure,
      group.map((e) => this.kind.detach?.(e) ?? e),
    ]);
    const counts = [...this.counts].map(([key, c]) => [key, c.egSize, [...c.minibatches], c.leftOver]);
    return { waiting, counts, given: this.given };
  }

  restore(state: unknown): void {
    const { waiting, counts, given } = state as {
      waiting: [string, E[]][];
      counts: [string, number, [number, number][], number][];
      given: number;
    };
    this.waiting = new Map(waiting);
    this.given = given;
    this.counts.clear();
    for (const [key, egSize, minibatches, leftOver] of counts)
      this.counts.set(key, { egSize, minibatches: new Map(minibatches), leftOver });
  }

  private drop(group: readonly E[]): void {
    const message = `fills no minibatch of the rule '${this.rule.text}'`;
    for (const example of group) leaveOut(this.report, { kind: 'left-over', key: this.kind.keyOf(example), message });
  }

  private merge(group: readonly E[], structure: string): M {
    const { minibatches } = this.count(group[0]!, structure);
    minibatches.set(group.length, (minibatches.get(group.length) ?? 0) + 1);
    return this.kind.merge(group, this.given++);
  }

  private count(example: E, structure: string): MergeCount {
    let count = this.counts.get(structure);
    if (!count) {
      count = { egSize: this.kind.sizeOf(example), minibatches: new Map(), leftOver: 0 };
      this.counts.set(structure, count);
    }
    return count;
  }
}
