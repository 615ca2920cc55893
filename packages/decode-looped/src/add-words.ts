import { AcousticModel } from '@jebena/graph';
import { addWordsToGraph, ContextTree, Language, Lexicon, type Pronunciation } from '@jebena/hmm';
import { KaldiInput } from '@jebena/io-ark';
import { UsageError } from '@jebena/options';
import { type Fst, formatSymbols, readFst, readSymbols, type SymbolTable, writeFst } from '@jebena/wfst';
import { EndPointer, endPointOptions } from './end-point.js';
import type { ModelFiles } from './pack-model.js';
import { parseConfig } from './recogniser-files.js';
import { recogniserOptions } from './recogniser-options.js';

/** What a model can hear words made of. */
export interface ModelWords {
  /** Words that its graph has, sorted. */
  readonly words: readonly string[];
  /** Phones that words can be made of, in the model's order; empty where the model's files do not tell. */
  readonly phones: readonly string[];
}

class GraphFiles {
  readonly words: SymbolTable;
  readonly graph: Fst;
  readonly silencePhones: ReadonlySet<number>;
  readonly acousticScale: number;

  constructor(
    private readonly files: ModelFiles,
    private readonly where: string,
  ) {
    this.words = readSymbols(this.bytes('words.txt'), this.place('words.txt'));
    this.graph = readFst(this.bytes('HCLG.fst'), this.place('HCLG.fst'));
    const path = this.place('recogniser.conf').path;
    const options = parseConfig(new TextDecoder().decode(this.bytes('recogniser.conf')), path, recogniserOptions);
    const isEndPoint = ([name]: [string, unknown]): boolean => name in endPointOptions;
    this.silencePhones = new EndPointer(Object.fromEntries(Object.entries(options).filter(isEndPoint))).silencePhones;
    this.acousticScale = options.acousticScale;
  }

  place(name: string): { path: string } {
    return { path: `${this.where}/${name}` };
  }

  bytes(name: string): Uint8Array {
    const found = this.files.get(name);
    if (!found) throw new UsageError(`${this.where}: expected ${name} among the model's files, found none`);
    return found;
  }

  phones(): SymbolTable {
    return readSymbols(this.bytes('phones.txt'), this.place('phones.txt'));
  }

  /** Phones that are speech. */
  speech(phones: SymbolTable): string[] {
    return Array.from(phones)
      .filter(([symbol, label]) => label > 0 && !symbol.startsWith('#') && !this.silencePhones.has(label))
      .map(([symbol]) => symbol);
  }

  /** Labels of the words that the graph can give. */
  get spoken(): Set<number> {
    const labels = new Set<number>(this.graph.olabel);
    labels.delete(0);
    return labels;
  }
}

/** The words of a model's files, and the phones that more can be made of. */
export function modelWords(files: ModelFiles, where: string = 'model'): ModelWords {
  const model = new GraphFiles(files, where);
  const words = Array.from(model.spoken, (label) => model.words.symbol(label) ?? `<${label}>`).sort();
  return { words, phones: files.has('phones.txt') && files.has('tree') ? model.speech(model.phones()) : [] };
}

/**
 * A model that knows more words, or more ways to say those it knows: a new graph, the same network. Each new word is
 * as likely as if it had always been one of the words, all alike. Between an old and a new word stands what stands at
 * the edge of an utterance.
 *
 * @param added pronunciations in the model's phones
 * @returns the model's files, those changed that tell of words
 * @throws UsageError for a phone that the model lacks, or a model without phones.txt or tree; HmmError for a reserved word
 * @example
 * ```ts
 * const more = addWordsToModel(files, [{ word: 'nought', phones: ['N', 'AO', 'T'] }]);
 * ```
 */
export function addWordsToModel(
  files: ModelFiles,
  added: readonly Pronunciation[],
  where: string = 'model',
): ModelFiles {
  if (added.length === 0) return files;
  const model = new GraphFiles(files, where);
  const phones = model.phones();
  const speech = new Set(model.speech(phones));
  for (const { word, phones: said } of added) {
    if (word === '' || /\s/.test(word)) throw new UsageError(`expected a word without blanks, found '${word}'`);
    for (const phone of said)
      if (!speech.has(phone)) throw new UsageError(`word '${word}': expected phones of the model, found '${phone}'`);
  }
  // Read as a file would be, which knows what words are reserved.
  const lexicon = Lexicon.parse(added.map(({ word, phones: said }) => `${word} ${said.join(' ')}\n`).join(''), {
    path: 'added words',
  });
  const { words } = model;
  for (const word of lexicon.words) words.add(word);
  const silencePhones = [...model.silencePhones].map((label) => phones.symbol(label) ?? `<${label}>`);
  const { transitions } = AcousticModel.fromBytes(model.bytes('final.mdl'), model.place('final.mdl').path);
  const graph = addWordsToGraph({
    graph: model.graph,
    language: new Language(lexicon, { silencePhones, phones, words }),
    transitionModel: transitions,
    tree: ContextTree.read(new KaldiInput(model.bytes('tree'), model.place('tree'))),
    cost: Math.log(model.spoken.size + lexicon.words.length + 1),
    // As Kaldi's recipes make graphs: chain models are searched with a scale of 1.
    options: { selfLoopScale: model.acousticScale === 1 ? 1 : 0.1 },
  });
  const changed = new Map(files).set('HCLG.fst', writeFst(graph));
  const text = (name: string, value: string): unknown => changed.set(name, new TextEncoder().encode(value));
  text('words.txt', formatSymbols(words, ' '));
  const aligned = files.get('align_lexicon.int');
  if (aligned) {
    const lines = lexicon.entries.map((e) =>
      [words.label(e.word), words.label(e.word), ...e.phones.map((p) => phones.label(p))].join(' '),
    );
    text('align_lexicon.int', `${new TextDecoder().decode(aligned).trimEnd()}\n${lines.join('\n')}\n`);
  }
  return changed;
}
