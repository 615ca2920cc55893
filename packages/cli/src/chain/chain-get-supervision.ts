import {
  alignmentToProtoSupervision,
  phoneLatticeToProtoSupervision,
  type ProtoSupervision,
  protoToSupervision,
  type Supervision,
  supervisionHolder,
  supervisionOptions,
} from '@jebena/chain';
import { int32PairVectorHolder } from '@jebena/io-ark';
import { bool, defineOptions } from '@jebena/options';
import { compactLatticeHolder } from '@jebena/wfst';
import { transitionModelHolder, treeHolder } from '../hmm/objects.js';
import { readObject, readTable, tableWriter, writing } from '../io-ark/tables.js';
import { defineProgram, type Program } from '../program.js';

const options = defineOptions({
  ...supervisionOptions,
  latticeInput: bool(false, 'Expect phone lattices as input, not alignments'),
});

/** Makes supervision of whole utterances, as Kaldi's program of this name does. */
export const program: Program<typeof options> = defineProgram({
  name: 'chain-get-supervision',
  summary:
    'Makes supervision of phones with lengths (ali-to-phones --write-lengths) or of phone lattices (lattice-align-phones).',
  usage: [
    '<tree> <transition-model> <phones-with-lengths-rspecifier|phone-lattice-rspecifier> <supervision-wspecifier>',
  ],
  options,
  args: [4, 4],
  run: async ([treeFile, modelFile, input, output], { latticeInput, ...settings }, context) => {
    const tree = await readObject(treeHolder, treeFile!);
    const model = await readObject(transitionModelHolder, modelFile!);
    const writer = tableWriter(supervisionHolder, output!);
    let [done, failed] = [0, 0];
    const make = async <V>(
      [key, value]: readonly [string, V],
      proto: (value: V, options: typeof settings) => ProtoSupervision,
    ): Promise<void> => {
      let supervision: Supervision;
      try {
        supervision = protoToSupervision(tree, model, proto(value, settings), settings);
      } catch (error) {
        context.warn(`${key}: ${(error as Error).message}`);
        failed++;
        return;
      }
      await writer.write(key, supervision);
      done++;
    };
    await writing([writer], async () => {
      if (latticeInput)
        for await (const item of readTable(compactLatticeHolder, input!, context))
          await make(item, phoneLatticeToProtoSupervision);
      else
        for await (const item of readTable(int32PairVectorHolder, input!, context))
          await make(item, alignmentToProtoSupervision);
    });
    context.log(`Generated chain supervision information for ${done} utterances, errors on ${failed}`);
    return done > failed ? 0 : 1;
  },
});
