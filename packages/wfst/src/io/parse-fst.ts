import { KaldiInput, type Place, parseNumber } from '@jebena/io-ark';
import type { Fst, Semiring } from '../fst.js';
import { FstBuilder } from '../fst-builder.js';
import type { SymbolTable } from '../symbols/symbol-table.js';

export interface ParseFstOptions {
  /** Lines are `from to label [cost]` instead of `from to ilabel olabel [cost]`. */
  readonly acceptor?: boolean | undefined;
  /** What the labels are symbols of; where left out they are numbers. */
  readonly inputSymbols?: SymbolTable | undefined;
  readonly outputSymbols?: SymbolTable | undefined;
  /** Number states as the text does instead of by first mention, as fstcompile does. */
  readonly keepStateNumbers?: boolean | undefined;
  readonly semiring?: Semiring | undefined;
}

/**
 * Reads OpenFst's text form: arcs `from to ilabel olabel [cost]`, final states `state [cost]`; the first line's
 * state is the start. States are numbered in the order in which the text mentions them.
 *
 * @throws KaldiIoError with the line's byte offset
 */
export function parseFst(text: string | Uint8Array, options: ParseFstOptions = {}, place: Place = {}): Fst {
  const bytes = typeof text === 'string' ? new TextEncoder().encode(text) : text;
  return parseLines(new KaldiInput(bytes, place, false), options, false);
}

/** The same from an input's offset up to an empty line or the end: an archive's value in text form. */
export const parseFstFrom = (input: KaldiInput, options: ParseFstOptions = {}): Fst => parseLines(input, options, true);

function parseLines(input: KaldiInput, options: ParseFstOptions, untilEmpty: boolean): Fst {
  const builder = new FstBuilder({ semiring: options.semiring });
  const numbers = new Map<number, number>();
  const arcFields = options.acceptor ? 3 : 4;
  const mostStates = options.keepStateNumbers ? textLength(input, untilEmpty) : Infinity;
  let offset = input.offset;
  let line = '';
  const fail = (expected: string): never => input.fail(expected, JSON.stringify(line), offset);
  const state = (text: string): number => {
    const number = Number(text);
    if (!Number.isInteger(number) || number < 0 || number > 0x7ffffffe) fail('a state');
    if (number > mostStates) fail('a state that the text has room for');
    if (options.keepStateNumbers) return (builder.ensureStates(number + 1), number);
    let s = numbers.get(number);
    if (s === undefined) numbers.set(number, (s = builder.addState()));
    return s;
  };
  const label = (text: string, symbols: SymbolTable | undefined): number => {
    const found = symbols ? symbols.find(text) : Number(text);
    if (found === undefined) fail(`a symbol of ${symbols!.name}`);
    if (!Number.isInteger(found) || found! < 0) fail('a label');
    return found!;
  };
  const cost = (text: string | undefined): number => {
    if (text === undefined) return 0;
    const value = parseNumber(text);
    if (value === undefined || Number.isNaN(value) || value === -Infinity) fail('a cost');
    return value!;
  };
  let started = false;
  while (!input.atEnd) {
    offset = input.offset;
    line = input.readLine();
    const fields = line.split(/[ \t]+/).filter(Boolean);
    if (fields.length === 0) {
      if (untilEmpty) break;
      continue;
    }
    const from = state(fields[0]!);
    if (!started) builder.setStart(from);
    started = true;
    if (fields.length <= 2) {
      builder.setFinal(from, cost(fields[1]));
      continue;
    }
    if (fields.length < arcFields || fields.length > arcFields + 1)
      fail(options.acceptor ? 'from to label [cost]' : 'from to ilabel olabel [cost]');
    const to = state(fields[1]!);
    const ilabel = label(fields[2]!, options.inputSymbols);
    const olabel = options.acceptor ? ilabel : label(fields[3]!, options.outputSymbols ?? undefined);
    builder.addArc(from, ilabel, olabel, cost(fields[arcFields]), to);
  }
  return builder.build();
}

/** How many bytes the text takes: more states than that it cannot speak of. */
function textLength(input: KaldiInput, untilEmpty: boolean): number {
  const start = input.offset;
  while (!input.atEnd) if (input.readLine().trim() === '' && untilEmpty) break;
  const length = input.offset - start;
  input.offset = start;
  return length;
}
