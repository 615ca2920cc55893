import { formatFloat } from '@jebena/io-ark';
import type { MergeCount } from './merger.js';

const four = (value: number): string => formatFloat(value, 4);

/**
 * What a merger did, in the lines that Kaldi's merging programs log: for each size of example the minibatches made,
 * `<eg-size>={<minibatch size>-><minibatches>,.../d=<discarded>}`, then a summary.
 */
export function mergeStatistics(counts: Iterable<MergeCount>): string[] {
  const all = [...counts];
  const sizes = [...new Set(all.map((c) => c.egSize))].sort((a, b) => a - b);
  const specific = sizes.map((egSize) => {
    const same = all.filter((c) => c.egSize === egSize);
    const made = new Map<number, number>();
    for (const { minibatches } of same)
      for (const [size, count] of minibatches) made.set(size, (made.get(size) ?? 0) + count);
    const list = [...made].sort(([a], [b]) => a - b).map(([size, count]) => `${size}->${count},`);
    return `${egSize}={${list.join('')}d=${same.reduce((sum, c) => sum + c.leftOver, 0)}}`;
  });
  let [egs, frames, minibatches, leftOver, types] = [0, 0, 0, 0, 0];
  for (const count of all) {
    let own = count.leftOver;
    for (const [size, made] of count.minibatches) {
      own += size * made;
      minibatches += made;
      types++;
    }
    egs += own;
    frames += own * count.egSize;
    leftOver += count.leftOver;
  }
  return [
    'Merged specific eg types as follows [format: <eg-size1>={<mb-size1>-><num-minibatches1>,<mbsize2>-><num-minibatches2>' +
      '.../d=<num-discarded>},<egs-size2>={...},... (note,egs-size == number of input frames including context).',
    specific.join(','),
    `Processed ${egs} egs of avg. size ${four(frames / egs)} into ${minibatches} minibatches, discarding ` +
      `${four((100 * leftOver) / egs)}% of egs.  Avg minibatch size was ${four((egs - leftOver) / minibatches)}, ` +
      `#distinct types of egs/minibatches was ${all.length}/${types}`,
  ];
}
