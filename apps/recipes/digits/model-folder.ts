import { join } from 'node:path';
import { KaldiOutput } from '@jebena/io-ark';
import type { Network } from '@jebena/graph';
import { writeFst, writeSymbols } from '@jebena/wfst';
import { fbankOptions } from './features.js';
import type { Language } from './language.js';
import { flagName } from '@jebena/options';
import { writeWhole } from './run-state.js';

/** What `jebena recognise` needs, in Kaldi's own files: final.mdl, tree, HCLG.fst, words.txt, phones.txt, fbank.conf. */
export function saveModel(
  folder: string,
  network: Network,
  { transitionModel, tree, graph, symbols }: Language,
  priors: Float32Array,
): void {
  const model = new KaldiOutput({ binary: true });
  transitionModel.write(model);
  network.write(model);
  model.writeToken('<LeftContext>');
  model.writeInt32(network.leftContext);
  model.writeToken('<RightContext>');
  model.writeInt32(network.rightContext);
  model.writeToken('<Priors>');
  model.writeVector(priors);
  const treeOutput = new KaldiOutput({ binary: true });
  tree.write(treeOutput);
  writeWhole(join(folder, 'final.mdl'), model.bytes());
  writeWhole(join(folder, 'tree'), treeOutput.bytes());
  writeWhole(join(folder, 'HCLG.fst'), writeFst(graph));
  writeWhole(join(folder, 'words.txt'), writeSymbols(symbols.words));
  writeWhole(join(folder, 'phones.txt'), writeSymbols(symbols.phones));
  const flags = Object.entries(fbankOptions).map(([name, value]) => `--${flagName(name)}=${value}\n`);
  writeWhole(join(folder, 'fbank.conf'), flags.join(''));
}
