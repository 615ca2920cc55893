import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { main } from '@jebena/cli';
import { AcousticModel, Network } from '@jebena/graph';
import { type Matrix, matrixHolder } from '@jebena/io-ark';
import { readTable } from '@jebena/io-ark/node';
import { afterAll, describe, expect, vi } from 'vitest';
import { shared, testShared as test } from '../../../test/support/shared.js';

const folder = mkdtempSync(join(tmpdir(), 'jebena-graph-'));
afterAll(() => rmSync(folder, { recursive: true }));
const at = (name: string): string => join(folder, name);
const golden = (...parts: string[]): string => shared('golden', ...parts);

/** Runs a program as the command line does; what it printed and logged. */
async function jebena(...argv: string[]): Promise<{ code: number; out: string; log: string[] }> {
  let [out, log] = ['', ''];
  const spies = [
    vi.spyOn(process.stdout, 'write').mockImplementation((text) => ((out += String(text)), true)),
    vi.spyOn(process.stderr, 'write').mockImplementation((text) => ((log += String(text)), true)),
  ];
  try {
    const code = await main(argv);
    return { code, out, log: log.trim().split('\n') };
  } finally {
    spies.forEach((spy) => spy.mockRestore());
  }
}

async function matrices(specifier: string): Promise<Map<string, Matrix>> {
  const found = new Map<string, Matrix>();
  for await (const [key, value] of readTable(matrixHolder, specifier)) found.set(key, value as Matrix);
  return found;
}

/** The largest difference of two tables, relative to the largest value of the row. */
function worst(found: Map<string, Matrix>, wanted: Map<string, Matrix>): number {
  expect([...found.keys()]).toEqual([...wanted.keys()]);
  let most = 0;
  for (const [key, { rows, cols, data }] of wanted) {
    expect(found.get(key)).toMatchObject({ rows, cols });
    for (let r = 0; r < rows; r++) {
      const size = data.subarray(r * cols, (r + 1) * cols).reduce((a, b) => Math.max(a, Math.abs(b)), 0);
      for (let c = 0; c < cols; c++)
        most = Math.max(most, Math.abs(found.get(key)!.data[r * cols + c]! - data[r * cols + c]!) / size);
    }
  }
  return most;
}

describe('raw networks', () => {
  test('are made of a config, told, copied and edited', async () => {
    const made = await jebena('nnet3-init', '--srand=3', golden('nnet3', 'tdnn', 'final.config'), at('0.raw'));
    expect(made).toEqual({
      code: 0,
      out: '',
      log: [`LOG (nnet3-init) Initialized raw neural net and wrote it to ${at('0.raw')}`],
    });
    const wanted = readFileSync(golden('nnet3', 'tdnn', 'info.txt'), 'utf8').split('\n');
    const { out } = await jebena('nnet3-info', at('0.raw'));
    const nodes = (lines: string[]): string[] => lines.filter((line) => !line.startsWith('component name='));
    expect(nodes(out.split('\n'))).toEqual(nodes(wanted));

    const edits = '--edits=set-dropout-proportion proportion=0.25;rename-node old-name=output new-name=out2';
    const copied = await jebena('nnet3-copy', '--binary=false', '--learning-rate=0.5', edits, at('0.raw'), at('1.txt'));
    expect(copied.log).toEqual([
      'LOG (nnet3-copy) Set dropout proportions for 1 components.',
      `LOG (nnet3-copy) Copied raw neural net from ${at('0.raw')} to ${at('1.txt')}`,
    ]);
    const text = readFileSync(at('1.txt'), 'utf8');
    expect(text).toMatch(/^<Nnet3> \n/);
    expect(text).toContain('output-node name=out2 ');
    expect(text).toContain('<DropoutProportion> 0.25 ');
    expect(text).toContain('<LearningRate> 0.5 ');
  });

  test('a second config is laid over a network', async () => {
    writeFileSync(
      at('more.config'),
      'component name=extra type=AffineComponent input-dim=5 output-dim=3\n' +
        'component-node name=extra component=extra input=output.affine\noutput-node name=output input=extra\n',
    );
    const { code, log } = await jebena(
      'nnet3-init',
      golden('nnet3', 'affine', 'init.raw'),
      at('more.config'),
      at('more.raw'),
    );
    expect([code, log[0]]).toEqual([
      0,
      `LOG (nnet3-init) Read raw neural net from ${golden('nnet3', 'affine', 'init.raw')}`,
    ]);
    expect(Network.fromBytes(readFileSync(at('more.raw'))).outputDim()).toBe(3);
  });

  test('are averaged with weights', async () => {
    const inputs = [golden('nnet3', 'tdnnf', 'stats.raw'), golden('tools', 'scaled.txt')];
    const { code, log } = await jebena('nnet3-average', '--weights=1:3', ...inputs, at('average.raw'));
    expect([code, log]).toEqual([
      0,
      [
        'WARNING (nnet3-average) Normalizing weights to sum to one, sum was 4',
        `LOG (nnet3-average) Averaged parameters of 2 neural nets, and wrote to ${at('average.raw')}`,
      ],
    ]);
    const found = Network.fromBytes(readFileSync(at('average.raw'))).component('output.affine') as unknown as {
      bias: Float32Array;
    };
    const wanted = Network.fromBytes(readFileSync(golden('tools', 'average-weighted.txt'))).component('output.affine');
    found.bias.forEach((v, i) => expect(v).toBeCloseTo((wanted as unknown as { bias: Float32Array }).bias[i]!, 6));
  });
});

