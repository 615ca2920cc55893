import type { KaldiInput, KaldiOutput } from '@jebena/io-ark';

/** The key under which an event holds its pdf class; phones of the window have keys 0 to N - 1. */
export const pdfClassKey = -1;

/**
 * A decision tree over (key, value) pairs (tree/event-map.h): a leaf, a table by a key's value, or a question on
 * one. `null` in a table is a value that was never seen.
 */
export type EventMap =
  | { readonly kind: 'leaf'; readonly answer: number }
  | { readonly kind: 'table'; readonly key: number; readonly table: readonly (EventMap | null)[] }
  | {
      readonly kind: 'split';
      readonly key: number;
      /** The values that answer yes, ascending. */
      readonly yesSet: readonly number[];
      readonly yes: EventMap;
      readonly no: EventMap;
    };

/** Looks up the value of a key; undefined where the event lacks it. */
export type Event = (key: number) => number | undefined;

/** The answer for an event, or undefined where the tree has none. */
export function mapEvent(map: EventMap, event: Event): number | undefined {
  for (;;) {
    if (map.kind === 'leaf') return map.answer;
    const value = event(map.key);
    if (value === undefined) return undefined;
    const next: EventMap | null | undefined =
      map.kind === 'table' ? map.table[value] : map.yesSet.includes(value) ? map.yes : map.no;
    if (!next) return undefined;
    map = next;
  }
}

/** All answers that an event may get, whatever the keys are that it lacks. */
export function possibleAnswers(map: EventMap, event: Event, into: Set<number> = new Set<number>()): Set<number> {
  if (map.kind === 'leaf') return into.add(map.answer);
  const value = event(map.key);
  if (map.kind === 'table') {
    for (const next of value === undefined ? map.table : [map.table[value]])
      if (next) possibleAnswers(next, event, into);
    return into;
  }
  const yes = value === undefined || map.yesSet.includes(value);
  if (yes) possibleAnswers(map.yes, event, into);
  if (value === undefined || !yes) possibleAnswers(map.no, event, into);
  return into;
}

/** The highest answer; -1 for a tree without leaves. */
export function maxAnswer(map: EventMap | null): number {
  if (!map) return -1;
  if (map.kind === 'leaf') return map.answer;
  const below = map.kind === 'table' ? map.table : [map.yes, map.no];
  return below.reduce((highest: number, next) => Math.max(highest, maxAnswer(next)), -1);
}

export function readEventMap(input: KaldiInput): EventMap | null {
  const token = input.expectToken('NULL', 'CE', 'TE', 'SE');
  if (token === 'NULL') return null;
  if (token === 'CE') return { kind: 'leaf', answer: input.readInt32('an answer') };
  const key = input.readInt32('a key');
  if (token === 'TE') {
    const table: (EventMap | null)[] = [];
    const size = input.readCount('a table size');
    input.expectToken('(');
    for (let i = 0; i < size; i++) table.push(readEventMap(input));
    input.expectToken(')');
    return { kind: 'table', key, table };
  }
  const yesSet = Array.from(input.readInt32Vector());
  input.expectToken('{');
  const yes = readEventMap(input);
  const no = readEventMap(input);
  if (!yes || !no) return input.fail('two branches of a split', 'NULL');
  input.expectToken('}');
  return { kind: 'split', key, yesSet, yes, no };
}

export function writeEventMap(map: EventMap | null, output: KaldiOutput): void {
  if (!map) return output.writeToken('NULL');
  if (map.kind === 'leaf') {
    output.writeToken('CE');
    output.writeInt32(map.answer);
  } else if (map.kind === 'table') {
    output.writeToken('TE');
    output.writeInt32(map.key);
    writeUint32(map.table.length, output);
    output.writeToken('(');
    for (const next of map.table) writeEventMap(next, output);
    output.writeToken(')');
  } else {
    output.writeToken('SE');
    output.writeInt32(map.key);
    output.writeInt32Vector(map.yesSet);
    output.writeToken('{');
    writeEventMap(map.yes, output);
    writeEventMap(map.no, output);
    output.writeToken('}');
  }
  if (!output.binary && map.kind !== 'leaf') output.writeNewline();
}

/** Kaldi marks an unsigned integer by a negative size. */
function writeUint32(value: number, output: KaldiOutput): void {
  if (!output.binary) return output.writeInt32(value);
  const bytes = new Uint8Array(5);
  const view = new DataView(bytes.buffer);
  view.setInt8(0, -4);
  view.setUint32(1, value, true);
  output.writeBytes(bytes);
}
