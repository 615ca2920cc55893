import { access, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Lexicon, prepareLang } from '@jebena/hmm';
import { bool, defineOptions, float, int, UsageError } from '@jebena/options';
import { fstHolder } from '@jebena/wfst';
import { readLines } from '../io-ark/lines.js';
import { writeObject } from '../io-ark/tables.js';
import { defineProgram } from '../program.js';
import { topologyHolder } from './objects.js';
import { writeText } from './write-text.js';

const there = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

export const program = defineProgram({
  name: 'prepare-lang',
  summary: 'Makes a lang folder of a dict folder with lexicon.txt, silence_phones.txt and optional_silence.txt.',
  usage: ['<dict-src-dir> <oov-dict-entry> <lang-dir>'],
  options: defineOptions({
    numSilStates: int(5, 'Number of states in silence models'),
    numNonsilStates: int(3, 'Number of states in other models'),
    positionDependentPhones: bool(true, 'Mark phones by their position in the word'),
    silProb: float(0.5, 'Probability of silence between words'),
  }),
  args: [3, 3],
  run: async ([dict, oov, lang], options, context) => {
    const lexicon = await readLexicon(dict!);
    const column = async (name: string): Promise<string[]> =>
      (await readLines(join(dict!, name))).flatMap((line) => line.trim().split(/\s+/)).filter(Boolean);
    const [optionalSilence] = await column('optional_silence.txt');
    if (!optionalSilence) throw new UsageError(`${dict}/optional_silence.txt: expected a phone, found none`);
    const questions = join(dict!, 'extra_questions.txt');
    const made = prepareLang(lexicon, {
      silencePhones: await column('silence_phones.txt'),
      optionalSilence,
      oov: oov!,
      silenceProbability: options.silProb,
      positionDependent: options.positionDependentPhones,
      silenceStates: options.numSilStates,
      nonsilenceStates: options.numNonsilStates,
      extraQuestions: (await there(questions)) ? (await readLines(questions)).map((q) => q.trim().split(/\s+/)) : [],
      edgeSilence: lexicon.hasSilence ? await readEdgeSilence(join(dict!, 'silprob.txt')) : undefined,
    });
    await mkdir(join(lang!, 'phones'), { recursive: true });
    for (const [name, content] of made.files) await writeText(join(lang!, name), content);
    await writeObject(topologyHolder, join(lang!, 'topo'), made.topology, false);
    await writeObject(fstHolder, join(lang!, 'L.fst'), made.lexicon, true);
    await writeObject(fstHolder, join(lang!, 'L_disambig.fst'), made.lexiconDisambig, true);
    context.log(`${lexicon.words.length} words, ${made.language.allPhones.length} phones`);
  },
});

async function readLexicon(dict: string): Promise<Lexicon> {
  const forms = [
    ['lexiconp_silprob.txt', 'silence'],
    ['lexiconp.txt', 'probabilities'],
    ['lexicon.txt', 'plain'],
  ] as const;
  for (const [name, form] of forms) {
    const path = join(dict, name);
    if (await there(path)) return Lexicon.parse((await readLines(path)).join('\n'), { form, path });
  }
  throw new UsageError(`${dict}: expected lexicon.txt, lexiconp.txt or lexiconp_silprob.txt, found none of them`);
}

async function readEdgeSilence(path: string) {
  const values = new Map((await readLines(path)).map((line) => line.trim().split(/\s+/) as [string, string]));
  const value = (name: string): number => {
    const number = Number(values.get(name));
    if (!(number > 0)) throw new UsageError(`${path}: expected '${name} NUMBER', found '${values.get(name) ?? ''}'`);
    return number;
  };
  return { begin: value('<s>'), endAfterSilence: value('</s>_s'), endAfterWord: value('</s>_n') };
}
