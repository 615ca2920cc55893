import { alignmentToPhoneRuns } from '@jebena/hmm';
import { int32VectorHolder } from '@jebena/io-ark';
import { defineOptions } from '@jebena/options';
import { exitCode, readObject, readTable } from '../io-ark/tables.js';
import { defineProgram } from '../program.js';
import { readSymbolTable, transitionModelHolder } from './objects.js';
import { writeText } from './write-text.js';

export const program = defineProgram({
  name: 'show-alignments',
  summary: 'Prints alignments with their phones, for people to read.',
  usage: ['<phones-symbol-table> <model> <alignments-rspecifier>'],
  options: defineOptions({}),
  args: [3, 3],
  run: async ([phonesFile, modelFile, input], _, context) => {
    const phones = await readSymbolTable(phonesFile!);
    const model = await readObject(transitionModelHolder, modelFile!);
    const lines: string[] = [];
    let count = 0;
    for await (const [key, alignment] of readTable(int32VectorHolder, input!, context)) {
      const runs = alignmentToPhoneRuns(model, alignment);
      const ids = runs.map(({ start, length }) => `[ ${alignment.subarray(start, start + length).join(' ')} ]`);
      // Phones stand under their first transition ids.
      const names = runs.map(({ phone }, i) => (phones.symbol(phone) ?? String(phone)).padEnd(ids[i]!.length));
      lines.push(`${key}  ${ids.join(' ')} \n${key}  ${names.join(' ')} \n\n`);
      count++;
    }
    await writeText('-', lines.join(''));
    return exitCode(count);
  },
});
