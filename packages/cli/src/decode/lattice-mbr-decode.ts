import { minimumBayesRisk, scaleLattice } from '@jebena/decode';
import { floatHolder, floatPairVectorHolder, int32VectorHolder, posteriorHolder } from '@jebena/io-ark';
import { bool, defineOptions, text } from '@jebena/options';
import { exitCode, tableWriter } from '../io-ark/tables.js';
import { readSymbolTable } from '../hmm/objects.js';
import { defineProgram } from '../program.js';
import { eachLattice } from './lattice-program.js';
import { scaleOptions } from './scale-options.js';

export const program = defineProgram({
  name: 'lattice-mbr-decode',
  summary: 'Finds the words of least expected error, with the confusion network and its times.',
  usage: [
    '<lattice-rspecifier> <transcriptions-wspecifier> [<bayes-risk-wspecifier> [<sausage-stats-wspecifier> [<times-wspecifier>]]]',
  ],
  options: defineOptions({
    ...scaleOptions,
    oneBestTimes: bool(false, 'If true, output times corresponding to one-best, not whole sausage'),
    wordSymbolTable: text('', 'Symbol table for words [for debug output]'),
  }),
  args: [2, 5],
  run: async (
    [input, output, riskOut, sausageOut, timesOut],
    { oneBestTimes, wordSymbolTable, ...scales },
    context,
  ) => {
    const symbols = wordSymbolTable ? await readSymbolTable(wordSymbolTable) : undefined;
    const transcriptions = tableWriter(int32VectorHolder, output!);
    const risks = riskOut ? tableWriter(floatHolder, riskOut) : undefined;
    const sausages = sausageOut ? tableWriter(posteriorHolder, sausageOut) : undefined;
    const times = timesOut ? tableWriter(floatPairVectorHolder, timesOut) : undefined;
    const writers = [transcriptions, risks, sausages, times];
    let [words, risk] = [0, 0];
    const { done, failed } = await eachLattice(input!, context, writers, async (lattice, key) => {
      const result = minimumBayesRisk(scaleLattice(lattice, scales));
      const labels = Int32Array.from(result.words, (w) => w.word);
      words += labels.length;
      risk += result.risk;
      await transcriptions.write(key, labels);
      await risks?.write(key, result.risk);
      await sausages?.write(key, result.sausage);
      const spans = oneBestTimes ? result.words.map((w): [number, number] => [w.start, w.end]) : result.sausageTimes;
      await times?.write(key, [...spans]);
      if (symbols) process.stderr.write(`${key} ${Array.from(labels, (w) => symbols.symbol(w) ?? w).join(' ')} \n`);
    });
    context.log(`Done ${done} lattices, failed for ${failed}`);
    context.log(`Average Bayes Risk per sentence is ${risk / done} and per word, ${risk / words}`);
    return exitCode(done);
  },
});
