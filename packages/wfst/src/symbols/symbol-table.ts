import { FstError } from '../errors.js';

/**
 * Symbols and their labels, as in Kaldi's words.txt and phones.txt: one symbol for a label, labels from 0 up in any
 * order. By convention label 0 is `<eps>`.
 */
export class SymbolTable {
  private readonly bySymbol = new Map<string, number>();
  private readonly byLabel = new Map<number, string>();
  private next = 0;

  /** @param name what to call it in errors and in a binary file; a path, mostly */
  constructor(
    readonly name: string = 'symbol table',
    entries: Iterable<readonly [symbol: string, label: number]> = [],
  ) {
    for (const [symbol, label] of entries) this.add(symbol, label);
  }

  get size(): number {
    return this.byLabel.size;
  }

  /** One more than the greatest label; 0 when empty. */
  get availableLabel(): number {
    return this.next;
  }

  /**
   * Adds a symbol, under the next free label unless one is given, and returns its label. Adding it again is fine.
   *
   * @throws FstError `ERR_FST_INVALID` where the symbol or the label is already taken by another
   */
  add(symbol: string, label?: number): number {
    const known = this.bySymbol.get(symbol);
    if (known !== undefined && (label === undefined || label === known)) return known;
    const at = label ?? this.next;
    const other = this.byLabel.get(at);
    if (known !== undefined || other !== undefined) {
      const held = known === undefined ? `label ${at} is '${other}'` : `it has label ${known}`;
      throw new FstError('ERR_FST_INVALID', `${this.name}: cannot give '${symbol}' label ${at}: ${held}`);
    }
    this.bySymbol.set(symbol, at);
    this.byLabel.set(at, symbol);
    this.next = Math.max(this.next, at + 1);
    return at;
  }

  has(symbol: string): boolean {
    return this.bySymbol.has(symbol);
  }

  /** The label of a symbol, or undefined. */
  find(symbol: string): number | undefined {
    return this.bySymbol.get(symbol);
  }

  /** The symbol of a label, or undefined. */
  symbol(label: number): string | undefined {
    return this.byLabel.get(label);
  }

  /** The label of a symbol that must be there. @throws FstError `ERR_FST_UNKNOWN_SYMBOL` */
  label(symbol: string): number {
    const label = this.bySymbol.get(symbol);
    if (label !== undefined) return label;
    throw new FstError('ERR_FST_UNKNOWN_SYMBOL', `${this.name}: expected a known symbol, found '${symbol}'`);
  }

  /** `[symbol, label]` in the order of adding. */
  *[Symbol.iterator](): IterableIterator<[string, number]> {
    yield* this.bySymbol;
  }
}
