import { denominatorFst, DenominatorGraph, normalizationFst, PhoneLanguageModel } from '@jebena/chain';
import {
  chunks,
  type Minibatch,
  minibatches,
  numerators,
  type PhoneLengths,
  withTargets,
  withXentBranch,
} from '@jebena/egs';
import { createEngine, type Engine } from '@jebena/engine';
import { Network } from '@jebena/graph';
import { chainTopology, ContextTree, TransitionModel } from '@jebena/hmm';
import { collect, type Item } from '@jebena/stream';
import {
  chainObjective,
  constantRate,
  evaluate,
  FailedMinibatchesError,
  kaldiSgd,
  multilingualChainObjective,
  train,
  type TrainEvent,
} from '@jebena/train';
import { parseFst } from '@jebena/wfst';
import { pipe } from 'it-pipe';
import { beforeAll, expect, test } from 'vitest';

let engine: Engine;
beforeAll(async () => void (engine = await createEngine({ engine: 'tfjs-wasm' })));

/** A language of its own phones, with its denominator and minibatches of features that tell the phones apart. */
async function language(
  said: readonly (readonly number[])[],
  output: string,
): Promise<{ graph: DenominatorGraph; batches: Minibatch[]; dim: number }> {
  const topology = chainTopology([1, 2, 3]);
  const tree = ContextTree.monophone(topology);
  const transitionModel = TransitionModel.create(tree, topology);
  const phoneLm = new PhoneLanguageModel();
  for (const phones of said) phoneLm.add(phones);
  const den = denominatorFst(tree, transitionModel, phoneLm.estimate());
  const lengths = new Map<string, PhoneLengths>(
    Array.from({ length: 16 }, (_, u) => [
      `utt${u}`,
      said[u % said.length]!.map((phone, i) => [phone, 9 + ((u + i) % 4)] as const),
    ]),
  );
  const feats = Array.from(lengths, ([key, phones]): Item<{ rows: number; cols: number; data: Float32Array }> => {
    const frames = phones.flatMap(([phone, count]) => Array.from({ length: count }, () => phone));
    const data = Float32Array.from(
      frames.flatMap((phone, t) => [1, 2, 3].map((p) => (p === phone ? 1 : 0) + 0.1 * Math.sin(t * p))),
    );
    return [key, { rows: frames.length, cols: 3, data }];
  });
  const normalization = normalizationFst(den);
  const batches = await pipe(
    feats,
    withTargets(numerators(lengths, { tree, transitionModel, normalization, frameSubsamplingFactor: 3 }), {
      frameSubsamplingFactor: 3,
      output,
    }),
    chunks({ sizes: 18, frameSubsamplingFactor: 3, leftContext: 1, rightContext: 1 }),
    minibatches('4'),
    withXentBranch(),
    collect<Minibatch>,
  );
  return { graph: new DenominatorGraph(den, tree.numPdfs), batches, dim: tree.numPdfs };
}

const config = (dim: number, outputs: readonly string[]): string =>
  [
    'input-node name=input dim=3',
    'component name=a type=NaturalGradientAffineComponent input-dim=9 output-dim=16 learning-rate=0.02 max-change=0.75',
    'component-node name=a component=a input=Append(Offset(input, -1), input, Offset(input, 1))',
    'component name=r type=RectifiedLinearComponent dim=16',
    'component-node name=r component=r input=a',
    'component name=b type=BatchNormComponent dim=16',
    'component-node name=b component=b input=r',
    'component name=l type=LogSoftmaxComponent dim=' + dim,
    ...outputs.flatMap((output) => [
      `component name=${output} type=NaturalGradientAffineComponent input-dim=16 output-dim=${dim} learning-rate=0.02 max-change=1.5`,
      `component-node name=${output}.affine component=${output} input=b`,
      `output-node name=${output} input=${output}.affine`,
      `component name=${output}-x type=NaturalGradientAffineComponent input-dim=16 output-dim=${dim} learning-rate=0.02 max-change=1.5`,
      `component-node name=${output}-x.affine component=${output}-x input=b`,
      `component-node name=${output}-x.log component=l input=${output}-x.affine`,
      `output-node name=${output}-xent input=${output}-x.log`,
    ]),
  ].join('\n');

const settings = { leakyHmmCoefficient: 0.1, xentRegularize: 0.1 };
const run = { schedule: constantRate(0.02), totalSteps: 100, reportEvery: 100, seed: 1 };
const perFrame = ({ objective, weight }: { objective: number; weight: number }): number => objective / weight;

