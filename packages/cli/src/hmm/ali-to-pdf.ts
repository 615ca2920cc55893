import { alignmentToPdfs } from '@jebena/hmm';
import { int32VectorHolder } from '@jebena/io-ark';
import { defineOptions } from '@jebena/options';
import { copyTable, exitCode, readObject } from '../io-ark/tables.js';
import { defineProgram } from '../program.js';
import { transitionModelHolder } from './objects.js';

export const program = defineProgram({
  name: 'ali-to-pdf',
  summary: 'Converts alignments in transition ids to pdfs.',
  usage: ['<model> <alignments-rspecifier> <pdfs-wspecifier>'],
  options: defineOptions({}),
  args: [3, 3],
  run: async ([modelFile, input, output], _, context) => {
    const model = await readObject(transitionModelHolder, modelFile!);
    const convert = (alignment: Int32Array): Int32Array => alignmentToPdfs(model, alignment);
    const count = await copyTable([int32VectorHolder, input!], [int32VectorHolder, output!], convert, context);
    context.log(`Converted ${count} alignments to pdf sequences.`);
    return exitCode(count);
  },
});