describe('acoustic models', () => {
  test('are made, told, copied, and given priors', async () => {
    await jebena('nnet3-am-init', golden('chain', '0.trans_mdl'), golden('chain', 'model.raw'), at('0.mdl'));
    const { out } = await jebena('nnet3-am-info', at('0.mdl'));
    const wanted = readFileSync(golden('tools', 'am.info.txt'), 'utf8');
    expect(out.split('\n').slice(0, 60)).toEqual(wanted.split('\n').slice(0, 60));

    writeFileSync(at('counts.vec'), `[ ${Array.from({ length: 56 }, (_, i) => i + 1).join(' ')} ]`);
    const adjusted = await jebena('nnet3-am-adjust-priors', at('0.mdl'), at('counts.vec'), at('1.mdl'));
    expect(adjusted.log[0]).toBe('LOG (nnet3-am-adjust-priors) Model did not previously have priors attached.');
    const again = await jebena('nnet3-am-adjust-priors', at('1.mdl'), at('counts.vec'), at('1.mdl'));
    expect(again.log[1]).toMatch(/K-L divergence from old to new is (0|-?\de-\d+|-?0\.0000\d+)$/);
    expect(AcousticModel.fromBytes(readFileSync(at('1.mdl'))).priors[55]).toBeCloseTo(56 / 1596, 7);

    const raw = await jebena('nnet3-am-copy', '--raw=true', '--scale=2', at('1.mdl'), at('1.raw'));
    expect(raw.log).toEqual([
      `LOG (nnet3-am-copy) Copied neural net from ${at('1.mdl')} to raw format as ${at('1.raw')}`,
    ]);
    expect(Network.fromBytes(readFileSync(at('1.raw'))).parameterCount).toBe(571_760);
  });

  test('are made of a tree and a topology', async () => {
    const [tree, topo] = [golden('hmm', 'tri.tree'), golden('hmm', 'topo')];
    const { code, log } = await jebena('nnet3-am-init', tree, topo, golden('hybrid', 'tdnn.mdl'), at('tree.mdl'));
    expect({ code, log }).toMatchObject({ code: 0 });
    const made = AcousticModel.fromBytes(readFileSync(at('tree.mdl')));
    expect(made.transitions.numPdfs).toBe(120);
  });
});

