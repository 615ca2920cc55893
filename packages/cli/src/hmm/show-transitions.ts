import { formatTransitions } from '@jebena/hmm';
import { vectorHolder } from '@jebena/io-ark';
import { defineOptions } from '@jebena/options';
import { readObject } from '../io-ark/tables.js';
import { defineProgram } from '../program.js';
import { readSymbolTable, transitionModelHolder } from './objects.js';
import { writeText } from './write-text.js';

export const program = defineProgram({
  name: 'show-transitions',
  summary: 'Prints the transition states and ids of a model, with counts of pdfs if given.',
  usage: ['<phones-symbol-table> <model> [<occs-file>]'],
  options: defineOptions({}),
  args: [2, 3],
  run: async ([phonesFile, modelFile, occsFile]) => {
    const phones = await readSymbolTable(phonesFile!);
    const model = await readObject(transitionModelHolder, modelFile!);
    const counts = occsFile ? await readObject(vectorHolder, occsFile) : undefined;
    await writeText(
      '-',
      formatTransitions(model, (phone) => phones.symbol(phone) ?? String(phone), counts),
    );
  },
});
