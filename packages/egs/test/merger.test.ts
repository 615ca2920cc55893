import { EgsReport, type Example, mergeExamples, Merger, mergeableExamples, parseMinibatchRule } from '@jebena/egs';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';

const example = (key: string, count: number, seed: number): Example => ({
  key,
  inputs: [
    {
      name: 'input',
      first: -1,
      count: count + 1,
      stride: 1,
      start: -1,
      source: { rows: count, cols: 3, data: Float32Array.from({ length: 3 * count }, (_, i) => seed * 100 + i) },
    },
  ],
  outputs: [
    {
      name: 'output',
      first: 0,
      count,
      stride: 1,
      targets: { kind: 'labels', dim: 9, labels: Int32Array.from({ length: count }, (_, i) => (seed + i) % 9) },
      weights: seed % 2 ? Float32Array.from({ length: count }, (_, i) => 1 / (i + 1)) : undefined,
    },
  ],
});

const rule = fc
  .array(
    fc.oneof(
      fc.integer({ min: 1, max: 9 }).map(String),
      fc.tuple(fc.integer({ min: 1, max: 9 }), fc.nat(5)).map(([a, b]) => `${a}:${a + b}`),
    ),
    { minLength: 1, maxLength: 3 },
  )
  .map((parts) => parts.join(','));

test('every example comes out once, in minibatches of allowed sizes, and is the same when taken out again', () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom(4, 7), { maxLength: 60 }),
      rule,
      fc.constantFrom('merge', 'keep', 'drop'),
      (sizes, text, leftOver) => {
        const examples = sizes.map((count, i) => example(`e${i}`, count, i));
        const groups: string[][] = [];
        const kind = {
          ...mergeableExamples,
          merge: (all: readonly Example[], index: number) => {
            groups.push(all.map((e) => e.key));
            return mergeExamples(all, `merged-${index}-${all.length}`);
          },
        };
        const report = new EgsReport();
        const merger = new Merger(kind, { rule: text, leftOver: leftOver as 'merge' | 'keep' | 'drop', report });
        const batches = [...examples.flatMap((e) => merger.push(e)), ...merger.flush()];
        const kept = groups.flat();
        expect(new Set(kept).size).toBe(kept.length);
        const left = examples.length - kept.length;
        expect(left).toBe([...merger.counts.values()].reduce((sum, c) => sum + c.leftOver, 0));
        if (leftOver === 'merge') expect(left).toBe(0);
        expect(report.count('left-over')).toBe(leftOver === 'drop' ? left : 0);
        const { fit } = parseMinibatchRule(text).sizesFor(8);
        if (leftOver !== 'merge') for (const { sequences } of batches) expect(fit(sequences)).toBe(sequences);
        batches.forEach(({ sequences, inputs, outputs }, b) => {
          for (let n = 0; n < sequences; n++) {
            const alone = mergeExamples([examples[Number(groups[b]![n]!.slice(1))]!], '');
            const { count } = alone.inputs[0]!;
            for (let i = 0; i < count; i++)
              for (let c = 0; c < 3; c++)
                expect(inputs[0]!.feats.data[(i * sequences + n) * 3 + c]).toBe(alone.inputs[0]!.feats.data[3 * i + c]);
            for (let i = 0; i < count - 1; i++)
              expect(outputs[0]!.weights?.[i * sequences + n] ?? 1).toBe(alone.outputs[0]!.weights?.[i] ?? 1);
          }
        });
      },
    ),
    { numRuns: 30 },
  );
});

test('what is kept comes in the next epoch', () => {
  const merger = new Merger(mergeableExamples, { rule: 4, leftOver: 'keep' });
  const run = (from: number, to: number): number[] => {
    const made = [];
    for (let i = from; i < to; i++) made.push(...merger.push(example(`e${i}`, 4, i)));
    return [...made, ...merger.flush()].map((b) => b.sequences);
  };
  expect([run(0, 6), run(6, 8)]).toEqual([[4], [4]]);
});

test('rules are read as Kaldi reads them', () => {
  const { sizesFor } = parseMinibatchRule('150=64,32/90=128:256');
  expect([sizesFor(170).largest, sizesFor(120).largest, sizesFor(119).largest]).toEqual([64, 64, 256]);
  expect([70, 40, 31].map(sizesFor(150).fit)).toEqual([64, 32, 0]);
  expect([300, 200, 127].map(sizesFor(90).fit)).toEqual([256, 200, 0]);
  for (const [wrong, part] of [
    ['', ''],
    ['0', '0'],
    ['a', 'a'],
    ['4:2', '4:2'],
    ['5=3=1', '5=3=1'],
    ['64/90=3', 'a rule without an example size beside others'],
  ])
    expect(() => parseMinibatchRule(wrong!)).toThrow(
      `minibatch rule '${wrong}': expected sizes such as '64', '128,64', '1:64' or '150=64,32/90=128:256', found '${part}'`,
    );
});
