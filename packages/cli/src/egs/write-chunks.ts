import { Chunker, type EgsReport, type Example, type UtteranceExample } from '@jebena/egs';
import type { Holder } from '@jebena/io-ark';
import { tableWriter, writing } from '../io-ark/tables.js';
import type { ProgramContext } from '../program.js';

/** The options of nnet3-get-egs and nnet3-chain-get-egs that say how utterances are cut. */
export interface CutOptions {
  readonly numFrames: string;
  readonly leftContext: number;
  readonly rightContext: number;
  readonly leftContextInitial: number;
  readonly rightContextFinal: number;
  readonly numFramesOverlap: number;
  readonly frameSubsamplingFactor: number;
  readonly srand: number;
}

/** Cuts utterances to chunks, writes them as Kaldi's examples and tells of what was cut and left out. */
export async function writeChunks<E>(
  utterances: AsyncIterable<UtteranceExample>,
  options: CutOptions,
  { holder, output, convert }: { holder: Holder<E>; output: string; convert: (chunk: Example) => readonly [string, E] },
  report: EgsReport,
  context: ProgramContext,
): Promise<number> {
  const chunker = new Chunker({
    sizes: options.numFrames.split(',').map(Number),
    leftContext: options.leftContext,
    rightContext: options.rightContext,
    leftContextInitial: options.leftContextInitial,
    rightContextFinal: options.rightContextFinal,
    overlap: options.numFramesOverlap,
    frameSubsamplingFactor: options.frameSubsamplingFactor,
    seed: options.srand,
    report,
  });
  const writer = tableWriter<E>(holder, output);
  let written = 0;
  await writing([writer], async () => {
    for await (const utterance of utterances)
      for (const chunk of chunker.push(utterance)) {
        await writer.write(...convert(chunk));
        written++;
      }
  });
  for (const line of chunker.statistics.lines()) context.log(line);
  for (const line of report.summary()) context.warn(`left out: ${line}`);
  return written > 0 ? 0 : 1;
}
