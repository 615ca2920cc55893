import { KaldiInput, type Place } from '@jebena/io-ark';
import { Fst, type FstParts, type Semiring } from '../fst.js';
import { type FstHeader, readFstHeader, startsFst } from './fst-header.js';
import { parseFst } from './parse-fst.js';

type States = Pick<FstParts, 'firstArc' | 'ilabel' | 'olabel' | 'weight' | 'nextState' | 'final'>;

const readers: Record<string, (input: KaldiInput, header: FstHeader) => States> = {
  vector: readVector,
  const: readConst,
  compact_acceptor: readCompactAcceptor,
};
const semirings: Record<string, Semiring> = { standard: 'tropical', log: 'log' };

/**
 * Reads a transducer from a whole file: OpenFst's binary form (`vector`, `const` or `compact_acceptor`, with
 * `standard` or `log` arcs), or text, by the first bytes.
 *
 * @throws KaldiIoError with the byte offset, what was expected and what was found
 */
export function readFst(bytes: Uint8Array, place: Place = {}): Fst {
  const input = new KaldiInput(bytes, place, true);
  if (input.atEnd) input.fail('a transducer');
  if (!startsFst(input)) return parseFst(bytes, {}, place);
  const fst = readFstFrom(input);
  if (!input.atEnd) input.fail('the end of the file', `${bytes.length - input.offset} more bytes`);
  return fst;
}

/** Reads a binary transducer at the input's offset and leaves the offset behind it: an archive's or an example's. */
export function readFstFrom(input: KaldiInput): Fst {
  const at = input.offset;
  const header = readFstHeader(input);
  const semiring = semirings[header.arcType];
  if (!semiring) input.fail('standard or log arcs', `'${header.arcType}' arcs`, at);
  const read = readers[header.fstType];
  if (!read) input.fail(`a transducer of type ${Object.keys(readers).join(', ')}`, `type '${header.fstType}'`, at);
  const { start, inputSymbols, outputSymbols } = header;
  const states = read!(input, header);
  if (start < -1 || start >= states.final.length)
    input.fail(`a start state below ${states.final.length}`, String(start), at);
  // The three lowest bits say how it was stored, not what it is.
  const properties = header.properties & ~7n;
  return new Fst({ ...states, start, semiring, properties, inputSymbols, outputSymbols });
}

const viewOf = ({ bytes }: KaldiInput): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

function columns(states: number, arcs: number): States {
  return {
    firstArc: new Int32Array(states + 1),
    ilabel: new Int32Array(arcs),
    olabel: new Int32Array(arcs),
    weight: new Float32Array(arcs),
    nextState: new Int32Array(arcs),
    final: new Float32Array(states),
  };
}

function checkState(input: KaldiInput, state: number, states: number, offset: number): void {
  if (state < 0 || state >= states) input.fail(`a next state below ${states}`, String(state), offset);
}

function countOf(input: KaldiInput, count: number, least: number, what: string): number {
  if (count < 0 || count > 2147483646) input.fail(what, String(count));
  input.need(least * count, `states or arcs, for ${what} of ${count},`);
  return count;
}

/** State by state: final cost, number of arcs (int64), arcs of 16 bytes. */
function readVector(input: KaldiInput, header: FstHeader): States {
  const view = viewOf(input);
  const begin = input.offset;
  const known = header.numStates >= 0;
  const most = known ? countOf(input, header.numStates, 12, 'a number of states') : Infinity;
  let states = 0;
  let arcs = 0;
  while (states < most && (known || !input.atEnd)) {
    const at = input.take(12, `state ${states}`) + 4;
    const low = view.getUint32(at, true);
    if (view.getUint32(at + 4, true) !== 0) input.fail('a number of arcs', 'a number above 2^32', at);
    input.take(16 * low, `the ${low} arcs of state ${states}`);
    arcs += low;
    states++;
  }
  const c = columns(states, arcs);
  let at = begin;
  let a = 0;
  for (let s = 0; s < states; s++) {
    c.final[s] = view.getFloat32(at, true);
    const count = view.getUint32(at + 4, true);
    at += 12;
    for (let i = 0; i < count; i++, a++, at += 16) readArc(input, view, at, c, a, states);
    c.firstArc[s + 1] = a;
  }
  return c;
}

