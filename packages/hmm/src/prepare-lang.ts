import { arcSort, formatSymbols, type Fst } from '@jebena/wfst';
import { Language } from './language.js';
import type { EdgeSilence, Lexicon } from './lexicon.js';
import { lexiconFst } from './lexicon-fst.js';
import { type Topology } from './topology.js';
import { hmmTopology } from './topologies.js';

export interface PrepareLangOptions {
  /** Phones that are no speech. */
  readonly silencePhones: readonly string[];
  readonly optionalSilence: string;
  /** The word that stands for words outside the lexicon. */
  readonly oov: string;
  readonly silenceProbability?: number | undefined;
  readonly positionDependent?: boolean | undefined;
  readonly nonsilenceStates?: number | undefined;
  readonly silenceStates?: number | undefined;
  /** Groups of phones for the tree's questions besides those by position and silence. */
  readonly extraQuestions?: readonly (readonly string[])[] | undefined;
  readonly edgeSilence?: EdgeSilence | undefined;
}

/** What a lang folder holds. */
export interface Lang {
  readonly language: Language;
  readonly topology: Topology;
  readonly lexicon: Fst;
  readonly lexiconDisambig: Fst;
  /** Text files by their names in the folder. */
  readonly files: ReadonlyMap<string, string>;
}

/**
 * Makes a lang folder of a lexicon, as utils/prepare_lang.sh does.
 *
 * @throws HmmError where lexicon and phones do not fit
 */
export function prepareLang(lexicon: Lexicon, options: PrepareLangOptions): Lang {
  const { positionDependent = false, optionalSilence, oov, silenceProbability, edgeSilence } = options;
  const marks = ['', '_B', '_E', '_I', '_S'];
  const marked = (phones: readonly string[], kinds: readonly string[]): string[] =>
    positionDependent ? phones.flatMap((p) => kinds.map((kind) => p + kind)) : [...phones];
  const base = new Set(options.silencePhones);
  const speech = lexicon.phones.filter((p) => !base.has(p));
  const silencePhones = marked(options.silencePhones, marks);
  const language = new Language(positionDependent ? lexicon.positionDependent() : lexicon, {
    silencePhones,
    optionalSilence,
    nonsilencePhones: marked(speech, marks.slice(1)),
    oov,
  });
  const topology = hmmTopology({ ...language, ...options, silencePhones: language.silencePhones });
  const sorted = (disambig: boolean): Fst =>
    arcSort(lexiconFst(language, { disambig, silenceProbability, edgeSilence }), { by: 'olabel' });
  const sets = (kinds: readonly string[], phones: readonly string[]): string[][] =>
    phones.map((p) => marked([p], kinds));
  const all = [...sets(marks, options.silencePhones), ...sets(marks.slice(1), speech)];
  return {
    language,
    topology,
    lexicon: sorted(false),
    lexiconDisambig: sorted(true),
    files: langFiles(language, oov, optionalSilence, all, extraQuestions(options, speech, positionDependent)),
  };
}

function extraQuestions(
  { extraQuestions = [], silencePhones }: PrepareLangOptions,
  speech: string[],
  positions: boolean,
): string[][] {
  const own = extraQuestions.map((group) => [...group]);
  if (!positions) return own;
  const kinds = ['_B', '_E', '_I', '_S'];
  return [
    ...own.map((group) => group.flatMap((p) => kinds.map((kind) => p + kind))),
    ...kinds.map((kind) => speech.map((p) => p + kind)),
    ...['', ...kinds].map((kind) => silencePhones.map((p) => p + kind)),
  ];
}

function langFiles(
  language: Language,
  oov: string,
  optionalSilence: string,
  sets: readonly (readonly string[])[],
  questions: readonly (readonly string[])[],
): Map<string, string> {
  const files = new Map<string, string>();
  const { phones, words } = language;
  const symbols = (labels: readonly number[]): string[] => labels.map((label) => phones.symbol(label)!);
  const lines = (rows: readonly string[]): string => rows.map((row) => `${row}\n`).join('');
  /** The three forms in which Kaldi keeps a list of phones. */
  const list = (name: string, labels: readonly number[]): void => {
    files.set(`phones/${name}.txt`, lines(symbols(labels)));
    files.set(`phones/${name}.int`, lines(labels.map(String)));
    files.set(`phones/${name}.csl`, `${labels.join(':')}\n`);
  };
  const groups = (name: string, rows: readonly (readonly string[])[], prefix: string = ''): void => {
    files.set(`phones/${name}.txt`, lines(rows.map((row) => prefix + row.join(' '))));
    files.set(`phones/${name}.int`, lines(rows.map((row) => prefix + row.map((p) => phones.label(p)).join(' '))));
  };
  files.set('phones.txt', formatSymbols(phones, ' '));
  files.set('words.txt', formatSymbols(words, ' '));
  files.set('oov.txt', `${oov}\n`);
  files.set('oov.int', `${words.label(oov)}\n`);
  list('silence', language.silencePhones);
  list('nonsilence', language.nonsilencePhones);
  list('disambig', language.disambig);
  list('optional_silence', [phones.label(optionalSilence)]);
  list('context_indep', language.silencePhones);
  groups('sets', sets);
  groups('roots', sets, 'shared split ');
  groups('extra_questions', questions);
  files.set('phones/wdisambig.txt', '#0\n');
  files.set('phones/wdisambig_phones.int', `${language.disambig[0]}\n`);
  files.set('phones/wdisambig_words.int', `${language.wordDisambig}\n`);
  const entries = language.entries.map((e) => ({ word: e.word, phones: e.phones }));
  const silence = [{ word: '<eps>', phones: [optionalSilence] }];
  const align = [...silence, ...entries].sort((a, b) => (a.word < b.word ? -1 : a.word > b.word ? 1 : 0));
  files.set('phones/align_lexicon.txt', lines(align.map((e) => [e.word, e.word, ...e.phones].join(' '))));
  const ints = align.map((e) => [words.label(e.word), words.label(e.word), ...e.phones.map((p) => phones.label(p))]);
  files.set('phones/align_lexicon.int', lines(ints.map((row) => row.join(' '))));
  if (phones.has(`${optionalSilence}_S`)) {
    const kinds = { _B: 'begin', _E: 'end', _I: 'internal', _S: 'singleton' } as const;
    const kind = (p: string): string => (base(p) ? 'nonword' : kinds[p.slice(-2) as keyof typeof kinds]);
    const base = (p: string): boolean => !/_[BEIS]$/.test(p);
    const real = symbols(language.allPhones);
    files.set('phones/word_boundary.txt', lines(real.map((p) => `${p} ${kind(p)}`)));
    files.set('phones/word_boundary.int', lines(real.map((p) => `${phones.label(p)} ${kind(p)}`)));
  }
  return files;
}