describe('the forward pass', () => {
  for (const [name, ivectors] of [
    ['lstmp', []],
    ['cnn', []],
    ['ivector', [`--online-ivectors=ark:${golden('nnet3', 'ivector', 'ivectors.ark')}`, '--online-ivector-period=100']],
  ] as const) {
    test(`${name} as Kaldi computes it`, async () => {
      const [model, feats] = [golden('nnet3', name, 'stats.raw'), `ark:${golden('nnet3', name, 'feats.ark')}`];
      const flags = ['--frames-per-chunk=24', '--engine=tfjs-wasm', ...ivectors];
      const { code, log } = await jebena('nnet3-compute', ...flags, model, feats, `ark:${at('out.ark')}`);
      expect({ code, log }).toMatchObject({ code: 0 });
      expect(log.at(-1)).toBe('LOG (nnet3-compute) Done 3 utterances, failed for 0');
      const wanted = await matrices(`ark:${golden('nnet3', name, 'out.ark')}`);
      expect(worst(await matrices(`ark:${at('out.ark')}`), wanted)).toBeLessThan(1e-4);
      const batch = await jebena(
        'nnet3-compute-batch',
        ...flags,
        '--apply-exp',
        model,
        feats,
        `ark,t:${at('exp.ark')}`,
      );
      expect(batch.log.at(-1)).toBe('LOG (nnet3-compute-batch) Done 3 utterances, failed for 0');
      for (const [key, { data }] of await matrices(`ark:${at('exp.ark')}`))
        expect(data[0]).toBeCloseTo(Math.exp(wanted.get(key)!.data[0]!), 4);
    });
  }

  for (const name of ['subsampled', 'tdnnf', 'lstmp'])
    test(`${name} prepared for testing gives the same`, async () => {
      const { code, log } = await jebena(
        'nnet3-copy',
        '--prepare-for-test',
        golden('nnet3', name, 'stats.raw'),
        at('test.raw'),
      );
      expect({ code, log }).toMatchObject({ code: 0 });
      const before = Network.fromBytes(readFileSync(golden('nnet3', name, 'stats.raw')));
      expect(Network.fromBytes(readFileSync(at('test.raw'))).components.size).toBeLessThan(before.components.size);
      const feats = `ark:${golden('nnet3', name, 'feats.ark')}`;
      const flags = [
        '--engine=tfjs-cpu',
        '--frames-per-chunk=24',
        '--optimization.memory-compression-level=0',
        '--computation.debug=false',
      ];
      expect((await jebena('nnet3-compute', ...flags, at('test.raw'), feats, `ark:${at('out.ark')}`)).code).toBe(0);
      const wanted = await matrices(`ark:${golden('nnet3', name, 'out.ark')}`);
      expect(worst(await matrices(`ark:${at('out.ark')}`), wanted)).toBeLessThan(1e-4);
    });

  test('priors are subtracted, what has no iVector is left out, and nothing written is exit code 1', async () => {
    const none = await jebena(
      'nnet3-compute',
      golden('nnet3', 'ivector', 'stats.raw'),
      `ark:${golden('nnet3', 'ivector', 'feats.ark')}`,
      `ark:${at('none.ark')}`,
      `--ivectors=ark,t:${at('empty')}`,
      '--engine=tfjs-cpu',
    );
    expect(none.code).toBe(1);
    expect(none.log.join('\n')).toContain('no such file');
    writeFileSync(at('empty'), '');
    const skipped = await jebena(
      'nnet3-compute',
      golden('nnet3', 'ivector', 'stats.raw'),
      `ark:${golden('nnet3', 'ivector', 'feats.ark')}`,
      `ark:${at('none.ark')}`,
      `--ivectors=ark,t:${at('empty')}`,
      '--engine=tfjs-cpu',
    );
    expect([skipped.code, skipped.log.at(-1)]).toEqual([1, 'LOG (nnet3-compute) Done 0 utterances, failed for 3']);
    expect(skipped.log[0]).toMatch(/^WARNING \(nnet3-compute\) No iVector available for utterance /);
  });
});

