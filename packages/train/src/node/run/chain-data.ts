import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { alignPhones } from '@jebena/decode';
import { type Numerator, numerators } from '@jebena/egs';
import { TransitionModel } from '@jebena/hmm';
import { KaldiInput, type RandomAccessTable } from '@jebena/io-ark';
import { openTable, readTable, tableWriter } from '@jebena/io-ark/node';
import { atLeast, bool, defineOptions, float, int, UsageError, within } from '@jebena/options';
import { type CompactLattice, compactLatticeHolder } from '@jebena/wfst';
import type { ChainModel } from './chain-graphs.js';
import type { RunFolder } from './folder.js';
import { need } from './need.js';
import { optionWords } from './option-words.js';
import type { TrainRunOptions } from './options.js';

/** Options of steps/nnet3/chain/get_egs.sh that are heard. */
export const chainEgsOptions = defineOptions({
  numUttsSubset: int(0, 'Utterances that are held out; 0: as --egs.num-utts-subset says', atLeast(0)),
  framesOverlapPerEg: int(0, 'Frames by which neighbouring chunks overlap', atLeast(0)),
  constrained: bool(true, 'Keep phones to the times of the lattices within chunks, too'),
  latticeLmScale: float(0, 'How much of the costs of lattices goes into the numerators', within(0, 0.999)),
});

export interface ChainData {
  readonly keys: readonly string[];
  readonly targets: { get(key: string): Promise<Numerator | undefined> | Numerator | undefined };
  close(): Promise<void>;
}

/**
 * Numerators of lattices, by utterance. Lattices come from compressed files, in which nothing can be looked up: they are
 * kept, as lattices of phones, in a table of the run's folder until the examples are made.
 *
 * @throws UsageError where files are missing, KaldiIoError
 */
export async function chainData(
  folder: RunFolder,
  { tree, transitions, normalization }: ChainModel,
  options: TrainRunOptions,
  warn: (line: string) => void,
  signal: AbortSignal,
): Promise<ChainData> {
  const { latDir } = options;
  const { constrained, latticeLmScale } = optionWords('--egs.opts', chainEgsOptions, options['egs.opts']);
  const modelPath = need(join(need(latDir, 'a folder of lattices'), 'final.mdl'), 'the model of the lattices');
  const model = TransitionModel.read(new KaldiInput(readFileSync(modelPath), { path: modelPath }));
  const files = readdirSync(latDir)
    .filter((name) => /^lat\.\d+\.gz$/.test(name))
    .sort((a, b) => Number(a.split('.')[1]) - Number(b.split('.')[1]));
  if (files.length === 0) throw new UsageError(`${latDir}: expected lattices lat.1.gz, ..., found none`);
  mkdirSync(folder.at('egs'), { recursive: true });
  const [ark, scp] = [folder.at('egs', 'phones.ark'), folder.at('egs', 'phones.scp')];
  const keys: string[] = [];
  const writer = tableWriter<CompactLattice>(compactLatticeHolder, `ark,scp:${ark},${scp}`);
  await writer.open();
  try {
    for (const name of files)
      for await (const [key, lattice] of readTable(compactLatticeHolder, `ark:${join(latDir, name)}`, { signal })) {
        const aligned = alignPhones(lattice, model, { replaceLabels: true });
        if (aligned.problem) warn(`lattice of ${key}: ${aligned.problem}`);
        await writer.write(key, aligned.lattice);
        keys.push(key);
      }
    await writer.close();
  } catch (error) {
    await writer.abort();
    throw error;
  }
  const lattices: RandomAccessTable<CompactLattice> = openTable(compactLatticeHolder, `scp:${scp}`);
  const scale = 1 - latticeLmScale;
  const targets = numerators(lattices, {
    tree,
    transitionModel: transitions,
    normalization:
      scale === 1
        ? normalization
        : normalization.with({
            weight: normalization.weight.map((w) => w * scale),
            final: normalization.final.map((w) => w * scale),
          }),
    unconstrained: !constrained,
    lmScale: latticeLmScale,
    frameSubsamplingFactor: options['chain.alignmentSubsamplingFactor'],
    leftTolerance: options['chain.leftTolerance'],
    rightTolerance: options['chain.rightTolerance'],
  });
  return { keys, targets: targets as ChainData['targets'], close: () => lattices.close() };
}
