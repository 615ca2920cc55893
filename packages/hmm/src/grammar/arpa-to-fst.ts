import { type Fst, FstBuilder, type SymbolTable, arcSort, connect, rmEpsLocal } from '@jebena/wfst';
import { GrammarError } from './errors.js';
import type { NgramModel } from './ngram-model.js';

export interface ArpaToFstOptions {
  /**
   * The label of #0, which stands on the input of back-off arcs; `<s>` and `</s>` are then left out. 0, the default:
   * back-off arcs have epsilon, and `<s>` and `</s>` are words like others.
   */
  readonly disambig?: number | undefined;
  /** Sort arcs by input label. Default true. */
  readonly sort?: boolean | undefined;
  readonly symbols?: SymbolTable | undefined;
}

/**
 * G: an n-gram model as a transducer, as Kaldi's arpa2fst makes it (lm/arpa-lm-compiler.cc). A state for each
 * history; an n-gram of the highest order leads to the state of its last words; back-off arcs lead to the longest
 * shorter history that the model knows.
 *
 * @throws GrammarError `ERR_GRAMMAR_ARPA` where `<s>` is missing, or a word is epsilon or #0
 */
export function arpaToFst(model: NgramModel, { disambig = 0, sort = true, symbols }: ArpaToFstOptions = {}): Fst {
  const fst = new ArpaCompiler(model, disambig, symbols).run();
  const reduced = disambig === 0 ? fst : withoutIdleStates(fst, disambig);
  return sort ? arcSort(reduced, { by: 'ilabel' }) : reduced;
}

class ArpaCompiler {
  private readonly out: FstBuilder;
  /** The state of each n-gram that is a history, by its place in the model; -1 where it has none. */
  private readonly stateOf: Int32Array;
  private readonly empty: number;
  private readonly end: number;
  private started = false;

  constructor(
    private readonly model: NgramModel,
    private readonly disambig: number,
    symbols: SymbolTable | undefined,
  ) {
    this.out = new FstBuilder({ inputSymbols: symbols, outputSymbols: symbols });
    const histories = model.counts.slice(0, -1).reduce((a, b) => a + b, model.order === 1 ? model.counts[0]! : 0);
    this.stateOf = new Int32Array(histories).fill(-1);
    this.empty = this.out.addState();
    this.end = disambig === 0 ? this.out.addState() : -1;
    if (this.end >= 0) this.out.setFinal(this.end);
  }

  run(): Fst {
    for (const [o, { words, logProb, backoff }] of this.model.orders.entries())
      for (let i = 0; i < logProb.length; i++)
        this.add(words.subarray(i * (o + 1), (i + 1) * (o + 1)), -logProb[i]!, -backoff[i]!);
    if (!this.started)
      throw new GrammarError('ERR_GRAMMAR_ARPA', 'language model: expected the word <s> among unigrams');
    return connect(this.out.build());
  }

  private state(ngram: Int32Array): number {
    if (ngram.length === 0) return this.empty;
    const at = this.model.find(ngram);
    return at >= 0 && at < this.stateOf.length ? this.stateOf[at]! : -1;
  }

  private add(ngram: Int32Array, cost: number, backoff: number): void {
    const { model, out, disambig } = this;
    const word = ngram.at(-1)!;
    if (word === disambig || word === 0)
      throw new GrammarError('ERR_GRAMMAR_ARPA', `language model: expected words, found label ${word}`);
    const source = this.state(ngram.subarray(0, -1));
    if (source < 0) return;
    if (word === model.eos) {
      if (disambig === 0) out.addArc(source, word, word, cost, this.end);
      else out.setFinal(source, cost);
      return;
    }
    const next = this.history(ngram.length === model.order ? ngram.subarray(1) : ngram, backoff);
    if (word !== model.bos) return void out.addArc(source, word, word, cost, next);
    this.started = true;
    if (disambig !== 0) return out.setStart(next);
    const start = out.addState();
    out.setStart(start);
    out.addArc(start, word, word, 0, next);
  }

  /** The state of a history, with its back-off arc; the longest shorter one's where the model lacks it. */
  private history(ngram: Int32Array, backoff: number): number {
    const known = this.state(ngram);
    if (known >= 0) return known;
    const at = this.model.find(ngram);
    let shorter = ngram.subarray(1);
    while (this.state(shorter) < 0) shorter = shorter.subarray(1);
    const target = this.state(shorter);
    // A history that is no n-gram of the model would only back off.
    if (at < 0) return target;
    const state = this.out.addState();
    this.stateOf[at] = state;
    this.out.addArc(state, this.disambig, 0, backoff, target);
    return state;
  }
}

/** Takes out states that can only back off, as arpa2fst does. */
function withoutIdleStates(fst: Fst, disambig: number): Fst {
  const ilabel = fst.ilabel.slice();
  for (let s = 0; s < fst.numStates; s++) {
    const a = fst.firstArc[s]!;
    if (fst.firstArc[s + 1] === a + 1 && !fst.isFinal(s) && ilabel[a] === disambig) ilabel[a] = 0;
  }
  return rmEpsLocal(fst.with({ ilabel }));
}
