import { composeContext } from '@jebena/hmm';
import { bool, defineOptions, int, text } from '@jebena/options';
import { connect, fstHolder } from '@jebena/wfst';
import { readObject, writeObject } from '../io-ark/tables.js';
import { defineProgram } from '../program.js';
import { labelInfoHolder } from './label-info.js';
import { readInts } from './objects.js';
import { writeText } from './write-text.js';

export const program = defineProgram({
  name: 'fstcomposecontext',
  summary: 'Composes on the left with a context transducer that is made as it is needed.',
  usage: ['<ilabels-output-file> [<LG-fst> [<CLG-fst>]]'],
  options: defineOptions({
    contextSize: int(3, 'Size of phone context window'),
    centralPosition: int(1, 'Designated central position in context window'),
    readDisambigSyms: text('', 'File of disambiguation symbols on the input of the transducer'),
    writeDisambigSyms: text('', 'File to write the disambiguation symbols on the input of the result to'),
    binary: bool(true, 'If true, output ilabels-output-file in binary format'),
  }),
  args: [1, 3],
  run: async ([labelsFile, input = '-', output = '-'], options) => {
    const { contextSize: contextWidth, centralPosition, readDisambigSyms, writeDisambigSyms, binary } = options;
    const disambig = new Set(await readInts(readDisambigSyms));
    const { fst, labels } = composeContext(await readObject(fstHolder, input), {
      contextWidth,
      centralPosition,
      disambig,
    });
    await writeObject(
      labelInfoHolder,
      labelsFile!,
      labels.map((label) => [...label]),
      binary,
    );
    const marks = [...labels.keys()].filter((id) => labels[id]!.length === 1 && labels[id]![0]! <= 0);
    if (writeDisambigSyms) await writeText(writeDisambigSyms, marks.map((id) => `${id}\n`).join(''));
    await writeObject(fstHolder, output, connect(fst), true);
  },
});
