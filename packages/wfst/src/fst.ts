import type { SymbolTable } from './symbols/symbol-table.js';

/** Which sum its weights take: the best path's (min) or all paths' (-log of summed exponentials). */
export type Semiring = 'tropical' | 'log';

/** The columns of a transducer; see {@link Fst}. */
export interface FstParts {
  readonly start: number;
  readonly firstArc: Int32Array;
  readonly ilabel: Int32Array;
  readonly olabel: Int32Array;
  readonly weight: Float32Array;
  readonly nextState: Int32Array;
  readonly final: Float32Array;
  readonly semiring?: Semiring | undefined;
  readonly properties?: bigint | undefined;
  readonly inputSymbols?: SymbolTable | undefined;
  readonly outputSymbols?: SymbolTable | undefined;
}

/**
 * A weighted finite-state transducer that does not change: the arcs of state `s` are `firstArc[s]` up to, not
 * including, `firstArc[s + 1]` of the arc columns. Label 0 is epsilon. Weights are costs (negated logarithms); a
 * final cost of Infinity means that a state is not final. 16 bytes an arc, 8 a state.
 *
 * Made by {@link FstBuilder}, by reading a file, or by an algorithm. The columns are public for hot loops and
 * are not to be written to: machines share them.
 */
export class Fst implements FstParts {
  /** The initial state, -1 for the empty transducer. */
  readonly start: number;
  readonly numStates: number;
  readonly numArcs: number;
  readonly firstArc: Int32Array;
  readonly ilabel: Int32Array;
  readonly olabel: Int32Array;
  readonly weight: Float32Array;
  readonly nextState: Int32Array;
  readonly final: Float32Array;
  readonly semiring: Semiring;
  /** OpenFst's property bits as a file's header gave them; undefined when they are to be computed. */
  readonly properties: bigint | undefined;
  readonly inputSymbols: SymbolTable | undefined;
  readonly outputSymbols: SymbolTable | undefined;

  constructor(parts: FstParts) {
    this.start = parts.start;
    this.numStates = parts.final.length;
    this.numArcs = parts.nextState.length;
    this.firstArc = parts.firstArc;
    this.ilabel = parts.ilabel;
    this.olabel = parts.olabel;
    this.weight = parts.weight;
    this.nextState = parts.nextState;
    this.final = parts.final;
    this.semiring = parts.semiring ?? 'tropical';
    this.properties = parts.properties;
    this.inputSymbols = parts.inputSymbols;
    this.outputSymbols = parts.outputSymbols;
  }

  /** A transducer that shares all columns with this one but those given; property bits are dropped. */
  with(changed: Partial<FstParts>): Fst {
    return new Fst({ ...this, properties: undefined, ...changed });
  }

  /** Whether a state is final. */
  isFinal(state: number): boolean {
    return this.final[state]! !== Infinity;
  }
}
