import { transformFeats } from '@jebena/features';
import { isReadSpecifier, matrixHolder, tokenHolder } from '@jebena/io-ark';
import { defineOptions, text } from '@jebena/options';
import { openTable, readObject } from '../io-ark/tables.js';
import { defineProgram } from '../program.js';
import { changeMatrices } from './matrix-program.js';

export const program = defineProgram({
  name: 'transform-feats',
  summary: 'Applies a linear or affine transform (LDA, fMLLR): one of all, of each utterance, or of each speaker.',
  usage: ['(<transform-rspecifier>|<transform-rxfilename>) <feats-rspecifier> <feats-wspecifier>'],
  options: defineOptions({ utt2spk: text('', 'Map from utterance to speaker (rspecifier)') }),
  args: [3, 3],
  run: async ([transforms, input, output], { utt2spk }, context) => {
    if (!isReadSpecifier(transforms!)) {
      const all = await readObject(matrixHolder, transforms!);
      return changeMatrices(input!, output!, (feats) => transformFeats(feats, all), context);
    }
    const table = openTable(matrixHolder, transforms!, context);
    const speakers = utt2spk ? openTable(tokenHolder, utt2spk, context) : undefined;
    return changeMatrices(
      input!,
      output!,
      async (feats, key) => {
        const speaker = speakers ? await speakers.get(key) : key;
        const found = speaker === undefined ? undefined : await table.get(speaker);
        if (found) return transformFeats(feats, found);
        return void context.warn(`No fMLLR transform available for utterance ${key}, producing no output`);
      },
      context,
    );
  },
});
