import { formatFloat } from '@jebena/io-ark';
import { FstError } from '../errors.js';
import type { Fst } from '../fst.js';
import type { SymbolTable } from '../symbols/symbol-table.js';

export interface FormatFstOptions {
  /** One label a line; every arc must have two equal ones. */
  readonly acceptor?: boolean | undefined;
  readonly inputSymbols?: SymbolTable | undefined;
  readonly outputSymbols?: SymbolTable | undefined;
  /** Write costs of 0 as well. */
  readonly showWeightOne?: boolean | undefined;
  /** Significant digits of a cost: 9, as fstprint, gives every float back exactly. */
  readonly precision?: number | undefined;
}

const text = (cost: number, precision: number): string =>
  cost === Infinity ? 'Infinity' : formatFloat(cost, precision);

/** OpenFst's text form, line by line without newlines, as fstprint prints it: the start state first. */
export function* fstLines(fst: Fst, options: FormatFstOptions = {}): Generator<string> {
  if (fst.start < 0) return;
  yield* stateLines(fst, fst.start, options);
  for (let s = 0; s < fst.numStates; s++) if (s !== fst.start) yield* stateLines(fst, s, options);
}

/** OpenFst's text form as one string; see {@link fstLines}. */
export function formatFst(fst: Fst, options: FormatFstOptions = {}): string {
  let all = '';
  for (const line of fstLines(fst, options)) all += `${line}\n`;
  return all;
}

function* stateLines(fst: Fst, state: number, options: FormatFstOptions): Generator<string> {
  const { acceptor, showWeightOne, precision = 9 } = options;
  let hasArcs = false;
  for (let a = fst.firstArc[state]!; a < fst.firstArc[state + 1]!; a++) {
    const il = fst.ilabel[a]!;
    const ol = fst.olabel[a]!;
    if (acceptor && il !== ol)
      throw new FstError('ERR_FST_NOT_ACCEPTOR', `state ${state}: expected equal labels, found ${il}:${ol}`);
    const labels = acceptor
      ? symbolOf(il, options.inputSymbols)
      : `${symbolOf(il, options.inputSymbols)}\t${symbolOf(ol, options.outputSymbols)}`;
    const cost = fst.weight[a]!;
    yield `${state}\t${fst.nextState[a]}\t${labels}${cost !== 0 || showWeightOne ? `\t${text(cost, precision)}` : ''}`;
    hasArcs = true;
  }
  const final = fst.final[state]!;
  // A state with neither arcs nor a final cost is still mentioned, at cost Infinity, as fstprint does.
  if (final !== Infinity || !hasArcs)
    yield `${state}${final !== 0 || showWeightOne ? `\t${text(final, precision)}` : ''}`;
}

function symbolOf(label: number, symbols: SymbolTable | undefined): string {
  if (!symbols) return String(label);
  const symbol = symbols.symbol(label);
  if (symbol !== undefined) return symbol;
  throw new FstError('ERR_FST_UNKNOWN_SYMBOL', `${symbols.name}: expected a known label, found ${label}`);
}
