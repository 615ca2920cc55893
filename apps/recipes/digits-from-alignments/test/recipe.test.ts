import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { networkFromXconfig } from '@jebena/graph';
import { matrix } from '@jebena/io-ark';
import { afterAll, expect, test as plainTest, vi } from 'vitest';
import { shared, testShared as test } from '../../../../test/support/shared.js';
import { networkNames } from '../options.js';
// As built: the networks are found from there.
import { runRecipe } from '../../dist/digits-from-alignments/recipe.js';

const folder = mkdtempSync(join(tmpdir(), 'jebena-alignments-'));
afterAll(() => rmSync(folder, { recursive: true }));

plainTest.each(networkNames)('%s: its description makes a network', (name) => {
  const path = join(import.meta.dirname, '../networks', `${name}.xconfig`);
  const lda = matrix(200, 201);
  const file = (): Uint8Array =>
    new TextEncoder().encode(
      `[\n${Array.from({ length: lda.rows }, (_, r) => Array.from({ length: lda.cols }, (_, c) => Number(r === c)).join(' ')).join('\n')} ]\n`,
    );
  const network = networkFromXconfig(readFileSync(path, 'utf8'), { seed: 1, file });
  expect([network.inputDim(), network.outputDim()]).toEqual([40, 120]);
  expect(network.parameterCount).toBeLessThan(1e6);
});

test('a few strings train a network and test it', { timeout: 180_000 }, async () => {
  const said: string[] = [];
  const spy = vi.spyOn(process.stderr, 'write').mockImplementation(() => true);
  const results = await runRecipe(
    {
      recordings: shared('fsdd', 'recordings'),
      train: shared('fsdd', 'train.tsv'),
      test: shared('fsdd', 'test.tsv'),
      kaldi: shared('fsdd', 'kaldi'),
      out: folder,
      network: 'tdnn',
      epochs: 1,
      strings: 40,
      threads: 0,
      engine: 'auto',
    },
    new AbortController().signal,
    (line) => said.push(line),
  );
  spy.mockRestore();
  const { frames, correct, words, errors } = results.tdnn!;
  expect(words).toBe(250);
  // Little is learned of one speaker in one short pass, but more than nothing: there are 120 pdfs.
  expect(correct / frames).toBeGreaterThan(0.05);
  expect(errors).toBeLessThanOrEqual(2 * words);
  expect(said.at(-1)).toMatch(/^tdnn: \d+ parameters, trained in \d+ s; frames right .* %, WER .* %/);
  const made = ['final.mdl', 'tree', 'cmvn_opts', 'accuracy.report', 'report.html', 'log/train.0.1.log'];
  expect(made.filter((name) => !existsSync(join(folder, 'tdnn', name)))).toEqual([]);
});
