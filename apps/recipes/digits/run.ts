import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { createEngine } from '@jebena/engine/node';
import type { Engine } from '@jebena/engine';
import { Network } from '@jebena/graph';
import { readCorpus } from './corpus.js';
import { embeddedData } from './embedded.js';
import { digitsLanguage, type Language } from './language.js';
import { saveModel } from './model-folder.js';
import type { DigitsOptions } from './options.js';
import { trainCrossEntropy } from './cross-entropy/training.js';
import { planEpochs } from './cross-entropy/plan.js';
import { chainGraphs } from './lf-mmi/chain-graphs.js';
import { DigitBalance } from './lf-mmi/digit-balance.js';
import { trainLfMmi } from './lf-mmi/training.js';
import { Normaliser } from './normalise.js';
import { Progress } from './progress.js';
import { recogniseTests } from './recognise-tests.js';
import { pdfPriors } from './scores.js';
import { recordedData } from './recorded.js';
import { reportPage } from './report/page.js';
import { type DigitsResults, errorLine } from './results.js';
import { type Fingerprint, loadRunState, saveRunState, writeWhole } from './run-state.js';
import type { TrainingOptions, TrainingState } from './training.js';
import type { DigitsData, Utterance } from './utterance.js';

/** Where a run says what it does; progress goes to the terminal besides. */
export interface RunOutput {
  readonly say: (text: string) => void;
}

/** What must be the same for an interrupted run to go on. */
const fingerprintOf = (
  { objective, arch, recordings, train, test, leaveOut, strings, epochs, seed }: DigitsOptions,
  engine: Engine,
): Fingerprint => ({
  objective,
  arch,
  recordings,
  train,
  test,
  leaveOut,
  strings,
  epochs,
  seed,
  engine: engine.name,
  version: engine.version,
  precision: engine.precision,
  threads: engine.threads,
});

/** The whole recipe: data, training, testing, report. What it writes under `--out` is listed in the recipe's README. */
export async function runDigits(
  options: DigitsOptions,
  signal: AbortSignal,
  { say }: RunOutput,
): Promise<DigitsResults> {
  const { out } = options;
  const whole = options.recordings ? recordedData(options) : embeddedData(readCorpus(), options);
  const data = options.strings > 0 ? { ...whole, train: whole.train.slice(0, options.strings) } : whole;
  const engine = await createEngine({ engine: options.engine, precision: options.precision });
  say(`Engine: ${engine.name} ${engine.version}, ${engine.precision}, ${engine.threads} threads`);
  say(
    `Data: ${data.train.length} training strings, ${data.tests.map((t) => `${t.utterances.length} in ${t.name}`).join(', ')}`,
  );
  if (options.restart) rmSync(join(out, 'checkpoint.bin'), { force: true });
  const fingerprint = fingerprintOf(options, engine);
  const resumed = loadRunState(out, fingerprint);
  const language = digitsLanguage(options.objective);
  const planned = plannedEpochs(options);
  const normaliser = options.objective === 'lf-mmi' ? Normaliser.of(data.train) : undefined;
  if (resumed) say(`Going on from ${out}: ${resumed.done} of ${planned} epochs are done`);
  const { state, seconds } = await trainWithProgress(
    engine,
    language,
    data,
    normaliser,
    options,
    planned,
    signal,
    fingerprint,
    resumed,
  );
  const network = Network.fromBytes(state.network);
  // LF-MMI's outputs are likelihoods, but for a constant, as they are.
  const priors = state.alignments && pdfPriors(language, state.alignments);
  const testSets = normaliser?.tests(data.tests) ?? data.tests;
  const denominator = normaliser && chainGraphs(language).denominator;
  const newBalance = denominator && ((): DigitBalance => new DigitBalance(language, denominator));
  const tests = await recogniseTests(engine, network, language, testSets, priors, signal, newBalance);
  const results: DigitsResults = {
    options,
    engine: { name: engine.name, version: engine.version, precision: engine.precision, threads: engine.threads },
    parameters: network.parameterCount,
    epochs: state.epochs,
    tests,
    trainingSeconds: seconds,
  };
  saveModel(join(out, 'model'), network, language, priors, normaliser);
  writeWhole(join(out, 'results.json'), `${JSON.stringify(results, null, 1)}\n`);
  for (const { name, hypotheses } of tests)
    writeWhole(join(out, `hypotheses-${name}.txt`), hypotheses.map((h) => `${h.id} ${h.words.join(' ')}\n`).join(''));
  writeWhole(join(out, 'report.html'), reportPage(results, shownUtterances(data)));
  for (const test of tests) say(errorLine(test));
  return results;
}

