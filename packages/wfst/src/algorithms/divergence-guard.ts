import { FstError } from '../errors.js';
import { PairTable, hash } from './pair-table.js';
import type { StringTable } from './string-table.js';
import type { SubsetTable } from './subset-table.js';

/** How often a set of states may come with a longer residual than ever before. */
const RECORDS = 200;

/**
 * Tells a determinization that cannot end. Where a transducer has no deterministic form, some set of states comes
 * again and again with longer residual outputs or wider residual costs; where it has one, a set that comes N times
 * with this and that residual sets a record some log N times.
 */
export class DivergenceGuard {
  private readonly sets = new PairTable();
  private longest: number[] = [];
  private widest: number[] = [];
  private records: number[] = [];

  constructor(
    private readonly strings: StringTable,
    private readonly delta: number,
  ) {}

  /** @throws FstError `ERR_FST_NOT_DETERMINIZABLE` */
  check({ first, states, strings, weights }: SubsetTable, subset: number): void {
    const from = first[subset]!;
    const to = first[subset + 1]!;
    if (to - from < 2) return;
    let h = 0;
    let g = to - from;
    let longest = 0;
    let [least, most] = [Infinity, -Infinity];
    for (let i = from; i < to; i++) {
      h = hash(h, states[i]!);
      g = hash(states[i]!, g);
      longest = Math.max(longest, this.strings.length(strings[i]!));
      least = Math.min(least, weights[i]!);
      most = Math.max(most, weights[i]!);
    }
    const width = most - least;
    const n = this.sets.add(h | 0, g | 0);
    if (n === this.records.length) {
      this.longest.push(longest);
      this.widest.push(width);
      this.records.push(0);
      return;
    }
    if (longest <= this.longest[n]! && !(width > this.widest[n]! + this.delta)) return;
    this.longest[n] = Math.max(this.longest[n]!, longest);
    this.widest[n] = Math.max(this.widest[n]!, width);
    if (++this.records[n]! <= RECORDS) return;
    const which = Array.from(states.subarray(from, Math.min(to, from + 4))).join(', ');
    const why = longest > 10 ? `outputs that differ by ${longest} labels and more` : `costs that differ without bound`;
    throw new FstError(
      'ERR_FST_NOT_DETERMINIZABLE',
      `cannot determinize: one input leads to states ${which} with ${why}; disambiguation symbols may be missing`,
    );
  }
}
