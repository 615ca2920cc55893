import { type AnyMatrix, matrixHolder } from '@jebena/io-ark';
import { UsageError, defineOptions, float } from '@jebena/options';
import { defineProgram } from '../program.js';
import { readLines } from './lines.js';
import { exitCode, openTable, tableWriter, writing } from './tables.js';

export const program = defineProgram({
  name: 'extract-rows',
  summary: 'Cuts row ranges out of feature matrices, by row numbers or times in a segments file.',
  usage: ['<segments-file> <features-rspecifier> <features-wspecifier>'],
  options: defineOptions({
    frameShift: float(0, 'Frame shift in seconds, if the segments hold times instead of row numbers'),
  }),
  args: [3, 3],
  run: async ([segments, input, output], { frameShift }, context) => {
    const feats = openTable(matrixHolder, input!, context);
    const writer = tableWriter<AnyMatrix>(matrixHolder, output!);
    let [count, errors] = [0, 0];
    const skip = (why: string): void => {
      errors++;
      context.warn(why);
    };
    try {
      await writing([writer], async () => {
        for (const line of await readLines(segments!)) {
          const fields = line.trim().split(/\s+/);
          if (fields.length !== 4) {
            skip(`Invalid line in segments file: ${line}`);
            continue;
          }
          const [id, key, from, to] = fields as [string, string, string, string];
          const [start, end] = [rowOf(from, frameShift, line), rowOf(to, frameShift, line)];
          const m = await feats.get(key);
          if (start < 0 || end <= start) skip(`Invalid line in segments file [less than one frame]: ${line}`);
          else if (!m) skip(`No recording-id ${key} present in features.`);
          else if (m.rows <= start) skip(`Segment ${id} is outside of the ${m.rows} rows of ${key}`);
          else {
            if (m.rows < end) context.warn(`Truncating end of segment ${id} from ${end} to ${m.rows}`);
            const rows = Math.min(m.rows, end) - start;
            const data = m.data.slice(start * m.cols, (start + rows) * m.cols);
            await writer.write(id, { rows, cols: m.cols, data });
            count++;
          }
        }
      });
    } finally {
      await feats.close();
    }
    context.log(`Processed ${count} segments successfully; errors on ${errors}`);
    // Kaldi's program has these two the wrong way round.
    return exitCode(count);
  },
});

function rowOf(text: string, frameShift: number, line: string): number {
  const value = Number(text);
  if (Number.isNaN(value) || (frameShift <= 0 && !Number.isInteger(value)))
    throw new UsageError(`expected a ${frameShift > 0 ? 'time' : 'row number'}, found '${text}' in '${line}'`);
  return frameShift > 0 ? Math.trunc(value / Math.fround(frameShift)) : value;
}