/** Three utterances of different speakers, short enough to draw. */
function shownUtterances({ tests }: DigitsData): Utterance[] {
  const shown: Utterance[] = [];
  const candidates = tests.flatMap((t) => t.utterances).filter((u) => u.words.length >= 3 && u.feats.rows < 450);
  for (const u of [...candidates, ...tests.flatMap((t) => t.utterances)])
    if (shown.length < 3 && !shown.some((s) => s.speaker === u.speaker)) shown.push(u);
  return shown;
}

/** Passes over the training data after the last realignment, and with LF-MMI in all, where options do not say. */
const usualEpochs = { 'lf-mmi': 8, ce: 5 } as const;

const epochsOf = ({ objective, epochs }: DigitsOptions): number => epochs || usualEpochs[objective];

const plannedEpochs = (options: DigitsOptions): number =>
  options.objective === 'ce' ? planEpochs(epochsOf(options)).length : epochsOf(options);

type Resumed = ReturnType<typeof loadRunState>;

async function trainWithProgress(
  engine: Engine,
  language: Language,
  data: DigitsData,
  normaliser: Normaliser | undefined,
  options: DigitsOptions,
  planned: number,
  signal: AbortSignal,
  fingerprint: Fingerprint,
  resumed: Resumed,
): Promise<{ state: TrainingState; seconds: number }> {
  const { seed, out, arch } = options;
  const earlier = resumed?.seconds ?? 0;
  const began = performance.now();
  const elapsed = (): number => (performance.now() - began) / 1000;
  // The bar counts in thousandths of an epoch: frames of an epoch are known only once it runs.
  const progress = new Progress(planned * 1000, (resumed?.done ?? 0) * 1000);
  let done = resumed?.done ?? 0;
  let frames = 0;
  const rounds = options.objective === 'ce';
  try {
    const settings: TrainingOptions = {
      epochs: epochsOf(options),
      seed,
      arch,
      signal,
      save: (state) => saveRunState(out, { ...state, fingerprint, seconds: earlier + elapsed() }),
      onExpected: (expected) => {
        const time = expected < 90 ? `${Math.ceil(expected)} seconds` : `${Math.ceil(expected / 60)} minutes`;
        progress.line(`Training will take about ${time} on ${engine.name}`);
      },
      onAlign: (round) => progress.line(`Realigning with the network (${round})`),
      onMinibatches: ({ round, epoch }, event, framesPerEpoch) => {
        frames += event.frames;
        const { objective, weight, correct } = event.outputs['output']!;
        const part = Math.min(1, frames / framesPerEpoch);
        const fresh = done + part - (resumed?.done ?? 0);
        progress.update(Math.round((done + part) * 1000), {
          label: `${rounds ? `round ${round} ` : ''}epoch ${epoch + 1}`,
          objective: objective / weight,
          accuracy: correct === undefined ? undefined : correct / weight,
          framesPerSecond: event.frames / event.seconds,
          secondsLeft: (elapsed() / fresh) * (planned - done - part),
        });
      },
      onEpoch: ({ round, epoch }, result) => {
        done++;
        frames = 0;
        const speed = Math.round(result.frames / result.seconds).toLocaleString('en');
        progress.line(
          `Epoch ${done} of ${planned}${rounds ? ` (round ${round}, ${epoch + 1})` : ''}: ` +
            `objective ${result.objective.toFixed(3)}, ` +
            (result.accuracy === undefined ? '' : `frame accuracy ${(100 * result.accuracy).toFixed(1)} %, `) +
            `${speed} frames/s`,
        );
      },
    };
    const state = normaliser
      ? await trainLfMmi(engine, language, data, normaliser, settings, resumed)
      : await trainCrossEntropy(engine, language, data.train, settings, resumed);
    return { state, seconds: earlier + elapsed() };
  } finally {
    progress.stop();
  }
}
