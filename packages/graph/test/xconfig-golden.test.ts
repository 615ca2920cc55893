import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { configFromXconfig, xconfigToConfigs } from '@jebena/graph';
import { describe, expect } from 'vitest';
import { shared, testShared as test } from '../../../test/support/shared.js';

/** A config from its first line that is no comment on. */
const body = (config: string): string[] => {
  const lines = config.split('\n');
  return lines.slice(lines.findIndex((line) => !line.startsWith('#')));
};

const folder = shared('golden', 'nnet3');
const cases = existsSync(folder)
  ? readdirSync(folder).filter((name) => existsSync(`${folder}/${name}/network.xconfig`))
  : [];

describe("Kaldi's own configs", () => {
  test('there are networks to compare', () => expect(cases.length).toBeGreaterThanOrEqual(16));

  for (const name of cases) {
    test(`${name}: final.config line by line`, () => {
      const xconfig = readFileSync(`${folder}/${name}/network.xconfig`, 'utf8');
      const wanted = readFileSync(`${folder}/${name}/final.config`, 'utf8');
      expect(body(configFromXconfig(xconfig))).toEqual(body(wanted));
    });
  }

  for (const path of ['decode/network.xconfig', 'hybrid/lstmp.xconfig', 'hybrid/tdnn.xconfig', 'big.xconfig']) {
    test(`${path} is read`, () => {
      expect(configFromXconfig(readFileSync(shared('golden', path), 'utf8'))).toContain('output-node name=output ');
    });
  }

  test('the inverse cosine transform is that of Kaldi', () => {
    const { files } = xconfigToConfigs(readFileSync(`${folder}/combine/network.xconfig`, 'utf8'));
    const numbers = (text: string): number[] =>
      text
        .split(/[\s[\]]+/)
        .filter(Boolean)
        .map(Number);
    const wanted = numbers(readFileSync(`${folder}/combine/idct.mat`, 'utf8'));
    const found = numbers(files['idct.mat']!);
    expect(found).toHaveLength(wanted.length);
    found.forEach((value, i) => expect(value).toBeCloseTo(wanted[i]!, 14));
  });
});
