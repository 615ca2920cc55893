import { resolve } from 'node:path';
import { type AnyMatrix, type Wave, anyMatrixHolder, waveHolder } from '@jebena/io-ark';
import { readObject, readTable } from '@jebena/io-ark/node';
import { collect } from '@jebena/stream';
import { readFileSync } from 'node:fs';
import { shared } from '../../../../test/support/shared.js';

/** Every matrix of an archive among the reference files. */
export const goldenArk = async (name: string): Promise<Map<string, AnyMatrix>> =>
  new Map(await collect(readTable(anyMatrixHolder, `ark:${shared('golden', name)}`)));

/** The waves of a list among the reference files, whose paths are relative to it. */
export const goldenWaves = (scp: string): Promise<[string, Wave][]> =>
  Promise.all(
    readFileSync(shared('golden', scp), 'utf8')
      .trim()
      .split('\n')
      .map((line) => line.split(' ') as [string, string])
      .map(async ([key, path]): Promise<[string, Wave]> => [
        key,
        await readObject(waveHolder, resolve(shared('golden'), path)),
      ]),
  );
