import { ChainError } from '@jebena/chain';
import { HmmError } from '@jebena/hmm';
import type { Matrix } from '@jebena/io-ark';
import { type KeyedLookup, type Lookup, lookup } from './lookup.js';
import { type EgsReport, leaveOut, type ProblemKind } from './report.js';
import { asTargets, badLabel, type TargetSource } from './target-source.js';
import { targetRows } from './targets.js';
import type { UtteranceExample, UtteranceInput, UtteranceOutput, UtteranceVectors } from './utterance-example.js';

export interface TargetJoinerOptions {
  /** Name of the output; default `output`. */
  readonly output?: string;
  /** Number of pdfs: labels are checked against it. 0 (default): not known. */
  readonly dim?: number;
  /** Further outputs by name. */
  readonly moreOutputs?: Readonly<Record<string, { readonly targets: Lookup<TargetSource>; readonly dim?: number }>>;
  /** Further streams of features by the name of the input. */
  readonly moreInputs?: Readonly<Record<string, Lookup<Matrix>>>;
  /** i-vectors by utterance: a row for each period, or one row for the whole utterance. */
  readonly ivectors?: Lookup<Matrix> | undefined;
  /** Frames for each row of the i-vectors; default 10. */
  readonly ivectorPeriod?: number;
  /** By how many frames i-vectors may end before or behind the features; default 100. */
  readonly ivectorTolerance?: number;
  /** The rate of the network's outputs: targets may have a row for each frame or for each output. Default 1. */
  readonly frameSubsamplingFactor?: number;
  /** By how many rows targets and features may differ; default 2. */
  readonly lengthTolerance?: number;
  /** Gives an utterance without targets the label -1 for each frame: data to learn from without a teacher. */
  readonly unlabelled?: boolean;
  /** Counts utterances that are left out; without it, they are errors. */
  readonly report?: EgsReport | undefined;
}

class Wrong extends Error {
  constructor(
    readonly kind: ProblemKind,
    message: string,
  ) {
    super(message);
  }
}

/** Joins features with all that belongs to them: the work of {@link withTargets}, one utterance at a time. */
export class TargetJoiner {
  private readonly outputs: { name: string; dim: number; targets: KeyedLookup<TargetSource> }[];
  private readonly inputs: { name: string; feats: KeyedLookup<Matrix> }[];
  private readonly ivectors: KeyedLookup<Matrix> | undefined;

  constructor(
    targets: Lookup<TargetSource>,
    private readonly options: TargetJoinerOptions = {},
  ) {
    const { output = 'output', dim = 0, moreOutputs = {}, moreInputs = {}, ivectors } = options;
    const outputs = Object.entries({ [output]: { targets, dim }, ...moreOutputs });
    this.outputs = outputs.map(([name, one]) => ({ name, dim: one.dim ?? 0, targets: lookup(one.targets) }));
    this.inputs = Object.entries(moreInputs).map(([name, feats]) => ({ name, feats: lookup(feats) }));
    this.ivectors = ivectors && lookup(ivectors);
  }

  /**
   * An utterance with its targets; undefined where something is missing and a report counts it.
   *
   * @throws EgsError where something is missing, or does not fit, and there is no report
   */
  async join(key: string, feats: Matrix): Promise<UtteranceExample | undefined> {
    this.options.report?.ask();
    try {
      const inputs: UtteranceInput[] = [{ name: 'input', feats }];
      for (const { name, feats: more } of this.inputs) {
        const found = await more.get(key);
        if (!found?.rows) throw new Wrong('missing-features', `there are no features '${name}' of this key`);
        inputs.push({ name, feats: found });
      }
      const vectors = this.ivectors ? [await this.vectorsOf(this.ivectors, key, feats.rows)] : [];
      const outputs: UtteranceOutput[] = [];
      for (const one of this.outputs) outputs.push(await this.outputOf(one, key, feats.rows));
      // Behind the end of supervision there is nothing to cut.
      const ends = outputs.map(({ targets, stride }) =>
        targets.kind === 'utterance-supervision' ? targets.frames * stride : Infinity,
      );
      return { key, frames: Math.min(feats.rows, ...ends), inputs, vectors, outputs };
    } catch (error) {
      const kind =
        error instanceof Wrong
          ? error.kind
          : error instanceof ChainError || error instanceof HmmError
            ? 'bad-supervision'
            : undefined;
      if (!kind) throw error;
      leaveOut(this.options.report, { kind, key, message: (error as Error).message });
      return undefined;
    }
  }

  /** Closes tables that are read along. */
  async close(): Promise<void> {
    for (const { targets } of this.outputs) await targets.close();
    for (const { feats } of this.inputs) await feats.close();
    await this.ivectors?.close();
  }

  private async vectorsOf(table: KeyedLookup<Matrix>, key: string, frames: number): Promise<UtteranceVectors> {
    const { ivectorPeriod: period = 10, ivectorTolerance = 100 } = this.options;
    const vectors = await table.get(key);
    if (!vectors?.rows) throw new Wrong('missing-ivectors', 'there are no i-vectors of this key');
    const held = vectors.rows * period;
    if (vectors.rows > 1 && Math.abs(held - frames) > ivectorTolerance + period)
      throw new Wrong('length-mismatch', `i-vectors for ${held} frames where there are ${frames}`);
    return { name: 'ivector', vectors, period };
  }

  private async outputOf(
    { name, dim, targets: table }: (typeof this.outputs)[number],
    key: string,
    frames: number,
  ): Promise<UtteranceOutput> {
    const { frameSubsamplingFactor: factor = 1, lengthTolerance = 2, unlabelled } = this.options;
    const found = (await table.get(key)) ?? (unlabelled ? new Int32Array(frames).fill(-1) : undefined);
    if (found === undefined) throw new Wrong('missing-targets', 'there are no targets of this key');
    const targets = asTargets(found, dim, Math.ceil(frames / factor));
    if (targets.kind === 'utterance-supervision') {
      if (Math.abs(Math.ceil(frames / factor) - targets.frames) > lengthTolerance)
        throw new Wrong('length-mismatch', `supervision of ${targets.frames} output frames for ${frames} frames`);
      if (dim > 0 && targets.dim !== dim)
        throw new Wrong('bad-supervision', `${targets.dim} pdfs where there are ${dim}`);
      return { name, targets, stride: factor };
    }
    const rows = targetRows(targets);
    const fits = (wanted: number): boolean => rows > 0 && Math.abs(wanted - rows) <= lengthTolerance;
    if (!fits(frames) && !fits(Math.ceil(frames / factor)))
      throw new Wrong('length-mismatch', `${rows} targets for ${frames} frames`);
    const wrong = badLabel(targets);
    if (wrong !== undefined) throw new Wrong('bad-label', `label ${wrong} where there are ${dim}`);
    return { name, targets, stride: fits(frames) ? 1 : factor };
  }
}
