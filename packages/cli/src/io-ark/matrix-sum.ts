import { type AnyMatrix, type Matrix, isReadSpecifier, isWriteSpecifier, matrixHolder } from '@jebena/io-ark';
import { UsageError, bool, defineOptions, float, type OptionValues } from '@jebena/options';
import { defineProgram, type ProgramContext } from '../program.js';
import { openTable, readObject, readTable, tableWriter, writeObject, writing } from './tables.js';

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
    return sumFiles(inputs, output, given, context);
  },
});

const sameSize = (a: Matrix<any>, b: Matrix<any>): boolean => a.rows === b.rows && a.cols === b.cols;

async function sumTables(inputs: readonly string[], output: string, given: Options, context: ProgramContext) {
  const [first, ...others] = inputs;
  const tables = others.map((input) => openTable(matrixHolder, input, context));
  const writer = tableWriter<AnyMatrix>(matrixHolder, output);
  const scales = inputs.map((_, i) =>
    given.average ? 1 / inputs.length : i === 0 ? given.scale1 : i === 1 ? given.scale2 : 1,
  );
  let [count, total, missing] = [0, 0, 0];
  try {
    await writing([writer], async () => {
      for await (const [key, m] of readTable(matrixHolder, first!, context)) {
        const sum = { ...m, data: m.data.map((v) => v * scales[0]!) };
        total++;
        for (const [i, table] of tables.entries()) {
          const other = await table.get(key);
          if (!other) {
            missing++;
            context.warn(`No matrix found for utterance ${key} in ${others[i]}`);
            continue;
          }
          total++;
          if (sameSize(sum, other)) other.data.forEach((v, j) => (sum.data[j]! += Math.fround(scales[i + 1]! * v)));
          else context.warn(`Dimension mismatch for utterance ${key} between ${first} and ${others[i]}`);
        }
        await writer.write(key, sum);
        count++;
      }
    });
  } finally {
    for (const table of tables) await table.close();
  }
  context.log(`Processed ${count} utterances: with a total of ${total} matrices across ${inputs.length} systems`);
  context.log(`Produced output for ${count} utterances; ${missing} total missing matrices`);
  return count !== 0 && missing < count - missing ? 0 : 1;
}

async function sumTable(input: string, output: string, { average, binary }: Options, context: ProgramContext) {
  if (average) throw new UsageError('--average cannot be had when one table gives one matrix');
  let sum: Matrix<Float64Array> | undefined;
  let [count, errors] = [0, 0];
  for await (const [key, m] of readTable(matrixHolder, input, context)) {
    if (m.rows > 0) sum ??= { rows: m.rows, cols: m.cols, data: new Float64Array(m.data.length) };
    if (sum && sameSize(sum, m)) {
      for (let i = 0; i < m.data.length; i++) sum.data[i]! += m.data[i]!;
      count++;
    } else {
      errors++;
      context.warn(`Dimension mismatch for key ${key}: ${m.rows} by ${m.cols}`);
    }
  }
  if (!sum) throw new UsageError(`${input}: expected a matrix to sum, found none`);
  await writeObject<AnyMatrix>(matrixHolder, output, { ...sum, data: Float32Array.from(sum.data) }, binary);
  context.log(`Summed ${count} matrices, ${errors} with errors; wrote sum to ${output}`);
  return count > 0 && errors < count ? 0 : 1;
}

async function sumFiles(
  inputs: readonly string[],
  output: string,
  { average, binary }: Options,
  context: ProgramContext,
) {
  let sum: Matrix | undefined;
  for (const input of inputs) {
    const m = await readObject(matrixHolder, input);
    if (!sum) sum = m;
    else if (sameSize(sum, m)) for (let i = 0; i < m.data.length; i++) sum.data[i]! += m.data[i]!;
    // Kaldi pads with zeros and then fails on the sum; a sum of unlike matrices has no meaning.
    else throw new UsageError(`${input}: expected ${sum.rows} by ${sum.cols}, found ${m.rows} by ${m.cols}`);
  }
  const data = average ? sum!.data.map((v) => v / inputs.length) : sum!.data;
  await writeObject<AnyMatrix>(matrixHolder, output, { ...sum!, data }, binary);
  context.log(`Summed ${inputs.length} matrices; wrote sum to ${output}`);
  return 0;
}
