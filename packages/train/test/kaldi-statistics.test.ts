import { createEngine } from '@jebena/engine/node';
import type { HostStatistics, Network } from '@jebena/graph';
import { describe, expect } from 'vitest';
import { testShared } from '../../../test/support/shared.js';
import { cases, endOf, trainPass } from './golden-steps.js';

const engine = await createEngine();

/** Sums that are added up together, and their count. Kaldi draws the minibatches of each group. */
const groups = [
  { sums: ['value', 'deriv'], count: 'count' },
  { sums: ['oderiv'], count: 'oderivCount' },
  { sums: ['posterior', 'entropy'], count: 'count' },
] as const;

/** What runs step by step is drawn step by step: how many steps were taken is all that can be said. */
const recurrent = /^(b?lstm[bp]?|p?gru)$/;

const total = (parts: readonly HostStatistics[], key: string): Float64Array => {
  const sum = new Float64Array(parts[0]?.sums[key]?.data.length ?? 0);
  for (const part of parts) part.sums[key]?.data.forEach((v, i) => (sum[i]! += v));
  return sum;
};

/** @param least a size below which sums count as zero */
const apart = (a: ArrayLike<number>, b: ArrayLike<number>, least = 1e-15): number => {
  if (a.length !== b.length) return Infinity;
  let [off, size] = [0, 0];
  for (let i = 0; i < a.length; i++) {
    off += (a[i]! - b[i]!) ** 2;
    size += b[i]! ** 2;
  }
  return Math.sqrt(off) / Math.max(Math.sqrt(size), least);
};

/** How far from Kaldi's sums those over the best choice of minibatches are; undefined where no choice has its count. */
function bestChoice(
  each: readonly HostStatistics[],
  kaldi: HostStatistics,
  { sums, count }: (typeof groups)[number],
): number | undefined {
  let best: number | undefined;
  for (let choice = 0; choice < 2 ** each.length; choice++) {
    const parts = each.filter((_, i) => choice & (1 << i));
    if (parts.reduce((n, part) => n + (part.counts[count] ?? 0), 0) !== kaldi.counts[count]) continue;
    const worst = Math.max(...sums.map((key) => apart(total(parts, key), kaldi.sums[key]?.data ?? [])));
    best = Math.min(best ?? Infinity, worst);
  }
  return best;
}

/** By component, what each minibatch by itself adds. */
async function ofEachMinibatch(name: string, pass: string): Promise<Network[]> {
  const each: Network[] = [];
  await trainPass(engine, [name, pass], async (model) => {
    each.push(await model.save());
    model.zeroStatistics();
  });
  return each;
}

describe.each(cases)('%s', (name) => {
  testShared('statistics are those of the minibatches that Kaldi chose; others are Kaldi’s', async () => {
    const within = name === 'cnn' || name === 'resnet' ? 0.1 : 0.02;
    for (const pass of ['sgd', 'momentum']) {
      const kaldi = endOf(name, pass);
      const { network } = await trainPass(engine, [name, pass]);
      const each = await ofEachMinibatch(name, pass);
      for (const [component, { type }] of kaldi.components) {
        const theirs = kaldi.component(component).statistics();
        if (!theirs) continue;
        const where = `${pass}, ${component}`;
        const ours = network.component(component).statistics()!;
        if (type === 'BatchNormComponent') {
          // Nothing is drawn.
          const count = theirs.counts['count']!;
          expect(ours.counts['count']).toBeCloseTo(count, 2);
          for (const [key, { data }] of Object.entries(theirs.sums))
            expect(apart(ours.sums[key]!.data, data, 1e-3 * count), `${where}, ${key}`).toBeLessThan(within);
        }
        for (const group of groups) {
          const parts = each.map((n) => n.component(component).statistics()!);
          const stored =
            parts[0]!.sums[group.sums[0]] && theirs.sums[group.sums[0]] && theirs.counts[group.count] !== 0;
          if (!stored || recurrent.test(name) || type.includes('Gru')) continue;
          expect(bestChoice(parts, theirs, group), `${where}, ${group.sums[0]}`).toBeLessThan(within);
        }
      }
    }
  });
});
