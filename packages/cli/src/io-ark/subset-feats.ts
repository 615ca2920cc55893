import { type AnyMatrix, matrixHolder } from '@jebena/io-ark';
import { UsageError, atLeast, defineOptions, int, text } from '@jebena/options';
import { defineProgram } from '../program.js';
import { readLines } from './lines.js';
import { exitCode, readTable, tableWriter, writing } from './tables.js';

export const program = defineProgram({
  name: 'subset-feats',
  summary: 'Copies a part of the features: the first few, or those that a list names.',
  usage: ['<in-rspecifier> <out-wspecifier>'],
  options: defineOptions({
    n: int(10, 'Copy the first n feature matrices', atLeast(1)),
    include: text('', 'File whose lines begin with the utterances to copy'),
    exclude: text('', 'File whose lines begin with the utterances to leave out'),
  }),
  args: [2, 2],
  run: async ([input, output], { n, include, exclude }, context) => {
    const list = include || exclude;
    if ((include && exclude) || (list && n !== 10))
      throw new UsageError('expected one of --n, --include and --exclude, found more');
    const keys = list ? await firstFields(list) : undefined;
    const writer = tableWriter<AnyMatrix>(matrixHolder, output!);
    let count = 0;
    await writing([writer], async () => {
      for await (const [key, value] of readTable(matrixHolder, input!, context)) {
        if (keys && keys.has(key) !== (include !== '')) continue;
        await writer.write(key, value);
        if (++count >= n && !keys) break;
      }
    });
    context.log(`Copied ${count} feature matrices.`);
    return keys ? exitCode(count) : 0;
  },
});

async function firstFields(name: string): Promise<Set<string>> {
  return new Set((await readLines(name)).map((line) => line.trim().split(/\s+/)[0]!));
}
