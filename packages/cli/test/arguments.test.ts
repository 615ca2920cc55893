import { joinValues, parseArguments } from '@jebena/cli';
import { bool, defineOptions, float, int, text } from '@jebena/options';
import { expect, test } from 'vitest';

const specs = defineOptions({
  numMelBins: int(23, 'Number of bins'),
  highFreq: float(0, 'High cut-off'),
  snipEdges: bool(true, 'Snip'),
});

test('Kaldi command lines are read as Kaldi reads them', () => {
  const parsed = parseArguments(specs, [
    '--num-mel-bins=40',
    '--snip_edges=false',
    '--high-freq=-200',
    'scp:wav.scp',
    'ark:-',
    '-',
  ]);
  expect(parsed.options).toEqual({ numMelBins: 40, highFreq: -200, snipEdges: false });
  expect(parsed.positionals).toEqual(['scp:wav.scp', 'ark:-', '-']);
});

test('an unknown option is named', () => {
  expect(() => parseArguments(specs, ['--bins=3'])).toThrow('unknown option --bins');
});

test('values after a blank, as Python scripts take them', () => {
  const options = defineOptions({ configDir: text('', 'Folder'), short: bool(false, 'Flag') });
  const joined = joinValues(options, ['--config-dir', 'x y', '--short', 'out', '--config_dir', '-']);
  expect(joined).toEqual(['--config-dir=x y', '--short', 'out', '--config_dir=-']);
  expect(parseArguments(options, joined)).toMatchObject({
    positionals: ['out'],
    options: { configDir: '-', short: true },
  });
  expect(joinValues(options, ['--config-dir'])).toEqual(['--config-dir']);
});