function readArc(input: KaldiInput, view: DataView, at: number, c: States, a: number, states: number): void {
  c.ilabel[a] = view.getInt32(at, true);
  c.olabel[a] = view.getInt32(at + 4, true);
  c.weight[a] = view.getFloat32(at + 8, true);
  const next = view.getInt32(at + 12, true);
  checkState(input, next, states, at + 12);
  c.nextState[a] = next;
}

function align(input: KaldiInput, aligned: boolean | undefined): void {
  if (!aligned) return;
  const here = (input.place.offset ?? 0) + input.offset;
  input.take((16 - (here % 16)) % 16, 'padding');
}

/** All states (final cost, first arc, arcs, input and output epsilons; 20 bytes), then all arcs. */
function readConst(input: KaldiInput, header: FstHeader): States {
  const view = viewOf(input);
  const aligned = header.aligned || header.version === 1;
  align(input, aligned);
  const states = countOf(input, header.numStates, 20, 'a number of states');
  const arcs = countOf(input, header.numArcs, 16, 'a number of arcs');
  const c = columns(states, arcs);
  const begin = input.take(20 * states, `${states} states`);
  for (let s = 0; s < states; s++) {
    const at = begin + 20 * s;
    c.final[s] = view.getFloat32(at, true);
    const first = view.getUint32(at + 4, true);
    if (first !== c.firstArc[s]) input.fail(`the arcs of state ${s} from ${c.firstArc[s]}`, `from ${first}`, at + 4);
    c.firstArc[s + 1] = Math.min(first + view.getUint32(at + 8, true), 2147483647);
  }
  if (c.firstArc[states] !== arcs)
    input.fail(`${arcs} arcs in all states, as the header says`, String(c.firstArc[states]));
  align(input, aligned);
  const at = input.take(16 * arcs, `${arcs} arcs`);
  for (let a = 0; a < arcs; a++) readArc(input, view, at + 16 * a, c, a, states);
  return c;
}

/** Offsets of all states, then elements (label, cost, next state); label -1 holds a state's final cost. */
function readCompactAcceptor(input: KaldiInput, header: FstHeader): States {
  const view = viewOf(input);
  const aligned = header.aligned || header.version === 1;
  align(input, aligned);
  const states = countOf(input, header.numStates, 4, 'a number of states');
  const offsets = input.take(4 * (states + 1), `the offsets of ${states} states`);
  const elements = view.getUint32(offsets + 4 * states, true);
  align(input, aligned);
  const begin = input.take(12 * elements, `${elements} elements`);
  let arcs = 0;
  for (let e = 0; e < elements; e++) if (view.getInt32(begin + 12 * e, true) !== -1) arcs++;
  const c = columns(states, arcs);
  c.final.fill(Infinity);
  let a = 0;
  let e = 0;
  for (let s = 0; s < states; s++) {
    const [from, to] = [view.getUint32(offsets + 4 * s, true), view.getUint32(offsets + 4 * s + 4, true)];
    if (from !== e || to < from || to > elements)
      input.fail(`the elements of state ${s} from ${e}`, `from ${from} to ${to}`, offsets + 4 * s);
    for (; e < to; e++) {
      const at = begin + 12 * e;
      const label = view.getInt32(at, true);
      const weight = view.getFloat32(at + 4, true);
      if (label === -1) {
        c.final[s] = weight;
        continue;
      }
      c.ilabel[a] = c.olabel[a] = label;
      c.weight[a] = weight;
      c.nextState[a] = view.getInt32(at + 8, true);
      checkState(input, c.nextState[a]!, states, at + 8);
      a++;
    }
    c.firstArc[s + 1] = a;
  }
  return c;
}
