import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { decodeFrame, encodeFrame } from '@jebena/io-ark';
import type { EpochResult } from './results.js';

/** What a run was asked for: it can only go on where all of this is the same. */
export type Fingerprint = Readonly<Record<string, string | number>>;

/** All that is needed to go on after some epochs, bit for bit. */
export interface RunState {
  readonly fingerprint: Fingerprint;
  /** Epochs that were finished. */
  readonly done: number;
  readonly steps: number;
  readonly epochs: readonly EpochResult[];
  readonly seconds: number;
  /** The network, in Kaldi's binary form. */
  readonly network: Uint8Array;
  /** Cross-entropy: transition ids by utterance. */
  readonly alignments?: ReadonlyMap<string, Int32Array>;
  /** LF-MMI: the networks after the last epochs, for their average. */
  readonly recent?: readonly Uint8Array[];
  readonly optimizer: Readonly<Record<string, Float32Array>>;
}

/** A run cannot go on from what is there. */
export class ResumeError extends Error {
  readonly code = 'ERR_RESUME';
  override readonly name = 'ResumeError';
}

/** Writes a whole file or nothing: to a temporary name first. */
export function writeWhole(path: string, content: string | Uint8Array): void {
  mkdirSync(dirname(path), { recursive: true });
  const temporary = `${path}.tmp${process.pid}`;
  try {
    writeFileSync(temporary, content);
    renameSync(temporary, path);
  } finally {
    rmSync(temporary, { force: true });
  }
}

const statePath = (out: string): string => join(out, 'checkpoint.bin');

export function saveRunState(out: string, state: RunState): void {
  const { optimizer, alignments = new Map<string, Int32Array>(), ...rest } = state;
  const keys = [...alignments.keys()];
  const lengths = Int32Array.from(alignments.values(), (a) => a.length);
  const ids = new Int32Array(lengths.reduce((n, l) => n + l, 0));
  let at = 0;
  for (const alignment of alignments.values()) {
    ids.set(alignment, at);
    at += alignment.length;
  }
  writeWhole(statePath(out), encodeFrame({ header: { ...rest, keys, lengths, ids }, arrays: { ...optimizer } }));
}

interface StateHeader extends Omit<RunState, 'optimizer' | 'alignments'> {
  readonly keys: string[];
  readonly lengths: Int32Array;
  readonly ids: Int32Array;
}

/**
 * What an interrupted run left in `out`; undefined where there is nothing.
 *
 * @throws ResumeError when it was a run with other options, another engine or another number of threads
 */
export function loadRunState(out: string, fingerprint: Fingerprint): RunState | undefined {
  const path = statePath(out);
  if (!existsSync(path)) return undefined;
  const { header, arrays } = decodeFrame<StateHeader>(readFileSync(path), path);
  const { keys, lengths, ids, ...rest } = header;
  for (const name of new Set([...Object.keys(fingerprint), ...Object.keys(rest.fingerprint)]))
    if (rest.fingerprint[name] !== fingerprint[name])
      throw new ResumeError(
        `${path}: expected a run with ${name} '${fingerprint[name]}', found one with '${rest.fingerprint[name]}'; use another --out, or --restart`,
      );
  const alignments = new Map<string, Int32Array>();
  let at = 0;
  keys.forEach((key, i) => alignments.set(key, ids.slice(at, (at += lengths[i]!))));
  return { ...rest, ...(keys.length > 0 && { alignments }), optimizer: arrays };
}
