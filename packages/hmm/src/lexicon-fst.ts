import { type Fst, FstBuilder } from '@jebena/wfst';
import { HmmError } from './errors.js';
import type { Language } from './language.js';
import type { EdgeSilence } from './lexicon.js';

export interface LexiconFstOptions {
  /** Whether to put in disambiguation symbols (L_disambig, for graphs) or not (L, for training graphs). */
  readonly disambig: boolean;
  /** Probability of silence between words and at the edges; 0 for none. Default 0.5. */
  readonly silenceProbability?: number | undefined;
  /** With a lexicon that has silence probabilities of its own: those of the edges. */
  readonly edgeSilence?: EdgeSilence | undefined;
}

/**
 * L: from phones to words, with optional silence (utils/lang/make_lexicon_fst.py, and make_lexicon_fst_silprob.py
 * where the lexicon has silence probabilities). Not sorted.
 */
export function lexiconFst(language: Language, options: LexiconFstOptions): Fst {
  const b = new FstBuilder();
  const { silenceProbability = 0.5 } = options;
  if (!(silenceProbability >= 0 && silenceProbability < 1))
    throw new HmmError(
      'ERR_HMM_LEXICON',
      `L: expected a silence probability from 0 to below 1, found ${silenceProbability}`,
    );
  if (language.lexicon.hasSilence) withWordSilence(b, language, options);
  else if (silenceProbability > 0) withSilence(b, language, options.disambig, silenceProbability);
  else withoutSilence(b, language, options.disambig);
  if (options.disambig) passDisambig(b, language);
  return b.build();
}

const cost = (probability: number): number => (probability === 1 ? 0 : -Math.log(probability));

/** The labels of each pronunciation, disambiguation symbol last where it is wanted; at least one, maybe epsilon. */
function* pronunciations(language: Language, disambig: boolean) {
  for (const entry of language.entries) {
    const labels = entry.phones.map((phone) => language.phones.label(phone));
    if (disambig && entry.disambig > 0) labels.push(language.disambig[entry.disambig]!);
    yield {
      entry,
      labels: labels.length > 0 ? labels : [0],
      word: language.words.label(entry.word),
      cost: cost(entry.probability ?? 1),
    };
  }
}

function withoutSilence(b: FstBuilder, language: Language, disambig: boolean): void {
  const loop = b.addState();
  b.setStart(loop);
  b.setFinal(loop);
  for (const { labels, word, cost } of pronunciations(language, disambig)) {
    const last = labels.length - 1;
    let state = loop;
    labels.forEach((label, i) => {
      const next = i === last ? loop : b.addState();
      b.addArc(state, label, i === 0 ? word : 0, i === 0 ? cost : 0, next);
      state = next;
    });
  }
}

function withSilence(b: FstBuilder, language: Language, disambig: boolean, probability: number): void {
  const [start, loop, silence] = [b.addState(), b.addState(), b.addState()];
  const noSilenceCost = cost(1 - probability);
  const silenceCost = cost(probability);
  b.setStart(start);
  b.setFinal(loop);
  b.addArc(start, 0, 0, noSilenceCost, loop);
  b.addArc(start, 0, 0, silenceCost, silence);
  if (disambig) {
    const after = b.addState();
    b.addArc(silence, language.optionalSilence, 0, 0, after);
    b.addArc(after, language.silenceDisambig, 0, 0, loop);
  } else b.addArc(silence, language.optionalSilence, 0, 0, loop);
  for (const { labels, word, cost } of pronunciations(language, disambig)) {
    const last = labels.length - 1;
    let state = loop;
    for (let i = 0; i < last; i++) {
      const next = b.addState();
      b.addArc(state, labels[i]!, i === 0 ? word : 0, i === 0 ? cost : 0, next);
      state = next;
    }
    const own = last === 0 ? cost : 0;
    b.addArc(state, labels[last]!, last === 0 ? word : 0, own + noSilenceCost, loop);
    b.addArc(state, labels[last]!, last === 0 ? word : 0, own + silenceCost, silence);
  }
}

function withWordSilence(b: FstBuilder, language: Language, { disambig, edgeSilence }: LexiconFstOptions): void {
  if (!edgeSilence)
    throw new HmmError('ERR_HMM_LEXICON', 'L: a lexicon with silence probabilities needs those of the edges too');
  const [start, noSilence, silence] = [b.addState(), b.addState(), b.addState()];
  // Without a symbol in the place of silence, L with silence and without it could not be told apart.
  const none = disambig ? language.silenceDisambig : 0;
  b.setStart(start);
  b.addArc(start, none, 0, cost(1 - edgeSilence.begin), noSilence);
  b.addArc(start, language.optionalSilence, 0, cost(edgeSilence.begin), silence);
  for (const { entry, labels, word, cost: own } of pronunciations(language, disambig)) {
    const { after, afterSilence, afterWord } = entry.silence ?? { after: 0.5, afterSilence: 1, afterWord: 1 };
    let state = b.addState();
    b.addArc(noSilence, labels[0]!, word, own + cost(afterWord), state);
    b.addArc(silence, labels[0]!, word, own + cost(afterSilence), state);
    for (const label of labels.slice(1)) {
      const next = b.addState();
      b.addArc(state, label, 0, 0, next);
      state = next;
    }
    b.addArc(state, none, 0, cost(1 - after), noSilence);
    b.addArc(state, language.optionalSilence, 0, cost(after), silence);
  }
  b.setFinal(noSilence, cost(edgeSilence.endAfterWord));
  b.setFinal(silence, cost(edgeSilence.endAfterSilence));
}

/** Lets the grammar's #0 through at every state where a word may end or begin (fstaddselfloops). */
function passDisambig(b: FstBuilder, language: Language): void {
  const fst = b.build();
  for (let s = 0; s < fst.numStates; s++) {
    let word = fst.final[s]! < Infinity;
    for (let a = fst.firstArc[s]!; a < fst.firstArc[s + 1]!; a++) word ||= fst.olabel[a] !== 0;
    if (word) b.addArc(s, language.disambig[0]!, language.wordDisambig, 0, s);
  }
}
