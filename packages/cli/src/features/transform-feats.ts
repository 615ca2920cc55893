import { transformFeats } from '@jebena/features';
import { type Matrix, isReadSpecifier, matrixHolder } from '@jebena/io-ark';
import { defineOptions, text } from '@jebena/options';
import { readObject } from '../io-ark/tables.js';
import { defineProgram } from '../program.js';
import { mappedTable } from './mapped-table.js';
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
    const table = mappedTable(matrixHolder, transforms!, utt2spk, context);
    const change = async (feats: Matrix, key: string): Promise<Matrix | undefined> => {
      const found = await table.get(key);
      if (found) return transformFeats(feats, found);
      return void context.warn(`No fMLLR transform available for utterance ${key}, producing no output`);
    };
    try {
      return await changeMatrices(input!, output!, change, context);
    } finally {
      await table.close();
    }
  },
});
