import { type AnyMatrix, MatrixSum, addTables, isReadSpecifier, isWriteSpecifier, matrixHolder } from '@jebena/io-ark';
import { type OptionValues, UsageError, bool, defineOptions, float } from '@jebena/options';
import { type ProgramContext, defineProgram } from '../program.js';
import { openTable, readObject, readTable, writeItems, writeObject } from './tables.js';

const options = defineOptions({
  scale1: float(1, 'Scale applied to the first matrix (only when tables give a table)'),
  scale2: float(1, 'Scale applied to the second matrix (only when tables give a table)'),
  average: bool(false, 'Average instead of summing (not when one table gives one matrix)'),
  binary: bool(true, 'If true, write output as binary (only relevant for files)'),
});
type Options = OptionValues<typeof options>;

export const program = defineProgram({
  name: 'matrix-sum',
  summary: 'Adds matrices: tables key by key, the matrices of one table, or files.',
  usage: [
    '<matrix-in-rspecifier1> [<matrix-in-rspecifier2> ...] <matrix-out-wspecifier>',
    '<matrix-in-rspecifier> <matrix-out-wxfilename>',
    '<matrix-in-rxfilename1> <matrix-in-rxfilename2> ... <matrix-out-wxfilename>',
  ],
  options,
  args: [2, Infinity],
  run: async (args, given, context) => {
    const inputs = args.slice(0, -1);
    const output = args.at(-1)!;
    if (isWriteSpecifier(output)) return sumTables(inputs, output, given, context);
    if (given.scale1 !== 1 || given.scale2 !== 1)
      throw new UsageError('--scale1 and --scale2 are for output to a table');
    if (inputs.length === 1 && isReadSpecifier(inputs[0]!)) return sumTable(inputs[0]!, output, given, context);
    if (inputs.some(isReadSpecifier)) throw new UsageError('expected all inputs to be files, found a table');
    const sum = new MatrixSum();
    for (const input of inputs) sum.add(await readObject(matrixHolder, input), input);
    await writeSum(sum, output, given.average ? 1 / inputs.length : 1, given);
    return context.log(`Summed ${inputs.length} matrices; wrote sum to ${output}`);
  },
});

async function sumTables(inputs: readonly string[], output: string, given: Options, context: ProgramContext) {
  const [first, ...others] = inputs;
  const tables = others.map((input) => openTable(matrixHolder, input, context));
  const scales = given.average ? inputs.map(() => 1 / inputs.length) : [given.scale1, given.scale2];
  let missing = 0;
  const onSkip = (error: Error): void => {
    missing++;
    context.warn(error.message);
  };
  try {
    const sums = addTables(tables, { scales, onSkip })(readTable(matrixHolder, first!, context));
    const count = await writeItems<AnyMatrix>([matrixHolder, output], sums);
    context.log(`Produced output for ${count} utterances; ${missing} total missing matrices`);
    return count !== 0 && missing < count - missing ? 0 : 1;
  } finally {
    for (const table of tables) await table.close();
  }
}

async function sumTable(input: string, output: string, given: Options, context: ProgramContext) {
  if (given.average) throw new UsageError('--average cannot be had when one table gives one matrix');
  const sum = new MatrixSum();
  let [count, errors] = [0, 0];
  for await (const [key, m] of readTable(matrixHolder, input, context)) {
    try {
      sum.add(m, key);
      count++;
    } catch (error) {
      errors++;
      context.warn((error as Error).message);
    }
  }
  await writeSum(sum, output, 1, given);
  context.log(`Summed ${count} matrices, ${errors} with errors; wrote sum to ${output}`);
  return errors < count ? 0 : 1;
}

async function writeSum(sum: MatrixSum, output: string, scale: number, { binary }: Options): Promise<void> {
  const result = sum.result(scale);
  if (!result) throw new UsageError('expected a matrix to sum, found none');
  await writeObject<AnyMatrix>(matrixHolder, output, result, binary);
}
