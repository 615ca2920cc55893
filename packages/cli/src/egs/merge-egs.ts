import { EgsReport, type LeftOver, type Mergeable, Merger, mergeStatistics, type MergeNnetOptions } from '@jebena/egs';
import type { Holder } from '@jebena/io-ark';
import { bool, choice, defineOptions, text, type OptionSpec } from '@jebena/options';
import type { Item } from '@jebena/stream';
import { readTable, tableWriter, writing } from '../io-ark/tables.js';
import { defineProgram, type Program } from '../program.js';

const options = (
  rule: string,
): {
  minibatchSize: OptionSpec<string>;
  compress: OptionSpec<boolean>;
  multilingualEg: OptionSpec<boolean>;
  measureOutputFrames: OptionSpec<string>;
  discardPartialMinibatches: OptionSpec<string>;
  leftOver: OptionSpec<'drop' | 'merge'>;
} =>
  defineOptions({
    minibatchSize: text(rule, 'Sizes of minibatches, e.g. 64, 128,64, 1:64 or 150=64,32/90=128:256'),
    compress: bool(false, 'If true, compress the merged features'),
    multilingualEg: bool(false, "If true, keys end in '?lang=x', and egs of a language are merged with each other"),
    measureOutputFrames: text('', 'Not used; for older scripts'),
    discardPartialMinibatches: text('', 'Not used; for older scripts'),
    leftOver: choice(
      'drop',
      ['drop', 'merge'],
      'What becomes of egs that fill no minibatch: drop them, or merge them small',
    ),
  });

/** The programs that merge examples of one kind. */
export const mergeEgs = <E>(
  name: string,
  rule: string,
  holder: Holder<E>,
  kind: (options: MergeNnetOptions) => Mergeable<Item<E>, Item<E>>,
): Program<ReturnType<typeof options>> =>
  defineProgram({
    name,
    summary: 'Merges examples of equal structure to minibatches.',
    usage: ['<egs-rspecifier> <egs-wspecifier>'],
    options: options(rule),
    args: [2, 2],
    run: async ([input, output], { minibatchSize, compress, multilingualEg, leftOver }, context) => {
      const mergeable = kind({ compress });
      const report = new EgsReport();
      const mergers = new Map<string, Merger<Item<E>, Item<E>>>();
      const merger = (language: string): Merger<Item<E>, Item<E>> => {
        let known = mergers.get(language);
        if (!known) {
          known = new Merger(mergeable, { rule: minibatchSize, leftOver: leftOver as LeftOver, report });
          mergers.set(language, known);
        }
        return known;
      };
      const writer = tableWriter<E>(holder, output!);
      let written = 0;
      await writing([writer], async () => {
        const write = async (items: readonly Item<E>[], language: string): Promise<void> => {
          for (const [key, example] of items) await writer.write(`${key}${language}`, example);
          written += items.length;
        };
        merger('');
        for await (const item of readTable(holder, input!, context)) {
          const query = multilingualEg ? item[0].indexOf('?') : -1;
          const language = query < 0 ? '' : item[0].slice(query);
          await write(merger(language).push(item), language);
        }
        for (const [language, one] of mergers) await write(one.flush(), language);
      });
      for (const one of mergers.values())
        if (one.counts.size > 0) for (const line of mergeStatistics(one.counts.values())) context.log(line);
      for (const line of report.summary()) context.warn(`dropped (--left-over=merge keeps them): ${line}`);
      return written > 0 ? 0 : 1;
    },
  });
