import { FeatureError } from '@jebena/features';
import { type AnyMatrix, type Matrix, matrixHolder } from '@jebena/io-ark';
import { exitCode, readTable, tableWriter, writing } from '../io-ark/tables.js';
import type { ProgramContext } from '../program.js';

/**
 * Reads matrices, writes what `change` makes of each, and tells how many it did. A matrix for which `change` gives
 * nothing, or that does not fit, is left out with a warning, as Kaldi's programs do.
 *
 * @returns the exit code: 0 where anything was done
 */
export async function changeMatrices(
  input: string,
  output: string,
  change: (feats: Matrix, key: string) => AnyMatrix | undefined | Promise<AnyMatrix | undefined>,
  context: ProgramContext,
): Promise<number> {
  const writer = tableWriter<AnyMatrix>(matrixHolder, output);
  let [done, errors] = [0, 0];
  const attempt = async (feats: Matrix, key: string): Promise<AnyMatrix | undefined> => {
    try {
      return await change(feats, key);
    } catch (error) {
      if (!(error instanceof FeatureError)) throw error;
      return void context.warn(`For utterance ${key}: ${error.message}; producing no output`);
    }
  };
  await writing([writer], async () => {
    for await (const [key, feats] of readTable(matrixHolder, input, context)) {
      const changed = await attempt(feats, key);
      if (changed) {
        await writer.write(key, changed);
        done++;
      } else errors++;
    }
  });
  context.log(`Processed ${done} utterances; ${errors} had errors.`);
  return exitCode(done);
}

/** The matrix, unless it is empty: then a warning and nothing. */
export function unlessEmpty(feats: Matrix, key: string, { warn }: ProgramContext): Matrix | undefined {
  if (feats.rows > 0) return feats;
  return void warn(`Empty feature matrix for key ${key}`);
}
