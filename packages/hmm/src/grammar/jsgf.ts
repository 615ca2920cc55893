import { type Fst, FstBuilder, type SymbolTable, determinizeStar, minimizeEncoded } from '@jebena/wfst';
import { GrammarError } from './errors.js';
import { type Expansion, type JsgfGrammar, parseJsgf } from './parse-jsgf.js';

export interface JsgfOptions {
  /** The rule to start from; the grammar's public rules, all alike likely, unless given. */
  readonly rule?: string | undefined;
}

/**
 * The grammar that a JSGF text (JSpeech Grammar Format 1.0) describes, as an acceptor of words. Alternatives cost the
 * negated logarithm of their share: of their weights where those are given, else of how many they are; an optional
 * part and each round of a repetition cost log 2. A rule may end in itself, which makes a loop; any other recursion is
 * not regular and is refused.
 *
 * @throws GrammarError `ERR_GRAMMAR_JSGF` with the line, `ERR_GRAMMAR_WORD` for a word that the table lacks
 */
export function jsgfGrammar(text: string, symbols: SymbolTable, { rule }: JsgfOptions = {}): Fst {
  return new Compiler(parseJsgf(text), symbols).run(rule);
}

class Compiler {
  private readonly out: FstBuilder;
  /** The rules that are being expanded, with the states where they begin. */
  private readonly open = new Map<string, { begin: number; end: number }>();

  constructor(
    private readonly grammar: JsgfGrammar,
    private readonly symbols: SymbolTable,
  ) {
    this.out = new FstBuilder({ inputSymbols: symbols, outputSymbols: symbols });
  }

  run(rule: string | undefined): Fst {
    const { rules } = this.grammar;
    const names = rule === undefined ? [...rules].filter(([, r]) => r.public).map(([name]) => name) : [rule];
    if (names.length === 0) throw new GrammarError('ERR_GRAMMAR_JSGF', 'JSGF: expected a public rule, found none');
    const [begin, end] = [this.out.addState(), this.out.addState()];
    this.out.setStart(begin);
    this.out.setFinal(end);
    this.alternatives(
      names.map((name) => ({ expansion: { kind: 'rule', name, line: 0 }, weight: undefined })),
      begin,
      end,
    );
    return minimizeEncoded(determinizeStar(this.out.build(), { semiring: 'log' }));
  }

  private expand(x: Expansion, from: number, to: number): void {
    const { out } = this;
    switch (x.kind) {
      case 'word': {
        const label = this.symbols.find(x.word);
        if (!label)
          throw new GrammarError('ERR_GRAMMAR_WORD', `JSGF line ${x.line}: '${x.word}' is not in ${this.symbols.name}`);
        out.addArc(from, label, label, 0, to);
        return;
      }
      case 'null':
        out.addArc(from, 0, 0, 0, to);
        return;
      case 'void':
        return;
      case 'sequence': {
        let state = from;
        for (const [i, part] of x.parts.entries()) {
          const next = i === x.parts.length - 1 ? to : out.addState();
          this.expand(part, state, next);
          state = next;
        }
        if (x.parts.length === 0) out.addArc(from, 0, 0, 0, to);
        return;
      }
      case 'alternatives':
        return this.alternatives(x.choices, from, to);
      case 'optional':
        out.addArc(from, 0, 0, Math.LN2, to);
        return this.costing(Math.LN2, x.of, from, to);
      case 'repeat': {
        const [begin, end] = [out.addState(), out.addState()];
        if (x.least === 0) out.addArc(from, 0, 0, Math.LN2, to);
        out.addArc(from, 0, 0, x.least === 0 ? Math.LN2 : 0, begin);
        this.expand(x.of, begin, end);
        out.addArc(end, 0, 0, Math.LN2, begin);
        out.addArc(end, 0, 0, Math.LN2, to);
        return;
      }
      case 'rule':
        return this.rule(x.name, x.line, from, to);
    }
  }

  private costing(cost: number, x: Expansion, from: number, to: number): void {
    const begin = this.out.addState();
    this.out.addArc(from, 0, 0, cost, begin);
    this.expand(x, begin, to);
  }

  private alternatives(
    choices: readonly { readonly expansion: Expansion; readonly weight: number | undefined }[],
    from: number,
    to: number,
  ): void {
    const total = choices.reduce((sum, { weight = 1 }) => sum + weight, 0);
    for (const { expansion, weight = 1 } of choices)
      if (weight > 0) this.costing(-Math.log(weight / total), expansion, from, to);
  }

  private rule(name: string, line: number, from: number, to: number): void {
    const rule = this.grammar.rules.get(name);
    if (!rule) throw new GrammarError('ERR_GRAMMAR_JSGF', `JSGF line ${line}: there is no rule <${name}>`);
    const open = this.open.get(name);
    if (open) {
      // A rule that ends in itself goes back to where it began.
      if (open.end === to) return void this.out.addArc(from, 0, 0, 0, open.begin);
      const why = 'uses itself elsewhere than at its end, which is not regular';
      throw new GrammarError('ERR_GRAMMAR_JSGF', `JSGF line ${line}: rule <${name}> ${why}`);
    }
    const begin = this.out.addState();
    this.out.addArc(from, 0, 0, 0, begin);
    this.open.set(name, { begin, end: to });
    this.expand(rule.expansion, begin, to);
    this.open.delete(name);
  }
}
