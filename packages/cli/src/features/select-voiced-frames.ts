import { selectVoiced } from '@jebena/features';
import { vectorHolder } from '@jebena/io-ark';
import { defineOptions } from '@jebena/options';
import { openTable } from '../io-ark/tables.js';
import { defineProgram } from '../program.js';
import { changeMatrices, unlessEmpty } from './matrix-program.js';

export const program = defineProgram({
  name: 'select-voiced-frames',
  summary: 'Leaves out the frames that compute-vad found to be without voice.',
  usage: ['<feats-rspecifier> <vad-rspecifier> <feats-wspecifier>'],
  options: defineOptions({}),
  args: [3, 3],
  run: async ([input, vad, output], _, context) => {
    const decisions = openTable(vectorHolder, vad!, context);
    try {
      return await changeMatrices(
        input!,
        output!,
        async (feats, key) => {
          if (!unlessEmpty(feats, key, context)) return undefined;
          const voiced = await decisions.get(key);
          if (!voiced) return void context.warn(`Utterance ${key} has no decisions about voice`);
          if (voiced.some((v) => v !== 0)) return selectVoiced(feats, voiced);
          return void context.warn(`No frames were judged voiced for utterance ${key}`);
        },
        context,
      );
    } finally {
      await decisions.close();
    }
  },
});
