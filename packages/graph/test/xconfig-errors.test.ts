import { XconfigError, configFromXconfig, networkFromXconfig, xconfigToConfigs } from '@jebena/graph';
import { describe, expect, test } from 'vitest';

const lines = (...text: string[]): string => ['input name=input dim=8', ...text, 'output name=output'].join('\n');

describe('an xconfig that cannot be', () => {
  test.each([
    ['relu-layr name=a dim=4', "xconfig line 2: no such layer type 'relu-layr'"],
    ['relu-layer dim=4', 'xconfig line 2: relu-layer: key name is missing'],
    ['relu-layer name=input dim=4', "name 'input' is taken by a layer above"],
    ['relu-layer name=a dims=4', 'unknown key dims=4; known: name add-log-stddev bias-stddev'],
    ['relu-layer name=a dim=4.0', "key dim: expected a whole number, found '4.0'"],
    ['relu-layer name=a dim=4 add-log-stddev=yes', "key add-log-stddev: expected true or false, found 'yes'"],
    ['relu-layer name=a dim=4 max-change=much', "key max-change: expected a number, found 'much'"],
    ['relu-layer name=a dim=4 dim=5', 'key dim is given twice'],
    ['relu-layer name=a dim=4 input=b', "relu-layer: no layer 'b' above this line"],
    ['relu-layer name=a dim=4 input=input.c', "layer 'input' (input) has no output 'c'; it has: none"],
    ['relu-layer name=a dim=4 input=Append(input,', 'expected a descriptor, found the end'],
    ['relu-layer name=a dim=4 input=Offset(input, x)', "expected a whole number, found 'x'"],
    ['relu-layer name=a dim=4 input=[-3]', 'names no layer above (there are 1)'],
    ['relu-layer name=a dim=4 input=Sum(input, Append(input, input))', "the parts' dimensions differ, 8 and 16"],
    ['relu-layer name=a dim=4 input=input junk', "expected nothing more, found 'junk'"],
    ["relu-layer name=a dim=4 input='input'", "character ' is not allowed"],
    ['tdnnf-layer name=a dim=20 bottleneck-dim=4', "a bypass wants dim=20 equal to the input's 8"],
    ['dim-range-component name=a dim=4 dim-offset=6', 'dimensions 6 to 10 of an input of 8'],
    ['idct-layer name=a affine-transform-file=x cepstral-lifter=2', 'cepstral-lifter=2 takes cepstrum 3 out'],
    ['delta-layer name=a input=Append(-1,1)', 'delta-layer reads a node, not a descriptor'],
    ['fast-lstmp-layer name=a cell-dim=12 decay-time=2 delay=-3', "decay-time=2 must be above the delay's 3 frames"],
  ])('%s', (line, message) => {
    const parse = (): string => configFromXconfig(lines(line));
    expect(parse).toThrow(XconfigError);
    expect(parse).toThrow(message);
  });

  test('without an output or without a line', () => {
    expect(() => configFromXconfig('input name=input dim=8')).toThrow('no output layer');
    expect(() => configFromXconfig('# nothing\n')).toThrow('no layer');
  });
});

describe('where Kaldi goes wrong', () => {
  const final = (...text: string[]): string => configFromXconfig(lines(...text));

  test('projections that default to a quarter of the cell are whole numbers', () => {
    const config = final('fast-lstmp-layer name=l cell-dim=512');
    expect(config).toContain('name=l.W_rp type=NaturalGradientAffineComponent input-dim=512 output-dim=256 ');
    expect(config).not.toMatch(/dim=\d+\.\d/);
  });

  test('the memory of LSTMs can be read', () => {
    expect(final('fast-lstm-layer name=l cell-dim=4', 'relu-layer name=r dim=3 input=l.c')).toContain(
      'dim-range-node name=l.c input-node=l.lstm_nonlin dim-offset=0 dim=4',
    );
    expect(final('fast-lstmp-layer name=l cell-dim=8', 'relu-layer name=r dim=3 input=l.c_t')).toContain(
      'component-node name=r.affine component=r.affine input=l.c\n',
    );
    expect(final('lstm-layer name=l cell-dim=4', 'relu-layer name=r dim=3 input=l.c_t')).toContain('input=l.c_t');
  });

  test('an affine-layer passes its learning rate and further options on', () => {
    const config = final('affine-layer name=a dim=3 learning-rate-factor=0.5 ng-affine-options="rank-in=4"');
    expect(config).toContain('l2-regularize=0.0 learning-rate-factor=0.5 rank-in=4');
  });
});

test('nodes of an existing model, and the context', () => {
  const { final, vars } = xconfigToConfigs('relu-layer name=tdnn1 dim=4 input=tdnn1.affine@-1\noutput name=output', {
    existing: [{ name: 'tdnn1.affine', dim: 7 }],
    context: (config) => ({ left: config.includes('-1') ? 1 : 0, right: 0 }),
  });
  expect(final).toContain('name=tdnn1.affine type=NaturalGradientAffineComponent input-dim=7 output-dim=4');
  expect(vars).toBe('model_left_context=1\nmodel_right_context=0\n');
});

test("an option that is pasted goes before the layer's own, and the first of a key counts", () => {
  const config = 'input name=input dim=4\nrelu-layer name=a dim=3 ng-affine-options="max-change=2"\noutput name=output';
  expect(networkFromXconfig(config).component('a.affine')).toMatchObject({ maxChange: 2 });
});
