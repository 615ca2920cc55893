import { type BiphoneOptions, ContextTree } from '@jebena/hmm';
import { bool, defineOptions, int, text, UsageError } from '@jebena/options';
import { readLines } from '../io-ark/lines.js';
import { defineProgram } from '../program.js';
import { initModel, readPhoneSets } from './init-model.js';
import { parseInts } from './objects.js';

export const program = defineProgram({
  name: 'gmm-init-biphone',
  summary:
    'Makes a full tree of left biphones and a model over it, for end-to-end LF-MMI; its Gaussians are all alike.',
  usage: ['<topology-in> <dim> <model-out> <tree-out>'],
  options: defineOptions({
    binary: bool(true, 'Write output in binary mode'),
    sharedPhones: text('', 'File of sets of phones, one a line, that share their pdfs'),
    ciPhones: text('', 'Colon-separated list of phones without context'),
    phoneCounts: text('', "File of counts, one a line: 'left phone count' or 'phone count'"),
    minBiphoneCount: int(100, 'Times that a biphone must be said to have pdfs of its own'),
    minMonophoneCount: int(20, 'Times that a phone must be said to have pdfs for its rare biphones'),
  }),
  args: [4, 4],
  run: async (files, given, context) => {
    const options: BiphoneOptions = {
      sets: await readPhoneSets(given.sharedPhones),
      contextIndependent: parseInts(given.ciPhones, '--ci-phones'),
      counts: given.phoneCounts ? await readCounts(given.phoneCounts) : undefined,
      minBiphoneCount: given.minBiphoneCount,
      minMonophoneCount: given.minMonophoneCount,
    };
    await initModel(files, given.binary, (topology) => ContextTree.biphone(topology, options), context);
  },
});

/** Lines `left phone count` and `phone count`; what is not named was never said. */
async function readCounts(path: string): Promise<NonNullable<BiphoneOptions['counts']>> {
  const counts = new Map<string, number>();
  for (const [i, line] of (await readLines(path)).entries()) {
    const fields = line.trim().split(/\s+/);
    if (!(fields.length === 2 || fields.length === 3) || !fields.every((field) => /^\d+$/.test(field)))
      throw new UsageError(`${path}, line ${i + 1}: expected 'left phone count' or 'phone count', found '${line}'`);
    counts.set(fields.slice(0, -1).join(' '), Number(fields.at(-1)));
  }
  return {
    biphone: (left, phone) => counts.get(`${left} ${phone}`) ?? 0,
    monophone: (phone) => counts.get(String(phone)) ?? 0,
  };
}
