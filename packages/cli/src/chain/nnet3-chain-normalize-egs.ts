import { normalizeSupervision } from '@jebena/chain';
import { type NnetChainExample, nnetChainExampleHolder, type NnetChainSupervision } from '@jebena/egs';
import { defineOptions } from '@jebena/options';
import { readTable, tableWriter, writing } from '../io-ark/tables.js';
import { defineProgram, type Program } from '../program.js';
import { normalizationFstScale, readNormalization } from './normalization.js';

const options = defineOptions({ normalizationFstScale });

/** Weighs the numerators of chain examples by the normalization graph, as Kaldi's program of this name does. */
export const program: Program<typeof options> = defineProgram({
  name: 'nnet3-chain-normalize-egs',
  summary: 'Composes the supervision of chain examples with the normalization graph.',
  usage: ['<normalization-fst> <chain-egs-rspecifier> <chain-egs-wspecifier>'],
  options,
  args: [3, 3],
  run: async ([graph, egsIn, egsOut], given, context) => {
    const normalization = await readNormalization(graph!, given.normalizationFstScale);
    const writer = tableWriter<NnetChainExample>(nnetChainExampleHolder, egsOut!);
    let [written, failed] = [0, 0];
    await writing([writer], async () => {
      for await (const [key, example] of readTable(nnetChainExampleHolder, egsIn!, context)) {
        const outputs: NnetChainSupervision[] = [];
        for (const output of example.outputs) {
          const supervision = normalizeSupervision(normalization, output.supervision);
          if (supervision) outputs.push({ ...output, supervision });
        }
        if (outputs.length < example.outputs.length) {
          context.warn(`${key}: the normalization graph has no path of its supervision: left out`);
          failed++;
        } else {
          await writer.write(key, { ...example, outputs });
          written++;
        }
      }
    });
    context.log(`Normalized ${written} examples, left out ${failed}`);
    return written > 0 ? 0 : 1;
  },
});
