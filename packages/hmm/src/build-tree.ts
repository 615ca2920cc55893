import { ContextTree } from './context-tree.js';
import { HmmError } from './errors.js';
import { type EventMap, pdfClassKey } from './event-map.js';
import type { Topology } from './topology.js';
import { gaussianLike, type StatsEntry, sumStats, type TreeStats } from './tree-stats.js';

/** Phones that share a root of the tree. */
export interface TreeRoot {
  readonly phones: readonly number[];
  /** Whether all pdf classes begin in one leaf, told apart by a question; else each has its own. Default true. */
  readonly shared?: boolean | undefined;
  /** Whether questions are asked at all. Default true. */
  readonly split?: boolean | undefined;
}

export interface BuildTreeOptions {
  readonly roots: readonly TreeRoot[];
  /** Sets of phones to ask about; {@link phoneQuestions} makes some. */
  readonly questions: readonly (readonly number[])[];
  /** Most leaves. */
  readonly maxLeaves: number;
  /** Least gain in log-likelihood of a split. Default 300. */
  readonly threshold?: number | undefined;
}

interface Leaf {
  kind: 'leaf';
  answer: number;
  readonly entries: readonly StatsEntry[];
  best: Split | undefined;
}
interface Split {
  readonly key: number;
  readonly yesSet: readonly number[];
  readonly gain: number;
}
type Node = Leaf | { kind: 'split'; key: number; yesSet: readonly number[]; yes: Node; no: Node };

/**
 * Builds a decision tree from statistics by greedy splitting: of all leaves and questions the one that gains most
 * likelihood, until there are enough leaves or none gains enough (build-tree; tree/build-tree.cc; S. Young, J. Odell,
 * P. Woodland, "Tree-based state tying for high accuracy acoustic modelling", 1994).
 *
 * @throws HmmError where a phone of the topology has no root
 */
export function buildTree(stats: TreeStats, topology: Topology, options: BuildTreeOptions): ContextTree {
  const { roots, questions, maxLeaves, threshold = 300 } = options;
  const { contextWidth, centralPosition } = stats;
  const table: (EventMap | Node | null)[] = Array.from({ length: topology.entryOfPhone.length }, () => null);
  const leaves = new Set<Leaf>();
  const asked = new Asker(questions, contextWidth);
  const leafOf = (entries: readonly StatsEntry[], split: boolean): Leaf => {
    const leaf: Leaf = { kind: 'leaf', answer: 0, entries, best: split ? asked.best(entries) : undefined };
    leaves.add(leaf);
    return leaf;
  };
  for (const { phones, shared = true, split = true } of roots) {
    const own = new Set(phones);
    const entries = stats.entries.filter((e) => own.has(e.event.get(centralPosition) ?? -1));
    const classes = Math.max(...phones.map((phone) => topology.numPdfClasses(phone)));
    const node: Node | EventMap = shared
      ? leafOf(entries, split)
      : {
          kind: 'table',
          key: pdfClassKey,
          table: Array.from({ length: classes }, (_, c) => {
            const of = entries.filter((e) => e.event.get(pdfClassKey) === c);
            return leafOf(of, split) as unknown as EventMap;
          }),
        };
    for (const phone of phones) table[phone] = node;
  }
  const missing = topology.phones.find((phone) => !table[phone]);
  if (missing !== undefined) throw new HmmError('ERR_HMM_TREE', `tree: no root holds phone ${missing}`);
  while (leaves.size < maxLeaves) {
    let next: Leaf | undefined;
    for (const leaf of leaves) if (leaf.best && (!next || leaf.best.gain > next.best!.gain)) next = leaf;
    if (!next || next.best!.gain < threshold) break;
    const { key, yesSet } = next.best!;
    const says = (e: StatsEntry): boolean => yesSet.includes(e.event.get(key) ?? -1);
    leaves.delete(next);
    const yes = leafOf(next.entries.filter(says), true);
    const no = leafOf(
      next.entries.filter((e) => !says(e)),
      true,
    );
    // The leaf becomes the split where it stands, under whatever phones share it.
    Object.assign(next as object, { kind: 'split', key, yesSet, yes, no });
  }
  const done = new Map<object, EventMap>();
  let answers = 0;
  const finish = (node: EventMap | Node | null): EventMap | null => {
    if (!node) return null;
    const known = done.get(node);
    if (known) return known;
    let made: EventMap;
    if (node.kind === 'leaf') made = { kind: 'leaf', answer: answers++ };
    else if (node.kind === 'table') made = { kind: 'table', key: node.key, table: node.table.map(finish) };
    else made = { kind: 'split', key: node.key, yesSet: node.yesSet, yes: finish(node.yes)!, no: finish(node.no)! };
    done.set(node, made);
    return made;
  };
  return new ContextTree(contextWidth, centralPosition, {
    kind: 'table',
    key: centralPosition,
    table: table.map(finish),
  });
}