describe('configs and pictures', () => {
  test('xconfig-to-configs writes the files of Kaldi', async () => {
    const xconfig = golden('nnet3', 'ivector', 'network.xconfig');
    const { code, log } = await jebena('xconfig-to-configs', '--xconfig-file', xconfig, '--config-dir', at('configs'));
    expect([code, log.length]).toEqual([0, 1]);
    const read = (name: string): string => readFileSync(join(at('configs'), name), 'utf8');
    expect(read('vars')).toBe('model_left_context=3\nmodel_right_context=2\n');
    expect(read('init.config')).toMatch(/output-node name=output input=Append\(Offset\(input, -1\)/);
    expect(read('ref.config')).toContain('component name=lda type=FixedAffineComponent input-dim=27 output-dim=27\n');
    expect(read('final.config')).toContain('component name=lda type=FixedAffineComponent matrix=lda.mat\n');
    for (const name of ['xconfig', 'xconfig.expanded.1', 'xconfig.expanded.2'])
      expect(read(name)).toContain('relu-renorm-layer name=tdnn1');
    expect(Network.fromBytes(readFileSync(join(at('configs'), 'ref.raw'))).inputDim('ivector')).toBe(3);
  });

  test('an output delay that the first transform does not know is refused, as Kaldi refuses it', async () => {
    writeFileSync(
      at('late.xconfig'),
      'input name=input dim=4\nfixed-affine-layer name=lda input=Append(0,1,2,3,4) affine-transform-file=lda.mat\noutput-layer name=output dim=3 output-delay=-3\n',
    );
    const { code, log } = await jebena(
      'xconfig-to-configs',
      '--xconfig-file',
      at('late.xconfig'),
      '--config-dir',
      at('late'),
    );
    expect([code, log.at(-1)]).toEqual([1, expect.stringContaining('give the first fixed-affine-layer that delay')]);
    expect(existsSync(at('late'))).toBe(false);
  });

  test('layers over an existing model', async () => {
    writeFileSync(at('over.xconfig'), 'relu-layer name=new dim=6 input=tdnn1.renorm\noutput-layer name=output dim=3\n');
    const model = golden('nnet3', 'ivector', 'init.raw');
    const { code, log } = await jebena(
      'xconfig-to-configs',
      '--xconfig-file',
      at('over.xconfig'),
      '--config-dir',
      at('over'),
      '--existing-model',
      model,
    );
    expect({ code, log }).toMatchObject({ code: 0 });
    expect(readFileSync(join(at('over'), 'vars'), 'utf8')).toBe('model_left_context=1\nmodel_right_context=1\n');
  });

  test('nnet3-to-dot draws', async () => {
    const model = golden('nnet3', 'lstmp', 'init.raw');
    expect(
      (await jebena('nnet3-to-dot', '--style=kaldi', '--component-attributes=name', model, at('k.dot'))).code,
    ).toBe(0);
    expect(readFileSync(at('k.dot'), 'utf8')).toContain('lstm1_dot_W_rplstm1_dot_W_rp_component');
    expect((await jebena('nnet3-to-dot', '--short', model, at('p.svg'))).code).toBe(0);
    expect(readFileSync(at('p.svg'), 'utf8')).toContain('<svg');
  });
});

test('wrong use: one line, exit code 1', async () => {
  expect((await jebena('nnet3-info')).code).toBe(1);
  const missing = await jebena('nnet3-copy', at('nothing.raw'), at('x.raw'));
  expect([missing.code, missing.log]).toEqual([
    1,
    [expect.stringMatching(/^ERROR \(nnet3-copy\) .*nothing\.raw.*no such file/)],
  ]);
  const weights = await jebena('nnet3-average', '--weights=1', at('a'), at('b'), at('c'));
  expect(weights.log.at(-1)).toBe("ERROR (nnet3-average) option --weights: expected 2 numbers with colons, found '1'");
});
