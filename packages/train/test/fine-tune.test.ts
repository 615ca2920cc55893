import { readFileSync } from 'node:fs';
import { createEngine } from '@jebena/engine/node';
import { AcousticModel } from '@jebena/graph';
import { readMatrices } from '@jebena/io-ark';
import { type FineTuneStep, type SearchedModel, type Take, TakeError, fineTune } from '@jebena/train';
import { readFst, readSymbols } from '@jebena/wfst';
import { expect } from 'vitest';
import { shared, testShared } from '../../../test/support/shared.js';

const engine = await createEngine();
const bytes = (name: string): Uint8Array => new Uint8Array(readFileSync(shared('golden/decode', name)));

const chain = (): SearchedModel => ({
  model: AcousticModel.fromBytes(bytes('final.mdl')),
  graph: readFst(bytes('HCLG.fst')),
  acousticScale: 1,
  frameSubsamplingFactor: 3,
});

async function takes(): Promise<Take[]> {
  const symbols = readSymbols(bytes('words.txt'));
  const lines = new TextDecoder().decode(bytes('ref.txt')).trim().split('\n');
  const words = new Map(lines.map((line) => line.split(' ')).map(([key, ...said]) => [key!, said]));
  const found: Take[] = [];
  for await (const [key, feats] of readMatrices(bytes('feats.ark')))
    found.push({ key, feats, words: words.get(key)!.map((w) => symbols.label(w)) });
  return found;
}

testShared('a chain model comes nearer to a few takes, and forgets the less the more it is to keep', async () => {
  const given = (await takes()).slice(0, 2);
  const searched = chain();
  await engine.read(engine.zeros(1, 1));
  const live = engine.liveTensors();
  const run = async (
    keep: number,
  ): Promise<{ steps: FineTuneStep[]; before: number; after: number; moved: number }> => {
    const steps: FineTuneStep[] = [];
    for await (const event of fineTune(engine, searched, given, { steps: 12, keep, learningRate: 3e-4 }))
      if (event.type === 'step') steps.push(event);
      else {
        // All else of the model is what it was: the file's size too.
        expect(event.model.toBytes().length).toBe(searched.model.toBytes().length);
        const [old, now] = [searched.model.toBytes(), event.model.toBytes()];
        return { ...event, steps, moved: now.filter((b, i) => b !== old[i]).length };
      }
    throw new Error('no end');
  };
  const much = await run(0);
  expect(much.steps.map((s) => s.step)).toEqual(Array.from({ length: 12 }, (_, i) => i + 1));
  // What training measures is what a whole pass over the takes measures.
  expect(much.steps[0]!.loss).toBeCloseTo(much.before, 3);
  expect(much.after).toBeLessThan(0.7 * much.before);
  expect(much.steps.at(-1)!.loss).toBeLessThan(much.steps[0]!.loss);
  expect(much.moved).toBeGreaterThan(1000);
  const all = await run(1);
  expect(all.before).toBeCloseTo(0, 3);
  expect(all.after).toBeLessThan(0.05 * much.before);
  expect(engine.liveTensors()).toBe(live);
});

testShared('takes that do not fit are told by name', async () => {
  const [take] = await takes();
  const tune = async (changed: Partial<Take>): Promise<void> => {
    for await (const _ of fineTune(engine, chain(), [{ ...take!, ...changed }], { steps: 1 }));
  };
  await expect(tune({ words: [9999] })).rejects.toThrow(`take '${take!.key}': expected words that the grammar has`);
  await expect(tune({ words: Array(90).fill(take!.words[0]!) })).rejects.toThrow(TakeError);
});
