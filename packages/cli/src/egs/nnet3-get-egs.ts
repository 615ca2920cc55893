import {
  chunkOptions,
  EgsReport,
  type Example,
  type NnetExample,
  nnetExampleHolder,
  toNnetExample,
  withTargets,
} from '@jebena/egs';
import { type Matrix, matrixHolder, posteriorHolder } from '@jebena/io-ark';
import { atLeast, bool, defineOptions, int, text, UsageError } from '@jebena/options';
import { openTable, readTable } from '../io-ark/tables.js';
import { defineProgram } from '../program.js';
import { writeChunks } from './write-chunks.js';

const options = defineOptions({
  compress: bool(true, 'If true, write egs with features in compressed format'),
  numPdfs: int(-1, 'Number of pdfs in the acoustic model'),
  leftContext: chunkOptions.leftContext,
  rightContext: chunkOptions.rightContext,
  leftContextInitial: chunkOptions.leftContextInitial,
  rightContextFinal: chunkOptions.rightContextFinal,
  numFrames: text('1', 'Frames with labels in each eg, the primary size first, e.g. 150,110,90; -1: whole utterances'),
  numFramesOverlap: int(0, 'Frames of overlap between adjacent egs of the primary size', atLeast(0)),
  frameSubsamplingFactor: chunkOptions.frameSubsamplingFactor,
  ivectors: text('', 'Alias for --online-ivectors'),
  onlineIvectors: text('', 'Rspecifier of iVectors, as matrices'),
  onlineIvectorPeriod: int(1, 'Frames between iVectors in the matrices', atLeast(1)),
  lengthTolerance: int(100, 'Tolerated difference in length between feats and iVectors, in frames', atLeast(0)),
  targetsLengthTolerance: int(2, 'Tolerated difference in length between feats and targets, in frames', atLeast(0)),
  srand: int(0, 'Seed of the random draws (splits, gaps, iVectors)'),
});

export const program = defineProgram({
  name: 'nnet3-get-egs',
  summary: 'Cuts features and posteriors into examples for frame-level training.',
  usage: ['<features-rspecifier> <pdf-post-rspecifier> <egs-wspecifier>'],
  options,
  args: [3, 3],
  run: async ([features, posteriors, output], given, context) => {
    if (given.numPdfs <= 0) throw new UsageError('option --num-pdfs: expected the number of pdfs, found none');
    const report = new EgsReport({
      onProblem: ({ kind, key, message }) => context.warn(`no egs of ${key}: ${kind}: ${message}`),
    });
    const ivectorSpecifier = given.onlineIvectors || given.ivectors;
    const targets = openTable(posteriorHolder, posteriors!, context);
    const ivectors = ivectorSpecifier ? openTable<Matrix>(matrixHolder, ivectorSpecifier, context) : undefined;
    const join = withTargets(targets, {
      dim: given.numPdfs,
      ivectors,
      ivectorPeriod: given.onlineIvectorPeriod,
      ivectorTolerance: given.lengthTolerance,
      frameSubsamplingFactor: given.frameSubsamplingFactor,
      lengthTolerance: given.targetsLengthTolerance,
      report,
      signal: context.signal,
    });
    const utterances = join(readTable(matrixHolder, features!, context));
    const convert = (chunk: Example): [string, NnetExample] => [chunk.key, toNnetExample(chunk, given)];
    const target = { holder: nnetExampleHolder, output: output!, convert };
    return writeChunks(utterances, given, target, report, context).finally(async () => {
      await targets.close();
      await ivectors?.close();
    });
  },
});
