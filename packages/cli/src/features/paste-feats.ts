import { pasteFeats } from '@jebena/features';
import { type AnyMatrix, type Matrix, isReadSpecifier, matrixHolder } from '@jebena/io-ark';
import { atLeast, bool, defineOptions, int } from '@jebena/options';
import { openTable, readObject, writeObject } from '../io-ark/tables.js';
import { defineProgram } from '../program.js';
import { changeMatrices } from './matrix-program.js';

export const program = defineProgram({
  name: 'paste-feats',
  summary: 'Puts features side by side.',
  usage: [
    '<in-rspecifier1> <in-rspecifier2> [<in-rspecifier3> ...] <out-wspecifier>',
    '<in-rxfilename1> <in-rxfilename2> [<in-rxfilename3> ...] <out-wxfilename>',
  ],
  options: defineOptions({
    lengthTolerance: int(0, 'Frames by which lengths may differ; all are then cut to the shortest', atLeast(0)),
    binary: bool(true, 'Write in binary (only for files)'),
  }),
  args: [3, Infinity],
  run: async (args, { lengthTolerance, binary }, context) => {
    const [first, ...others] = args.slice(0, -1);
    const output = args.at(-1)!;
    if (!isReadSpecifier(first!)) {
      const parts: Matrix[] = [];
      for (const name of [first!, ...others]) parts.push(await readObject(matrixHolder, name));
      await writeObject<AnyMatrix>(matrixHolder, output, pasteFeats(parts, lengthTolerance), binary);
      context.log(`Wrote appended features to ${output}`);
      return 0;
    }
    const tables = others.map((other) => openTable(matrixHolder, other, context));
    const paste = async (feats: Matrix, key: string): Promise<Matrix | undefined> => {
      const parts = [feats];
      for (const [i, table] of tables.entries()) {
        const part = await table.get(key);
        if (!part) return void context.warn(`Missing utt ${key} from input ${others[i]}`);
        parts.push(part);
      }
      return pasteFeats(parts, lengthTolerance);
    };
    try {
      return await changeMatrices(first!, output, paste, context);
    } finally {
      for (const table of tables) await table.close();
    }
  },
});
