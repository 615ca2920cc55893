import { join } from 'node:path';
import { KaldiOutput } from '@jebena/io-ark';
import { AcousticModel, type Network } from '@jebena/graph';
import { writeFst, writeSymbols } from '@jebena/wfst';
import { fbankOptions } from './features.js';
import type { Language } from './language.js';
import { flagName } from '@jebena/options';
import { writeWhole } from './run-state.js';

/**
 * What `jebena recognise` needs, in Kaldi's own files: final.mdl, tree, HCLG.fst, words.txt, phones.txt,
 * align_lexicon.int, fbank.conf, recogniser.conf.
 */
export function saveModel(
  folder: string,
  network: Network,
  { transitionModel, tree, graph, symbols, acousticScale, frameSubsamplingFactor }: Language,
  priors: Float32Array | undefined,
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
  writeWhole(
    join(folder, 'recogniser.conf'),
    configFile({ featureType: 'fbank', acousticScale, frameSubsamplingFactor }),
  );
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
