import { buildTree, type TreeRoot, TreeStats } from '@jebena/hmm';
import type { Holder } from '@jebena/io-ark';
import { bool, defineOptions, float, int, UsageError } from '@jebena/options';
import { readLines } from '../io-ark/lines.js';
import { readObject, writeObject } from '../io-ark/tables.js';
import { defineProgram } from '../program.js';
import { parseInts, topologyHolder, treeHolder } from './objects.js';

export const program = defineProgram({
  name: 'build-tree',
  summary: 'Builds a phonetic-context tree from statistics; questions are a text file of sets of phones, one a line.',
  usage: ['<tree-stats-in> <roots-file> <questions-file> <topo-file> <tree-out>'],
  options: defineOptions({
    binary: bool(true, 'Write output in binary mode'),
    contextWidth: int(3, 'Phones in the window'),
    centralPosition: int(1, 'Position of the phone in the window, from 0'),
    maxLeaves: int(0, 'Maximum number of leaves to be used in the tree (0: no limit)'),
    thresh: float(300, 'Log-likelihood change threshold for the tree-building'),
  }),
  args: [5, 5],
  run: async ([statsFile, rootsFile, questionsFile, topoFile, output], options, context) => {
    const { contextWidth, centralPosition, maxLeaves, thresh, binary } = options;
    const holder: Holder<TreeStats> = {
      what: 'tree statistics',
      read: (input) => TreeStats.read(input, { contextWidth, centralPosition }),
      write: (out, stats) => stats.write(out),
    };
    const stats = await readObject(holder, statsFile!);
    const questions = (await readLines(questionsFile!)).map((line) =>
      parseInts(line.trim().replace(/\s+/g, ':'), questionsFile!),
    );
    const tree = buildTree(stats, await readObject(topologyHolder, topoFile!), {
      roots: (await readLines(rootsFile!)).map((line) => parseRoot(line, rootsFile!)),
      questions,
      maxLeaves: maxLeaves > 0 ? maxLeaves : Infinity,
      threshold: thresh,
    });
    await writeObject(treeHolder, output!, tree, binary);
    context.log(`Number of pdfs is ${tree.numPdfs}`);
  },
});

/** A line of roots.int: `shared|not-shared split|not-split phone ...`. */
function parseRoot(line: string, path: string): TreeRoot {
  const [shared, split, ...phones] = line.trim().split(/\s+/);
  if (!/^(not-)?shared$/.test(shared ?? '') || !/^(not-)?split$/.test(split ?? ''))
    throw new UsageError(`${path}: expected 'shared|not-shared split|not-split phone ...', found '${line}'`);
  return { phones: parseInts(phones.join(':'), path), shared: shared === 'shared', split: split === 'split' };
}
