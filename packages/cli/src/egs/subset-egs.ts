import { Subset } from '@jebena/egs';
import type { Holder } from '@jebena/io-ark';
import { atLeast, bool, defineOptions, int } from '@jebena/options';
import { readTable, tableWriter, writing } from '../io-ark/tables.js';
import { defineProgram, type Program } from '../program.js';

const options = defineOptions({
  srand: int(0, 'Seed of the draw'),
  n: int(1, 'Number of egs to write', atLeast(1)),
  randomizeOrder: bool(true, 'If true, write them in a random order'),
});

/** The programs that draw a random subset of examples of one kind. */
export const subsetEgs = <E>(name: string, holder: Holder<E>): Program<typeof options> =>
  defineProgram({
    name,
    summary: 'Draws a random subset of the examples; holds no more than those.',
    usage: ['<egs-rspecifier> <egs-wspecifier>'],
    options,
    args: [2, 2],
    run: async ([input, output], { srand, n, randomizeOrder }, context) => {
      const subset = new Subset<readonly [string, E]>(n, { seed: srand, shuffle: randomizeOrder });
      const writer = tableWriter<E>(holder, output!);
      let read = 0;
      let items: readonly (readonly [string, E])[] = [];
      await writing([writer], async () => {
        for await (const item of readTable(holder, input!, context)) {
          subset.push(item);
          read++;
        }
        items = subset.flush();
        for (const [key, example] of items) await writer.write(key, example);
      });
      context.log(`Selected a subset of ${items.length} out of ${read} neural-network training examples`);
      if (items.length < n) context.warn(`fewer egs than the ${n} asked for`);
      return items.length > 0 ? 0 : 1;
    },
  });
