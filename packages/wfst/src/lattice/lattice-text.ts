import { type KaldiInput, formatFloat, parseNumber } from '@jebena/io-ark';
import { CompactLattice } from './compact-lattice.js';
import { CompactLatticeBuilder } from './compact-lattice-builder.js';
import { compactLatticeOf, latticeOf } from './convert.js';
import { Lattice } from './lattice.js';
import { LatticeBuilder } from './lattice-builder.js';

/** Costs in lattice text have C++'s default of six digits. */
const cost = (value: number): string =>
  value === Infinity ? 'Infinity' : value === -Infinity ? '-Infinity' : formatFloat(value, 6);

/** The text form of a lattice as Kaldi writes it to archives: lines, then an empty one. */
export function latticeText(lattice: Lattice | CompactLattice): string {
  const arc =
    lattice instanceof Lattice
      ? (a: number): string => {
          const [graph, acoustic] = [lattice.graphCost[a]!, lattice.acousticCost[a]!];
          const labels = `${lattice.ilabel[a]}\t${lattice.olabel[a]}`;
          return `${labels}${graph === 0 && acoustic === 0 ? '' : `\t${cost(graph)},${cost(acoustic)}`}`;
        }
      : (a: number): string =>
          `${lattice.label[a]}${compactWeight(lattice.graphCost[a]!, lattice.acousticCost[a]!, lattice.string(a))}`;
  const final =
    lattice instanceof Lattice
      ? (s: number): string => {
          const [graph, acoustic] = [lattice.finalGraphCost[s]!, lattice.finalAcousticCost[s]!];
          return graph === 0 && acoustic === 0 ? '' : `\t${cost(graph)},${cost(acoustic)}`;
        }
      : (s: number): string =>
          compactWeight(lattice.finalGraphCost[s]!, lattice.finalAcousticCost[s]!, lattice.finalString(s));
  let text = '';
  const state = (s: number): void => {
    const [from, to] = [lattice.firstArc[s]!, lattice.firstArc[s + 1]!];
    for (let a = from; a < to; a++) text += `${s}\t${lattice.nextState[a]}\t${arc(a)}\n`;
    if (lattice.isFinal(s) || from === to) text += `${s}${final(s)}\n`;
  };
  if (lattice.start >= 0) {
    state(lattice.start);
    for (let s = 0; s < lattice.numStates; s++) if (s !== lattice.start) state(s);
  }
  return `${text}\n`;
}

const compactWeight = (graph: number, acoustic: number, ids: Int32Array): string =>
  graph === 0 && acoustic === 0 && ids.length === 0 ? '' : `\t${cost(graph)},${cost(acoustic)},${ids.join('_')}`;

/** Reads the text form of either kind of lattice, up to an empty line or the end; the weights tell which it is. */
export function readTextLattice(input: KaldiInput): Lattice | CompactLattice {
  const reader = new TextReader(input);
  return reader.read();
}

export function readTextAsLattice(input: KaldiInput): Lattice {
  const lattice = readTextLattice(input);
  return lattice instanceof Lattice ? lattice : latticeOf(lattice);
}

export function readTextAsCompactLattice(input: KaldiInput): CompactLattice {
  const lattice = readTextLattice(input);
  return lattice instanceof Lattice ? compactLatticeOf(lattice) : lattice;
}

class TextReader {
  private line = '';
  private offset = 0;

  constructor(private readonly input: KaldiInput) {}

  private fail(expected: string): never {
    return this.input.fail(expected, JSON.stringify(this.line.slice(0, 60)), this.offset);
  }

  read(): Lattice | CompactLattice {
    const { input } = this;
    const start = input.offset;
    const lines: { fields: string[]; line: string; offset: number }[] = [];
    while (!input.atEnd) {
      const offset = input.offset;
      const line = input.readLine();
      const fields = line.split(/[ \t]+/).filter(Boolean);
      if (fields.length === 0) break;
      lines.push({ fields, line, offset });
    }
    // An acceptor's arc has three fields or four, of which the fourth holds two commas.
    const compact = lines.some(({ fields }) => fields.length === 3 || (fields.at(-1)!.match(/,/g) ?? []).length === 2);
    const b = compact ? new CompactLatticeBuilder() : new LatticeBuilder();
    // More states than bytes the text cannot speak of.
    const state = (field: string): number => this.whole(field, 'a state', input.offset - start);
    for (const [i, { fields, line, offset }] of lines.entries()) {
      [this.line, this.offset] = [line, offset];
      const from = state(fields[0]!);
      b.ensureStates(from + 1);
      if (i === 0) b.setStart(from);
      if (fields.length <= 2) {
        b.setFinal(from, ...this.weight(fields[1], compact));
        continue;
      }
      const nextState = state(fields[1]!);
      b.ensureStates(nextState + 1);
      if (b instanceof CompactLatticeBuilder) {
        if (fields.length > 4) this.fail('from to word [graph,acoustic,ids]');
        const [graphCost, acousticCost, transitionIds] = this.weight(fields[3], true);
        b.addArc(from, { label: this.whole(fields[2]!, 'a word'), graphCost, acousticCost, transitionIds, nextState });
      } else {
        if (fields.length > 5) this.fail('from to ilabel olabel [graph,acoustic]');
        const [graphCost, acousticCost] = this.weight(fields[4], false);
        const [ilabel, olabel] = [this.whole(fields[2]!, 'a label'), this.whole(fields[3]!, 'a label')];
        b.addArc(from, { ilabel, olabel, graphCost, acousticCost, nextState });
      }
    }
    return b.build();
  }

  private whole(text: string, what: string, most: number = 2147483647): number {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value > most) this.fail(what);
    return value;
  }

  private weight(text: string | undefined, compact: boolean): [number, number, number[]] {
    if (text === undefined) return [0, 0, []];
    const parts = text.split(',');
    if (parts.length !== (compact ? 3 : 2)) this.fail(compact ? 'graph,acoustic,ids' : 'graph,acoustic');
    const [graph, acoustic] = [parseNumber(parts[0]!), parseNumber(parts[1]!)];
    if (graph === undefined || acoustic === undefined || Number.isNaN(graph) || Number.isNaN(acoustic))
      this.fail('two costs');
    const ids = parts[2] ? parts[2].split('_').map((id) => this.whole(id, 'transition ids')) : [];
    return [graph!, acoustic!, ids];
  }
}