test('a language learns with its own denominator, and leaves the other outputs alone', async () => {
  const [a, b] = await Promise.all([
    language(
      [
        [1, 2, 1],
        [1, 3, 2],
      ],
      'output-a',
    ),
    language(
      [
        [3, 1],
        [2, 3, 1],
        [3, 2],
      ],
      'output-b',
    ),
  ]);
  const objective = multilingualChainObjective({
    'output-a': { ...settings, denominator: a.graph },
    'output-b': { ...settings, denominator: b.graph },
  });
  const model = Network.fromConfig(config(a.dim, ['output-a', 'output-b']), { seed: 1 }).load(engine);
  const before = await evaluate(model, [...a.batches, ...b.batches], objective, { training: true });
  const untouched = (await model.save()).component('output-b');
  const optimizer = kaldiSgd({ maxParamChange: 2 })(model);
  const source = Array.from({ length: 8 }, () => a.batches).flat();
  const events = await collect(train(model, { objective, optimizer, ...run })(source as never));
  expect((events.at(-1) as TrainEvent).type).toBe('end');
  const after = await evaluate(model, [...a.batches, ...b.batches], objective, { training: true });
  for (const output of ['output-a', 'output-a-xent'])
    expect(perFrame(after[output]!)).toBeGreaterThan(perFrame(before[output]!) + 0.05);
  expect((await model.save()).component('output-b')).toEqual(untouched);
  const unknown = { name: 'output-c', first: 0, count: 1, stride: 1, targets: a.batches[0]!.outputs[0]!.targets };
  expect(() => objective.evaluate(engine, undefined as never, unknown, 1)).toThrow(
    'expected one of output-a, output-b',
  );
  optimizer.dispose();
  model.dispose();
});

test('minibatches that give nothing to learn from are left out and named; too many stop the run', async () => {
  const { graph, batches, dim } = await language(
    [
      [1, 2, 1],
      [1, 3, 2],
    ],
    'output',
  );
  const objective = chainObjective({ ...settings, denominator: graph });
  const many = Array.from({ length: 4 }, () => batches).flat();
  const broken = {
    ...many[1]!,
    key: 'broken',
    inputs: many[1]!.inputs.map((io) => ({
      ...io,
      feats: { ...io.feats, data: io.feats.data.slice().fill(NaN, 5, 6) },
    })),
  };
  const impossible = {
    ...many[2]!,
    key: 'impossible',
    outputs: many[2]!.outputs.map((output) => {
      if (output.targets.kind !== 'chain') throw new Error('expected supervision');
      const none = parseFst('0 1 1 1\n1\n');
      const supervision = {
        ...output.targets.supervision,
        fst: undefined,
        e2eFsts: Array.from({ length: many[2]!.sequences }, () => none),
      };
      return { ...output, targets: { ...output.targets, supervision } };
    }),
  };
  const shared = impossible.outputs[0]!.targets;
  const source = [
    ...many,
    broken,
    { ...impossible, outputs: impossible.outputs.map((o) => ({ ...o, targets: shared })) },
  ];
  const model = Network.fromConfig(config(dim, ['output']), { seed: 1 }).load(engine);
  const optimizer = kaldiSgd({ maxParamChange: 2 })(model);
  const events = await collect(train(model, { objective, optimizer, ...run, mostFailed: 0.2 })(source as never));
  const failed = events.flatMap((e: any) => (e.type === 'minibatches' ? (e.failed ?? []) : []));
  expect(failed).toEqual([
    { minibatch: 'broken', output: 'output', reason: "expected finite features of input 'input', found NaN in row 1" },
    { minibatch: 'impossible', output: 'output', reason: expect.stringContaining('the numerator has no path') },
  ]);
  expect(events.at(-1)).toMatchObject({ type: 'end', failed: 2, step: source.length });
  for (const [, component] of (await model.save()).components)
    for (const values of Object.values(component.statistics() ?? {}))
      if (values instanceof Float32Array) expect(values.every(Number.isFinite)).toBe(true);
  const stopped = collect(train(model, { objective, optimizer, ...run })([broken, ...many.slice(0, 4)] as never));
  await expect(stopped).rejects.toThrow(FailedMinibatchesError);
  await expect(
    collect(train(model, { objective, optimizer, ...run })([broken, ...many.slice(0, 4)] as never)),
  ).rejects.toThrow(
    "1 of 5 minibatches failed, more than 10 %; the first, 'broken', output 'output': expected finite features",
  );
  optimizer.dispose();
  model.dispose();
});

test('backstitch steps back before it steps on', async () => {
  const { graph, batches, dim } = await language(
    [
      [1, 2, 1],
      [1, 3, 2],
    ],
    'output',
  );
  const objective = chainObjective({ ...settings, denominator: graph });
  const model = Network.fromConfig(config(dim, ['output']), { seed: 1 }).load(engine);
  const optimizer = kaldiSgd({ maxParamChange: 2, backstitchScale: 0.3, backstitchInterval: 1 })(model);
  const [event] = (await collect(train(model, { objective, optimizer, ...run })(batches as never))) as any[];
  const { output, output_backstitch: second } = event.outputs;
  expect(output.weight).toBe(second.weight);
  // The first pass unlearns, so that the second finds each minibatch harder.
  expect(perFrame(second)).toBeLessThan(perFrame(output));
  expect(Number.isFinite(perFrame(second))).toBe(true);
  optimizer.dispose();
  model.dispose();
});
