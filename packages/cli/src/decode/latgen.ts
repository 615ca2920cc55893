import { type Decoded, LatticeDecoder, latticeDecoderOptions, SearchGraph } from '@jebena/decode';
import type { TransitionModel } from '@jebena/hmm';
import { formatFloat, int32VectorHolder, isReadSpecifier, type Matrix } from '@jebena/io-ark';
import { bool, defineOptions, float, type OptionValues, text } from '@jebena/options';
import type { Item } from '@jebena/stream';
import { compactLatticeHolder, type Fst, fstHolder, latticeHolder } from '@jebena/wfst';
import { exitCode, openTable, readObject, tableWriter, writing } from '../io-ark/tables.js';
import { readSymbolTable } from '../hmm/objects.js';
import type { ProgramContext } from '../program.js';

/** Options of all programs that decode to lattices. */
export const latgenOptions = defineOptions({
  ...latticeDecoderOptions,
  determinizeLattice: bool(
    true,
    'If true, determinize the lattice (keeping only the best pdf-sequence for each word-sequence)',
  ),
  wordDeterminize: bool(true, 'Kaldi can leave out the pass over words; here it is always made'),
  minimize: bool(false, 'Kaldi pushes and minimizes here; paths are the same either way'),
  hashRatio: float(2, "Kaldi's decoder hashes states; ours does not"),
  wordSymbolTable: text('', 'Symbol table for words [for debug output]'),
});

export interface LatgenFiles {
  /** A graph, or a table of one graph for each utterance. */
  readonly graph: string;
  readonly lattices: string;
  readonly words?: string | undefined;
  readonly alignments?: string | undefined;
}

/** Decodes a stream of scores, writes what is asked for and logs as Kaldi's programs do. Returns the exit code. */
export async function latgen(
  scores: AsyncIterable<Item<Matrix>>,
  model: TransitionModel,
  files: LatgenFiles,
  options: OptionValues<typeof latgenOptions>,
  context: ProgramContext,
): Promise<number> {
  const { determinizeLattice, wordDeterminize: _w, minimize: _m, hashRatio: _h, wordSymbolTable, ...search } = options;
  const symbols = wordSymbolTable ? await readSymbolTable(wordSymbolTable) : undefined;
  const { get, close } = await decoders(files.graph, model, search, context);
  const lattices = tableWriter(determinizeLattice ? compactLatticeHolder : latticeHolder, files.lattices);
  const words = files.words ? tableWriter(int32VectorHolder, files.words) : undefined;
  const alignments = files.alignments ? tableWriter(int32VectorHolder, files.alignments) : undefined;
  let [done, failed, frames, like] = [0, 0, 0, 0];
  const write = async (key: string, decoded: Decoded): Promise<void> => {
    const { best, lattice, raw, reachedFinal, latticeBeam, numFrames, logLikePerFrame } = decoded;
    if (!reachedFinal) context.warn(`Outputting partial output for utterance ${key} since no final-state reached`);
    if (latticeBeam < options.latticeBeam)
      context.warn(
        `Did not reach the lattice beam ${options.latticeBeam} in determinization of ${key} within --max-mem=${options.maxMem}: effective beam was ${formatFloat(latticeBeam, 6)}`,
      );
    await lattices.write(key, determinizeLattice ? lattice : raw);
    await words?.write(key, best.words);
    await alignments?.write(key, best.alignment);
    if (symbols) process.stderr.write(`${key} ${Array.from(best.words, (w) => symbols.symbol(w) ?? w).join(' ')} \n`);
    context.log(
      `Log-like per frame for utterance ${key} is ${formatFloat(logLikePerFrame, 6)} over ${numFrames} frames.`,
    );
    frames += numFrames;
    like += logLikePerFrame * numFrames;
  };
  await writing([lattices, words, alignments], async () => {
    for await (const [key, loglikes] of scores)
      try {
        const decoded = (await get(key)).decode(loglikes);
        if (!decoded) throw new Error('no path to a final state; not producing output');
        await write(key, decoded);
        done++;
      } catch (error) {
        if (context.signal.aborted) throw error;
        context.warn(`Failed to decode utterance ${key}: ${(error as Error).message}`);
        failed++;
      }
  });
  await close();
  context.log(`Done ${done} utterances, failed for ${failed}`);
  if (frames > 0)
    context.log(`Overall log-likelihood per frame is ${formatFloat(like / frames, 6)} over ${frames} frames.`);
  return exitCode(done);
}

/** One decoder for all utterances, or a new one for each where each has its graph. */
async function decoders(
  graph: string,
  model: TransitionModel,
  options: OptionValues<typeof latticeDecoderOptions>,
  context: ProgramContext,
): Promise<{ get: (key: string) => Promise<LatticeDecoder>; close: () => Promise<void> }> {
  const make = (fst: Fst): LatticeDecoder => new LatticeDecoder(new SearchGraph(fst, model.tidToPdf), model, options);
  if (!isReadSpecifier(graph)) {
    const decoder = make(await readObject(fstHolder, graph));
    return { get: async () => decoder, close: async () => undefined };
  }
  const graphs = openTable(fstHolder, graph, context);
  const get = async (key: string): Promise<LatticeDecoder> => {
    const fst = await graphs.get(key);
    if (!fst) throw new Error('no graph for it');
    return make(fst);
  };
  return { get, close: () => graphs.close() };
}
