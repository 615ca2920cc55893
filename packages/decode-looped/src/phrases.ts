import { compose, type Fst, FstBuilder, type SymbolTable } from '@jebena/wfst';

/** A graph that gives nothing but some phrases, in any order and number. */
export interface PhraseGraph {
  readonly graph: Fst;
  /** How many phrases it knows. */
  readonly known: number;
  /** Phrases with a word that the graph cannot give; they are left out. */
  readonly unknown: readonly string[];
}

/**
 * Restricts a decoding graph to phrases: what it gave for other words is gone, what is left costs what it cost.
 *
 * @param phrases of words, cut at blanks
 */
export function withinPhrases(graph: Fst, words: SymbolTable, phrases: readonly string[]): PhraseGraph {
  const spoken = new Set(graph.olabel);
  const builder = new FstBuilder();
  const home = builder.addState();
  builder.setStart(home);
  builder.setFinal(home);
  const unknown: string[] = [];
  let known = 0;
  for (const phrase of new Set(phrases.map((p) => p.trim()).filter(Boolean))) {
    const labels = phrase.split(/\s+/).map((word) => words.find(word) ?? -1);
    if (!labels.every((label) => label > 0 && spoken.has(label))) {
      unknown.push(phrase);
      continue;
    }
    known++;
    let state = home;
    labels.forEach((label, i) => {
      const next = i === labels.length - 1 ? home : builder.addState();
      builder.addArc(state, label, label, 0, next);
      state = next;
    });
  }
  return { graph: compose(graph, builder.build()), known, unknown };
}
