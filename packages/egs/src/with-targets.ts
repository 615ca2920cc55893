import type { Matrix, Posterior } from '@jebena/io-ark';
import { type Item, type Stage, type StageOptions, stage } from '@jebena/stream';
import { type Lookup, lookup } from './lookup.js';
import type { Targets } from './minibatch.js';
import { posteriorTargets } from './posterior-targets.js';
import { type EgsReport, leaveOut } from './report.js';
import { targetRows } from './targets.js';
import type { UtteranceExample, UtteranceVectors } from './utterance-example.js';

/**
 * Targets of an utterance: a pdf for each frame (-1 where there is none), posteriors, a value for each output, or
 * ready ones.
 */
export type TargetSource = Int32Array | Posterior | Matrix | Targets;

export interface WithTargetsOptions extends StageOptions {
  /** Name of the output; default `output`. */
  readonly output?: string;
  /** Number of pdfs: labels are checked against it. 0 (default): not known. */
  readonly dim?: number;
  /** i-vectors by utterance: a row for each period. */
  readonly ivectors?: Lookup<Matrix> | undefined;
  /** Frames for each row of the i-vectors; default 10. */
  readonly ivectorPeriod?: number;
  /** By how many frames i-vectors may end before the features do; default 100. */
  readonly ivectorTolerance?: number;
  /** The rate of the network's outputs: targets may have a row for each frame or for each output. Default 1. */
  readonly frameSubsamplingFactor?: number;
  /** By how many rows targets and features may differ; default 2. */
  readonly lengthTolerance?: number;
  /** Counts utterances that are left out; without it, they are errors. */
  readonly report?: EgsReport | undefined;
}

/**
 * Joins features `[key, feats]` with the targets of the same key, as `nnet3-get-egs` does.
 *
 * @param targets a map, anything with `get(key)`, or a table that is read along (items that are not asked for yet are held)
 * @throws EgsError where an utterance has no targets, or of another length, and there is no report
 */
export function withTargets(
  targets: Lookup<TargetSource>,
  options: WithTargetsOptions = {},
): Stage<Item<Matrix>, UtteranceExample> {
  const { output = 'output', dim = 0, ivectorPeriod = 10, report } = options;
  return stage(() => {
    const targetOf = lookup(targets);
    const ivectorOf = options.ivectors && lookup(options.ivectors);
    return {
      async push([key, feats]: Item<Matrix>): Promise<UtteranceExample[]> {
        const found = await targetOf(key);
        if (found === undefined) return none(report, key, 'missing-targets', 'there are no targets of this key');
        const vectors: UtteranceVectors[] = [];
        if (ivectorOf) {
          const ivectors = await ivectorOf(key);
          if (!ivectors?.rows) return none(report, key, 'missing-ivectors', 'there are no i-vectors of this key');
          const held = ivectors.rows * ivectorPeriod;
          if (ivectors.rows > 1 && Math.abs(held - feats.rows) > (options.ivectorTolerance ?? 100) + ivectorPeriod)
            return none(report, key, 'length-mismatch', `i-vectors for ${held} frames where there are ${feats.rows}`);
          vectors.push({ name: 'ivector', vectors: ivectors, period: ivectorPeriod });
        }
        const ready = asTargets(found, dim);
        const stride = strideOf(feats.rows, targetRows(ready), options);
        if (stride === undefined) {
          const rows = `${targetRows(ready)} targets for ${feats.rows} frames`;
          return none(report, key, 'length-mismatch', rows);
        }
        const wrong = badLabel(ready);
        if (wrong !== undefined) return none(report, key, 'bad-label', `label ${wrong} where there are ${ready.dim}`);
        const outputs = [{ name: output, targets: ready, stride }];
        return [{ key, frames: feats.rows, inputs: [{ name: 'input', feats }], vectors, outputs }];
      },
    };
  }, options);
}

function none(
  report: EgsReport | undefined,
  key: string,
  kind: Parameters<EgsReport['add']>[0]['kind'],
  message: string,
): [] {
  leaveOut(report, { kind, key, message });
  return [];
}

function asTargets(source: TargetSource, dim: number): Targets {
  if (source instanceof Int32Array) return { kind: 'labels', dim, labels: source };
  if (Array.isArray(source)) return posteriorTargets(source as Posterior, dim);
  const made = source as Matrix | Targets;
  return 'kind' in made ? made : { kind: 'dense', dim: made.cols, values: made };
}

/** Frames of input for each row of targets; undefined where neither rate fits within the tolerance. */
function strideOf(frames: number, rows: number, options: WithTargetsOptions): number | undefined {
  const { frameSubsamplingFactor: factor = 1, lengthTolerance = 2 } = options;
  if (rows === 0) return undefined;
  if (Math.abs(frames - rows) <= lengthTolerance) return 1;
  return Math.abs(Math.ceil(frames / factor) - rows) <= lengthTolerance ? factor : undefined;
}

function badLabel(targets: Targets): number | undefined {
  if (targets.kind === 'dense' || targets.dim === 0) return undefined;
  const least = targets.kind === 'labels' ? -1 : 0;
  return targets.labels.find((label) => label < least || label >= targets.dim);
}
