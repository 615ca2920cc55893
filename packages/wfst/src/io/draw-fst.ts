import { formatFloat } from '@jebena/io-ark';
import type { Fst } from '../fst.js';
import type { SymbolTable } from '../symbols/symbol-table.js';

export interface DrawFstOptions {
  readonly title?: string | undefined;
  /** One label an arc where both are equal. */
  readonly acceptor?: boolean | undefined;
  readonly inputSymbols?: SymbolTable | undefined;
  readonly outputSymbols?: SymbolTable | undefined;
  readonly portrait?: boolean | undefined;
  readonly vertical?: boolean | undefined;
  readonly fontSize?: number | undefined;
  /** Significant digits of costs. Default 5. */
  readonly precision?: number | undefined;
}

/** A machine in Graphviz's language, as fstdraw prints it. */
export function drawFst(fst: Fst, options: DrawFstOptions = {}): string {
  const { title = '', acceptor, portrait, vertical, fontSize = 14, precision = 5 } = options;
  const quote = (text: string): string => text.replace(/["\\]/g, '\\$&');
  const name = (label: number, symbols: SymbolTable | undefined): string =>
    quote(symbols?.symbol(label) ?? String(label));
  const cost = (weight: number): string => (weight === 0 ? '' : `/${formatFloat(weight, precision)}`);
  const lines = [
    'digraph FST {',
    `rankdir = ${vertical ? 'BT' : 'LR'};`,
    'size = "8.5,11";',
    ...(title ? [`label = "${quote(title)}";`] : []),
    'center = 1;',
    `orientation = ${portrait ? 'Portrait' : 'Landscape'};`,
    'ranksep = "0.4";',
    'nodesep = "0.25";',
  ];
  const state = (s: number): void => {
    const shape = fst.isFinal(s) ? 'doublecircle' : 'circle';
    const style = s === fst.start ? 'bold' : 'solid';
    const label = `${s}${fst.isFinal(s) ? cost(fst.final[s]!) : ''}`;
    lines.push(`${s} [label = "${label}", shape = ${shape}, style = ${style}, fontsize = ${fontSize}]`);
    for (let a = fst.firstArc[s]!; a < fst.firstArc[s + 1]!; a++) {
      const input = name(fst.ilabel[a]!, options.inputSymbols);
      const labels = acceptor ? input : `${input}:${name(fst.olabel[a]!, options.outputSymbols)}`;
      lines.push(`\t${s} -> ${fst.nextState[a]} [label = "${labels}${cost(fst.weight[a]!)}", fontsize = ${fontSize}];`);
    }
  };
  if (fst.start >= 0) state(fst.start);
  for (let s = 0; s < fst.numStates; s++) if (s !== fst.start) state(s);
  return `${lines.join('\n')}\n}\n`;
}
