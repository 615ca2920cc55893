import { nnetExampleHolder, renameOutput, scaleTargets, selectFrames, shiftTimes } from '@jebena/egs';
import { text } from '@jebena/options';
import { defineProgram } from '../program.js';
import { copyEgs, copyOptions } from './copy-egs.js';

const wholeNumber = (value: string): string | undefined =>
  value === '' || value === 'random' || /^-?\d+$/.test(value) ? undefined : "expected a whole number or 'random'";

export const program = defineProgram({
  name: 'nnet3-copy-egs',
  summary: 'Copies examples to one or more archives, whole or in part.',
  usage: ['<egs-rspecifier> <egs-wspecifier1> [<egs-wspecifier2> ...]'],
  options: {
    ...copyOptions,
    frame: text('', "Keep one frame of each eg's output: its time, or 'random'", wholeNumber),
  },
  args: [2, Infinity],
  run: async (args, given, context) => {
    const frame = given.frame === '' ? undefined : given.frame === 'random' ? 'random' : Number(given.frame);
    const { leftContext, rightContext, frameShift } = given;
    const whole = frame === undefined && leftContext < 0 && rightContext < 0;
    return copyEgs(
      {
        holder: nnetExampleHolder,
        scale: scaleTargets,
        rename: renameOutput,
        edit: (example, random) => {
          const part = whole ? example : selectFrames(example, { frame, leftContext, rightContext }, random);
          return part && frameShift !== 0 ? shiftTimes(part, frameShift) : part;
        },
      },
      args,
      given,
      context,
    );
  },
});
