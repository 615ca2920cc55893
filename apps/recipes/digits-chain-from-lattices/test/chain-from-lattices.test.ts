import { expect } from 'vitest';
import { resolveOptions } from '@jebena/options';
import { testShared, shared } from '../../../../test/support/shared.js';
import { chainOptions } from '../options.js';
import { runChain } from '../run.js';

testShared(
  'a few steps on the first strings, from lattices to words',
  async () => {
    const lines: string[] = [];
    const options = resolveOptions(chainOptions, {
      fsdd: shared('fsdd'),
      chain: shared('golden/chain'),
      xconfig: shared('golden/decode/network.xconfig'),
      graph: shared('golden/decode/HCLG.fst'),
      words: shared('golden/decode/words.txt'),
      strings: 24,
      tests: 3,
      epochs: 1,
      passes: 2,
      minibatch: '16,8',
    });
    const { words, errors, seconds } = await runChain(options, (line) => lines.push(line));
    expect(words).toBe(14);
    expect(errors).toBeLessThanOrEqual(2 * words);
    expect(Object.keys(seconds)).toEqual(['features', 'graphs', 'examples', 'training', 'decoding']);
    // It learns: the objective of the second pass is above that of the first.
    const [first, second] = lines
      .flatMap((line) => /^pass \d of 2: objective (\S+),/.exec(line)?.[1] ?? [])
      .map(Number);
    expect(second!).toBeGreaterThan(first!);
  },
  120_000,
);
