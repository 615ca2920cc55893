import { HmmError } from './errors.js';
import { type EventMap, pdfClassKey } from './event-map.js';
import type { Topology } from './topology.js';

export interface BiphoneOptions {
  /** Phones that share their pdfs; each by itself when left out. */
  readonly sets?: readonly (readonly number[])[] | undefined;
  /** Phones whose pdfs do not depend on what is before them, nor, as a left neighbour, matter to others. */
  readonly contextIndependent?: readonly number[] | undefined;
  /** How often phones were said: rare pairs then have no pdfs of their own. */
  readonly counts?:
    | {
        /** Times that a phone was said after another (0: at the start). */
        readonly biphone: (left: number, phone: number) => number;
        readonly monophone: (phone: number) => number;
      }
    | undefined;
  /** Times that a pair must be said to have pdfs of its own. Default 100. */
  readonly minBiphoneCount?: number | undefined;
  /** A phone must be said more often than this to have pdfs for its rare pairs; others share one. Default 20. */
  readonly minMonophoneCount?: number | undefined;
}

/** The map of a left-biphone tree made by rule, its pdfs numbered as gmm-init-biphone does. */
export function biphoneMap(
  topology: Topology,
  { sets, contextIndependent = [], counts, minBiphoneCount = 100, minMonophoneCount = 20 }: BiphoneOptions = {},
): EventMap {
  const alone = new Set(contextIndependent);
  const dependent = (sets ?? Array.from(topology.phones, (phone) => [phone]))
    .map((set) => set.filter((phone) => !alone.has(phone)))
    .filter((set) => set.length > 0);
  let next = 0;
  const leaves = (classes: number): EventMap => ({
    kind: 'table',
    key: pdfClassKey,
    table: Array.from({ length: classes }, () => ({ kind: 'leaf', answer: next++ })),
  });
  const table: (EventMap | null)[] = Array.from({ length: topology.entryOfPhone.length }, () => null);
  const independent = [...alone].sort((a, b) => a - b);
  for (const phone of independent) table[phone] = leaves(topology.numPdfClasses(phone));
  // For rare pairs of rare phones, by their number of pdf classes.
  const shared = new Map<number, EventMap>();
  for (const set of dependent) {
    const classes = new Set(set.map((phone) => topology.numPdfClasses(phone)));
    if (classes.size !== 1)
      throw new HmmError('ERR_HMM_TREE', `tree: phones ${set.join(' ')} share pdfs but differ in their states`);
    const [own] = [...classes] as [number];
    const first = set[0]!;
    const start = leaves(own);
    const byLeft: (EventMap | null)[] = [start];
    for (const phone of independent) byLeft[phone] = start;
    let monophone: EventMap | undefined;
    for (const left of dependent) {
      const often = !counts || counts.biphone(left[0]!, first) >= minBiphoneCount;
      let map: EventMap;
      if (often) map = leaves(own);
      else if (counts.monophone(first) > minMonophoneCount) map = monophone ??= leaves(own);
      else {
        map = shared.get(own) ?? leaves(own);
        shared.set(own, map);
      }
      for (const phone of left) byLeft[phone] = map;
    }
    const map: EventMap = { kind: 'table', key: 0, table: Array.from(byLeft, (one) => one ?? null) };
    for (const phone of set) table[phone] = map;
  }
  const missing = topology.phones.find((phone) => !table[phone]);
  if (missing !== undefined) throw new HmmError('ERR_HMM_TREE', `tree: no set holds phone ${missing}`);
  return { kind: 'table', key: 1, table };
}
