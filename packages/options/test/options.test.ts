import {
  atLeast,
  bool,
  choice,
  defineOptions,
  flagName,
  float,
  int,
  parseOptionText,
  resolveOptions,
} from '@jebena/options';
import { expect, test } from 'vitest';

const specs = defineOptions({
  numMelBins: int(23, 'Number of triangular mel-frequency bins', atLeast(3)),
  highFreq: float(0, 'High cut-off frequency for mel bins'),
  snipEdges: bool(true, 'Output only frames that fit wholly in the signal'),
  windowType: choice('povey', ['povey', 'hamming'], 'Type of window'),
});

test('defaults are filled in and given values kept', () => {
  expect(resolveOptions(specs, { numMelBins: 40 })).toEqual({
    numMelBins: 40,
    highFreq: 0,
    snipEdges: true,
    windowType: 'povey',
  });
});

test('a wrong value is named with what was expected and found', () => {
  expect(() => resolveOptions(specs, { numMelBins: 2 })).toThrow("option 'numMelBins': expected at least 3, found 2");
  expect(() => resolveOptions(specs, { numMelBins: 4.5 })).toThrow('whole number');
  expect(() => resolveOptions(specs, { windowType: 'round' as 'povey' })).toThrow('expected one of povey, hamming');
  expect(() => resolveOptions(specs, { bins: 4 } as object)).toThrow("unknown option 'bins'");
});

test('flags are spelled and read as Kaldi does', () => {
  expect(flagName('numMelBins')).toBe('num-mel-bins');
  expect(parseOptionText('snip-edges', 'boolean', undefined)).toBe(true);
  expect(parseOptionText('snip-edges', 'boolean', 'F')).toBe(false);
  expect(parseOptionText('high-freq', 'float', '-2e2')).toBe(-200);
  expect(() => parseOptionText('num-mel-bins', 'integer', '4.5')).toThrow('--num-mel-bins: expected a whole number');
});
