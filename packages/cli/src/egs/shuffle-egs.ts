import { Shuffler } from '@jebena/egs';
import type { Holder } from '@jebena/io-ark';
import { atLeast, defineOptions, int } from '@jebena/options';
import { readTable, tableWriter, writing } from '../io-ark/tables.js';
import { defineProgram, type Program } from '../program.js';

const options = defineOptions({
  srand: int(0, 'Seed of the order'),
  bufferSize: int(0, 'If above 0, hold no more egs than this; the order is then less random', atLeast(0)),
});

/** The programs that shuffle examples of one kind. */
export const shuffleEgs = <E>(name: string, holder: Holder<E>): Program<typeof options> =>
  defineProgram({
    name,
    summary: 'Copies examples in a random order, which the seed decides.',
    usage: ['<egs-rspecifier> <egs-wspecifier>'],
    options,
    args: [2, 2],
    run: async ([input, output], { srand, bufferSize }, context) => {
      const shuffler = new Shuffler<readonly [string, E]>({ buffer: bufferSize || Infinity, seed: srand });
      const writer = tableWriter<E>(holder, output!);
      let count = 0;
      await writing([writer], async () => {
        const write = async (items: readonly (readonly [string, E])[]): Promise<void> => {
          for (const [key, example] of items) await writer.write(key, example);
          count += items.length;
        };
        for await (const item of readTable(holder, input!, context)) await write(shuffler.push(item));
        await write(shuffler.flush());
      });
      context.log(
        `Shuffled order of ${count} neural-network training examples ${bufferSize ? 'using a buffer (partial randomization)' : 'in full'}`,
      );
      return count > 0 ? 0 : 1;
    },
  });
