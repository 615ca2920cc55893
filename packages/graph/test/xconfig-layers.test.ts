import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { layerTypes, xconfigToConfigs } from '@jebena/graph';
import { describe, expect, test } from 'vitest';

/**
 * What Kaldi's scripts (July 2025) make of networks with every layer name and key: digests (sha256, first 16 digits)
 * of init.config, ref.config, final.config and both expanded xconfigs from the first line on that is no comment,
 * written by `read_xconfig_file`, `write_expanded_xconfig_files` and `write_config_files` of
 * steps/nnet3/xconfig_to_configs.py. Cases that end in `.f`, `res-f` and `res2` meet its float division; there `.0`
 * was taken off dims before the digest.
 */
const cases = JSON.parse(readFileSync(`${import.meta.dirname}/fixtures/xconfig-digests.json`, 'utf8')) as Record<
  string,
  { xconfig: string[]; digests: Record<string, string> }
>;

const digest = (text: string): string => {
  const lines = text.split('\n');
  const body = lines.slice(lines.findIndex((line) => !line.startsWith('#'))).join('\n');
  return createHash('sha256').update(body).digest('hex').slice(0, 16);
};

describe('every layer against what Kaldi writes', () => {
  for (const [name, { xconfig, digests }] of Object.entries(cases)) {
    test(`${name}`, () => {
      const { init, ref, final, expanded1, expanded2 } = xconfigToConfigs(xconfig.join('\n'));
      const found = Object.entries({ init, ref, final, expanded1, expanded2 })
        .filter((entry): entry is [string, string] => entry[1] !== undefined)
        .map(([file, text]) => [file, digest(text)]);
      expect(Object.fromEntries(found)).toEqual(digests);
    });
  }

  test('no layer name is left out', () => {
    const used = new Set(Object.values(cases).flatMap(({ xconfig }) => xconfig.map((line) => line.split(' ')[0])));
    expect([...layerTypes.keys()].filter((name) => !used.has(name))).toEqual([]);
    // 68 layers, input and output.
    expect(layerTypes.size).toBe(70);
  });
});
