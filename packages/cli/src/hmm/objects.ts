import { ContextTree, Topology, TransitionModel } from '@jebena/hmm';
import type { Holder, KaldiInput } from '@jebena/io-ark';
import { UsageError } from '@jebena/options';
import { parseSymbols, type SymbolTable } from '@jebena/wfst';
import { readLines } from '../io-ark/lines.js';

interface Written {
  write(output: Parameters<Holder<unknown>['write']>[0]): void;
}

const holderOf = <V extends Written>(what: string, read: (input: KaldiInput) => V): Holder<V> => ({
  what,
  read,
  write: (output, value) => value.write(output),
});

/** A model file (.mdl) or a transition model by itself. */
export const transitionModelHolder = holderOf('a transition model', (input) => TransitionModel.read(input));
export const treeHolder = holderOf('a tree', (input) => ContextTree.read(input));
export const topologyHolder = holderOf('a topology', (input) => Topology.read(input));

/** Integers in a file, separated by white space (disambig.int, silence.int). */
export async function readInts(name: string): Promise<number[]> {
  if (name === '') return [];
  const fields = (await readLines(name)).join(' ').split(/\s+/).filter(Boolean);
  return fields.map((field) => toInt(field, name));
}

/** Integers on a command line: `1:2:3`. */
export const parseInts = (list: string, option: string): number[] =>
  list
    .split(/[:,]/)
    .filter(Boolean)
    .map((field) => toInt(field, option));

function toInt(field: string, where: string): number {
  if (!/^-?\d+$/.test(field)) throw new UsageError(`${where}: expected integers, found '${field}'`);
  return Number(field);
}

export async function readSymbolTable(name: string): Promise<SymbolTable> {
  return parseSymbols((await readLines(name)).map((line) => `${line}\n`).join(''), { path: name });
}
