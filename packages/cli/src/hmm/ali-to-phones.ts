import { alignmentToPhoneRuns, alignmentToPhones, type PhoneRun } from '@jebena/hmm';
import { int32PairVectorHolder, int32VectorHolder } from '@jebena/io-ark';
import { bool, defineOptions, float, UsageError } from '@jebena/options';
import { copyTable, exitCode, readObject, readTable } from '../io-ark/tables.js';
import { defineProgram } from '../program.js';
import { transitionModelHolder } from './objects.js';
import { writeText } from './write-text.js';

const options = defineOptions({
  perFrame: bool(false, 'If true, write out the frame-level phone alignment (else phone sequence)'),
  writeLengths: bool(false, 'If true, write the #frames for each phone (different format)'),
  ctmOutput: bool(false, 'If true, output the alignments in ctm format (the confidences are set to 1)'),
  frameShift: float(0.01, 'Frame shift used to control the times of the ctm output'),
});

export const program = defineProgram({
  name: 'ali-to-phones',
  summary: 'Converts alignments in transition ids to phones.',
  usage: ['<model> <alignments-rspecifier> <phones-wspecifier|ctm-wxfilename>'],
  options,
  args: [3, 3],
  run: async ([modelFile, input, output], { perFrame, writeLengths, ctmOutput, frameShift }, context) => {
    if (Number(perFrame) + Number(writeLengths) + Number(ctmOutput) > 1)
      throw new UsageError('expected one of --per-frame, --write-lengths and --ctm-output');
    const model = await readObject(transitionModelHolder, modelFile!);
    const runs = (alignment: Int32Array): PhoneRun[] => alignmentToPhoneRuns(model, alignment);
    let count = 0;
    if (ctmOutput) {
      const lines: string[] = [];
      for await (const [key, alignment] of readTable(int32VectorHolder, input!, context)) {
        for (const { phone, start, length } of runs(alignment))
          lines.push(`${key} 1 ${(start * frameShift).toFixed(3)} ${(length * frameShift).toFixed(3)} ${phone}\n`);
        count++;
      }
      await writeText(output!, lines.join(''));
    } else if (writeLengths) {
      const convert = (alignment: Int32Array): [number, number][] => runs(alignment).map((r) => [r.phone, r.length]);
      count = await copyTable([int32VectorHolder, input!], [int32PairVectorHolder, output!], convert, context);
    } else {
      const convert = (alignment: Int32Array): Int32Array =>
        perFrame ? alignmentToPhones(model, alignment) : Int32Array.from(runs(alignment), (r) => r.phone);
      count = await copyTable([int32VectorHolder, input!], [int32VectorHolder, output!], convert, context);
    }
    context.log(`Done ${count} utterances.`);
    return exitCode(count);
  },
});
