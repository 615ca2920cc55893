import { readFileSync } from 'node:fs';
import { denominatorFst, normalizationFst, PhoneLanguageModel } from '@jebena/chain';
import { alignmentToPhoneRuns, ContextTree, TransitionModel } from '@jebena/hmm';
import { int32VectorHolder, KaldiInput } from '@jebena/io-ark';
import { readTable } from '@jebena/io-ark/node';
import { type Fst, randomPaths, readFst } from '@jebena/wfst';
import { expect, test } from 'vitest';
import { shared, testShared } from '../../../test/support/shared.js';

const golden = (name: string): Fst => readFst(readFileSync(shared('golden/chain', name)));
const input = (path: string): KaldiInput => new KaldiInput(readFileSync(path), { path });

/** What either of two acceptors can say costs the same in the other, a label, all paths together. */
function expectSameCosts(mine: Fst, theirs: Fst, within: number): void {
  for (const [from, other] of [
    [mine, theirs],
    [theirs, mine],
  ] as const) {
    const paths = randomPaths(from, { seed: 3, maxLength: 200 });
    for (let i = 0; i < 50; i++) {
      const { ilabels } = paths.next().value;
      const apart = Math.abs(cost(other, ilabels) - cost(from, ilabels));
      expect(apart / (ilabels.length + 1)).toBeLessThan(within);
    }
  }
}

/** State by state and arc by arc; costs up to rounding in the last digits. */
function expectSame(mine: Fst, theirs: Fst, within: number): void {
  expect([mine.numStates, mine.numArcs, mine.start]).toEqual([theirs.numStates, theirs.numArcs, theirs.start]);
  for (const column of ['firstArc', 'ilabel', 'nextState'] as const) expect(mine[column]).toEqual(theirs[column]);
  for (const column of ['weight', 'final'] as const)
    mine[column].forEach((cost, i) =>
      expect(cost === theirs[column][i] || Math.abs(cost - theirs[column][i]!) < within).toBe(true),
    );
}

testShared('the denominator graph and its normalization are those of chain-make-den-fst', () => {
  const tree = ContextTree.read(input(shared('golden/chain/tree')));
  const model = TransitionModel.read(input(shared('golden/chain/0.trans_mdl')));
  const ours = denominatorFst(tree, model, golden('phone_lm.fst'));
  expectSame(ours, golden('den.fst'), 1e-5);
  const [mine, wanted] = [normalizationFst(ours), golden('normalization.fst')];
  expect([mine.numStates, mine.numArcs]).toEqual([wanted.numStates, wanted.numArcs]);
  expectSameCosts(mine, wanted, 1e-5);
});

/** -log of the summed probabilities of all paths that say this. */
function cost(fst: Fst, labels: Int32Array): number {
  let now = new Map([[fst.start, 1]]);
  let scale = 0;
  for (const label of labels) {
    const then = new Map<number, number>();
    let sum = 0;
    for (const [s, p] of now)
      for (let a = fst.firstArc[s]!; a < fst.firstArc[s + 1]!; a++)
        if (fst.ilabel[a] === label) {
          const q = p * Math.exp(-fst.weight[a]!);
          sum += q;
          then.set(fst.nextState[a]!, (then.get(fst.nextState[a]!) ?? 0) + q);
        }
    scale += Math.log(sum);
    now = new Map([...then].map(([s, p]) => [s, p / sum]));
  }
  let end = 0;
  for (const [s, p] of now) end += p * Math.exp(-fst.final[s]!);
  return -(Math.log(end) + scale);
}

testShared('the phone language model is the one of chain-est-phone-lm', async () => {
  const folder = shared('fsdd/kaldi/tri_ali_train');
  const model = TransitionModel.read(input(`${folder}/final.mdl`));
  const estimator = new PhoneLanguageModel({ numExtraLmStates: 100 });
  for (const job of [1, 2])
    for await (const [, alignment] of readTable(int32VectorHolder, `ark:gunzip -c ${folder}/ali.${job}.gz|`, {
      allowPipes: true,
    }))
      estimator.add(alignmentToPhoneRuns(model, alignment).map((run) => run.phone));
  const [mine, theirs] = [estimator.estimate(), golden('phone_lm.fst')];
  expectSame(mine, theirs, 1e-6);
});

test('histories that cost least are merged first', () => {
  const estimator = new PhoneLanguageModel({ ngramOrder: 3, noPruneNgramOrder: 2, numExtraLmStates: 0 });
  for (let i = 0; i < 3; i++) estimator.add([1, 2, 1]);
  estimator.add([2, 1]);
  const fst = estimator.estimate();
  // States: the start, after 1, after 2; whatever came before them.
  expect(fst.numStates).toBe(3);
  // After 1: twice as likely the end (4 times) as 2 (3 times) in 7.
  expect(cost(fst, Int32Array.of(2, 1))).toBeCloseTo(-Math.log((1 / 4) * 1 * (4 / 7)), 5);
});
