import { join } from 'node:path';
import { doubleMatrixHolder, KaldiOutput } from '@jebena/io-ark';
import { AcousticModel, type Network } from '@jebena/graph';
import { writeFst, writeSymbols } from '@jebena/wfst';
import { fbankOptions } from './features.js';
import type { Language } from './language.js';
import { flagName } from '@jebena/options';
import { cmvnOptions, type Normaliser } from './normalise.js';
import { writeWhole } from './run-state.js';

/**
 * What `jebena recognise` needs, in Kaldi's own files: final.mdl, tree, HCLG.fst, words.txt, phones.txt,
 * align_lexicon.int, fbank.conf, recogniser.conf, and for normalised features online_cmvn.conf and global_cmvn.stats.
 */
export function saveModel(
  folder: string,
  network: Network,
  { transitionModel, tree, graph, symbols, acousticScale, frameSubsamplingFactor }: Language,
  priors: Float32Array | undefined,
  normaliser: Normaliser | undefined,
): void {
  const treeOutput = new KaldiOutput({ binary: true });
  tree.write(treeOutput);
  writeWhole(
    join(folder, 'final.mdl'),
    new AcousticModel(transitionModel, network, priors ?? new Float32Array(0)).toBytes(),
  );
  writeWhole(join(folder, 'tree'), treeOutput.bytes());
  writeWhole(join(folder, 'HCLG.fst'), writeFst(graph));
  writeWhole(join(folder, 'words.txt'), writeSymbols(symbols.words));
  writeWhole(join(folder, 'phones.txt'), writeSymbols(symbols.phones));
  writeWhole(join(folder, 'align_lexicon.int'), alignLexicon(symbols));
  writeWhole(join(folder, 'fbank.conf'), configFile(fbankOptions));
  const cmvn = { cmvnConfig: 'online_cmvn.conf', globalCmvnStats: 'global_cmvn.stats' };
  const options = { featureType: 'fbank', ...(normaliser && cmvn), acousticScale, frameSubsamplingFactor };
  writeWhole(join(folder, 'recogniser.conf'), configFile(options));
  if (!normaliser) return;
  writeWhole(join(folder, cmvn.cmvnConfig), configFile(cmvnOptions));
  const stats = new KaldiOutput({ binary: true });
  doubleMatrixHolder.write(stats, normaliser.globalStats);
  writeWhole(join(folder, cmvn.globalCmvnStats), stats.bytes());
}

/** How words are made of phones, by number, as lattice-align-words-lexicon takes it: gives words their exact times. */
const alignLexicon = ({ lexicon, words, phones, silencePhones }: Language['symbols']): string =>
  [
    ...silencePhones.map((phone) => `0 0 ${phone}`),
    ...lexicon.entries.map((e) =>
      [words.label(e.word), words.label(e.word), ...e.phones.map((phone) => phones.label(phone))].join(' '),
    ),
  ]
    .map((line) => `${line}\n`)
    .join('');

/** Options as Kaldi's config files hold them. */
const configFile = (options: Readonly<Record<string, unknown>>): string =>
  Object.entries(options)
    .map(([name, value]) => `--${flagName(name)}=${value}\n`)
    .join('');
