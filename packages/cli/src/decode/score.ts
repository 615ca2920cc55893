import { errorReport, filterWords, formatAlignments, formatSpeakers, scoreUtterances } from '@jebena/decode';
import { tokenHolder, tokenVectorHolder } from '@jebena/io-ark';
import { bool, defineOptions, int, text } from '@jebena/options';
import { compactLatticeHolder } from '@jebena/wfst';
import { readSymbolTable } from '../hmm/objects.js';
import { writeText } from '../hmm/write-text.js';
import { readLines } from '../io-ark/lines.js';
import { readTable } from '../io-ark/tables.js';
import { defineProgram, type ProgramContext } from '../program.js';

const all = async <V>(table: AsyncIterable<readonly [string, V]>): Promise<Map<string, V>> => {
  const values = new Map<string, V>();
  for await (const [key, value] of table) values.set(key, value);
  return values;
};

export const program = defineProgram({
  name: 'score',
  summary: 'Scores hypotheses: in all, by speaker, utterance by utterance, and as a page that shows the errors.',
  usage: ['<ref-rspecifier> <hyp-rspecifier>'],
  options: defineOptions({
    utt2spk: text('', 'Rspecifier of the map from utterance to speaker; prints a table of speakers'),
    filter: text('', 'File of filter rules (s:REGEX:TEXT:g, or a word to leave out), applied to both sides'),
    perUtt: bool(false, 'Print the alignment of every utterance'),
    report: text('', 'File to write a page of HTML to'),
    lattices: text('', 'Rspecifier of lattices to draw on the page'),
    wordSymbolTable: text('', "Symbol table for the lattices' words"),
    most: int(20, 'How many utterances and confusions the page shows'),
  }),
  args: [2, 2],
  run: async ([refIn, hypIn], options, context: ProgramContext) => {
    const references = await all(readTable(tokenVectorHolder, refIn!, context));
    const hypotheses = await all(readTable(tokenVectorHolder, hypIn!, context));
    const speakers = options.utt2spk ? await all(readTable(tokenHolder, options.utt2spk, context)) : undefined;
    const score = scoreUtterances(references, hypotheses, {
      filter: options.filter ? filterWords(await readLines(options.filter)) : undefined,
      speakerOf: speakers && ((key) => speakers.get(key)),
    });
    for (const key of score.missing) context.warn(`no hypothesis for ${key}: counted as empty`);
    const parts = [`${score.total}\n${score.total.sentenceLine()}\n`];
    if (speakers) parts.push(formatSpeakers(score));
    if (options.perUtt) parts.push(formatAlignments(score));
    await writeText('-', parts.join(''));
    if (!options.report) return;
    const symbols = options.wordSymbolTable ? await readSymbolTable(options.wordSymbolTable) : undefined;
    const page = errorReport(score, {
      most: options.most,
      lattices: options.lattices ? await all(readTable(compactLatticeHolder, options.lattices, context)) : undefined,
      wordOf: (label) => symbols?.symbol(label) ?? String(label),
    });
    await writeText(options.report, page);
  },
});