/** Finds the best question for a set of statistics. */
class Asker {
  constructor(
    private readonly questions: readonly (readonly number[])[],
    private readonly contextWidth: number,
  ) {}

  best(entries: readonly StatsEntry[]): Split | undefined {
    if (entries.length < 2) return undefined;
    const whole = gaussianLike(sumStats(entries));
    let best: Split | undefined;
    for (let key = pdfClassKey; key < this.contextWidth; key++) {
      const byValue = new Map<number, StatsEntry[]>();
      for (const entry of entries) {
        const value = entry.event.get(key);
        // A key that some events lack cannot be asked about.
        if (value === undefined) break;
        const of = byValue.get(value);
        if (of) of.push(entry);
        else byValue.set(value, [entry]);
      }
      if (byValue.size < 2 || entries.some((e) => !e.event.has(key))) continue;
      const sums = new Map([...byValue].map(([value, of]) => [value, sumStats(of)]));
      for (const yesSet of this.sets(key, sums)) {
        const values = new Set(yesSet);
        const yes = [...sums].filter(([value]) => values.has(value)).map(([, sum]) => sum);
        const no = [...sums].filter(([value]) => !values.has(value)).map(([, sum]) => sum);
        if (yes.length === 0 || no.length === 0) continue;
        const gain = gaussianLike(sumStats(yes)) + gaussianLike(sumStats(no)) - whole;
        if (!best || gain > best.gain) best = { key, yesSet, gain };
      }
    }
    return best;
  }

  /** The questions for a key: for the pdf class, whether it is below each value. */
  private sets(key: number, sums: ReadonlyMap<number, unknown>): readonly (readonly number[])[] {
    if (key !== pdfClassKey) return this.questions;
    const highest = Math.max(...sums.keys());
    return Array.from({ length: highest }, (_, c) => Array.from({ length: c + 1 }, (_, i) => i));
  }
}

/**
 * Questions about phones by their likeness: sets are joined one by one, the pair that loses least likelihood first,
 * and every set on the way is a question (the idea of cluster-phones).
 *
 * @param sets phones that are always together
 */
export function phoneQuestions(stats: TreeStats, sets: readonly (readonly number[])[]): number[][] {
  const central = (phones: ReadonlySet<number>): StatsEntry[] =>
    stats.entries.filter((e) => phones.has(e.event.get(stats.centralPosition) ?? -1));
  let clusters = sets.map((phones) => ({ phones: [...phones], stats: sumStats(central(new Set(phones))) }));
  const questions = clusters.map(({ phones }) => phones);
  clusters = clusters.filter((cluster) => cluster.stats.count > 0);
  while (clusters.length > 2) {
    let best: { i: number; j: number; loss: number } | undefined;
    for (let i = 0; i < clusters.length; i++)
      for (let j = i + 1; j < clusters.length; j++) {
        const [a, b] = [clusters[i]!.stats, clusters[j]!.stats];
        const loss = gaussianLike(a) + gaussianLike(b) - gaussianLike(sumStats([a, b]));
        if (!best || loss < best.loss) best = { i, j, loss };
      }
    const { i, j } = best!;
    const [a, b] = [clusters[i]!, clusters[j]!];
    const joined = { phones: [...a.phones, ...b.phones].sort((x, y) => x - y), stats: sumStats([a.stats, b.stats]) };
    clusters = [...clusters.filter((_, k) => k !== i && k !== j), joined];
    questions.push(joined.phones);
  }
  return questions.map((question) => [...question].sort((x, y) => x - y));
}
