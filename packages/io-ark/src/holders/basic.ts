import type { Holder } from '../holder.js';
import type { KaldiInput } from '../kaldi-input.js';
import type { KaldiOutput } from '../kaldi-output.js';

/** A basic type as Kaldi's BasicHolder family reads and writes it (util/kaldi-holder-inl.h). */
interface Basic<T> {
  readonly what: string;
  readonly read: (input: KaldiInput) => T;
  readonly write: (output: KaldiOutput, value: T) => void;
}

const int32: Basic<number> = {
  what: 'a 32-bit integer',
  read: (input) => input.readInt32(),
  write: (output, value) => output.writeInt32(value),
};
const float: Basic<number> = {
  what: 'a float',
  read: (input) => input.readFloat(),
  write: (output, value) => output.writeFloat(value),
};
const double: Basic<number> = {
  what: 'a double',
  read: (input) => input.readFloat(),
  write: (output, value) => output.writeDouble(value),
};
const bool: Basic<boolean> = {
  what: 'T or F',
  read: (input) => input.readBool(),
  write: (output, value) => output.writeBool(value),
};

/** The next character of a text line that is not a space; a newline is left where it is. */
function nextOnLine(input: KaldiInput): string {
  for (; !input.atEnd; input.offset++) {
    const byte = input.bytes[input.offset]!;
    if (byte === 10) return '\n';
    if (byte !== 32 && (byte < 9 || byte > 13)) return String.fromCharCode(byte);
  }
  return '';
}

function endLine(input: KaldiInput): void {
  const next = nextOnLine(input);
  if (next === '\n') input.offset++;
  else if (next !== '') input.fail('the end of the line');
}

/** The count that begins a binary list; each of its elements takes `least` bytes or more. */
function count(input: KaldiInput, least: number): number {
  const start = input.offset;
  const n = input.readInt32('a count');
  if (n < 0) input.fail('a count', String(n), start);
  input.need(n * least, `${n} elements`);
  return n;
}

const single = <T>(basic: Basic<T>): Holder<T> => ({
  what: basic.what,
  read: (input) => {
    if (!input.binary && nextOnLine(input) === '\n') input.fail(basic.what, 'an empty line');
    const value = basic.read(input);
    if (!input.binary) endLine(input);
    return value;
  },
  write: (output, value) => {
    basic.write(output, value);
    if (!output.binary) output.writeNewline();
  },
});

export const int32Holder: Holder<number> = single(int32);
export const floatHolder: Holder<number> = single(float);
export const doubleHolder: Holder<number> = single(double);
export const boolHolder: Holder<boolean> = single(bool);

/** Vectors of integers, such as alignments: one line of text a vector. */
export const int32VectorHolder: Holder<Int32Array, ArrayLike<number>> = {
  what: 'a vector of integers',
  read: (input) => {
    if (!input.binary) {
      const values: number[] = [];
      for (let next; (next = nextOnLine(input)) !== '\n' && next !== '';) values.push(input.readInt32());
      endLine(input);
      return Int32Array.from(values);
    }
    const values = new Int32Array(count(input, 5));
    for (let i = 0; i < values.length; i++) values[i] = input.readInt32();
    return values;
  },
  write: (output, values) => {
    if (output.binary) output.writeInt32(values.length);
    for (let i = 0; i < values.length; i++) output.writeInt32(values[i]!);
    if (!output.binary) output.writeNewline();
  },
};

/** Lists of vectors of integers; in text each is ended by a semicolon: `1 2 ; 3 ; ;`. */
export const int32VectorVectorHolder: Holder<Int32Array[], readonly ArrayLike<number>[]> = {
  what: 'a list of vectors of integers',
  read: (input) => {
    const lists: Int32Array[] = [];
    if (input.binary) {
      const n = count(input, 5);
      while (lists.length < n) {
        const list = new Int32Array(count(input, 5));
        for (let i = 0; i < list.length; i++) list[i] = input.readInt32();
        lists.push(list);
      }
      return lists;
    }
    let list: number[] = [];
    for (let next; (next = nextOnLine(input)) !== '\n' && next !== '';) {
      if (next !== ';') list.push(input.readInt32('an integer or ;'));
      else {
        input.offset++;
        lists.push(Int32Array.from(list));
        list = [];
      }
    }
    if (list.length > 0) input.fail('; after each vector');
    endLine(input);
    return lists;
  },
  write: (output, lists) => {
    if (output.binary) output.writeInt32(lists.length);
    for (const list of lists) {
      if (output.binary) output.writeInt32(list.length);
      for (let i = 0; i < list.length; i++) output.writeInt32(list[i]!);
      if (!output.binary) output.writeText('; ');
    }
    if (!output.binary) output.writeNewline();
  },
};

type Pair = readonly [number, number];

const pairs = (basic: Basic<number>, bytes: number): Holder<Pair[], readonly Pair[]> => ({
  what: `a list of pairs of ${basic.what.slice(2)}s`,
  read: (input) => {
    const list: Pair[] = [];
    if (input.binary) {
      const n = count(input, bytes);
      while (list.length < n) list.push([basic.read(input), basic.read(input)]);
      return list;
    }
    for (let next; (next = nextOnLine(input)) !== '\n' && next !== '';) {
      if (list.length > 0) {
        if (next !== ';') input.fail('; between pairs');
        input.offset++;
      }
      list.push([basic.read(input), basic.read(input)]);
    }
    endLine(input);
    return list;
  },
  write: (output, list) => {
    if (output.binary) output.writeInt32(list.length);
    list.forEach(([first, second], i) => {
      if (!output.binary && i > 0) output.writeText('; ');
      basic.write(output, first);
      basic.write(output, second);
    });
    if (!output.binary) output.writeNewline();
  },
});

/** Lists of pairs of integers; in text a semicolon stands between them: `1 2 ; 3 4`. */
export const int32PairVectorHolder: Holder<Pair[], readonly Pair[]> = pairs(int32, 10);
/** Lists of pairs of floats. */
export const floatPairVectorHolder: Holder<Pair[], readonly Pair[]> = pairs(float, 10);
