import type { Matrix } from '@jebena/io-ark';
import { denominatorForwardBackward, type DenominatorPass } from './denominator.js';
import type { DenominatorGraph } from './denominator-graph.js';
import { ChainError } from './errors.js';
import { numeratorForwardBackward } from './numerator.js';
import { outputLimit } from './output-limit.js';
import type { Supervision } from './supervision.js';

export interface ChainSettings {
  /** Share of probability that starts anew at each frame, in (0, 1). Default 1e-5; recipes take 0.1. */
  readonly leakyHmmCoefficient?: number;
  /** c in -c/2 |output|^2, which is added to the objective. Default 0. */
  readonly l2Regularize?: number;
  /** How strongly outputs beyond +-30 are drawn back. Default 0.01. Not part of the objective. */
  readonly outOfRangeRegularize?: number;
  /** What goes over the denominator: `threadedDenominator` of `@jebena/chain/node`, say. Default: this thread alone. */
  readonly denominatorPass?: DenominatorPass | undefined;
}

/** Sums over all frames and sequences of a minibatch. */
export interface ChainEvaluation {
  /** Log-probability of the numerator less that of the denominator, by the supervision's weight. */
  readonly objective: number;
  /** What l2 regularization adds, at most 0. */
  readonly l2Term: number;
  /** What the objective is divided by when it is printed: frames, by the supervision's weight. */
  readonly weight: number;
  /** Of objective and l2 term with respect to the output, in its shape. */
  readonly derivative: Float32Array;
  /** Posteriors of the numerator by the supervision's weight: what a cross-entropy output is trained towards. */
  readonly numeratorPosteriors: Float32Array;
  /** Nothing finite came out: the objective is -10 a frame, the derivatives are 0, and no harm is done. */
  readonly failed: boolean;
}

const failedPerFrame = -10;

/**
 * The objective of LF-MMI and its derivative (chain/chain-training.cc).
 *
 * Where Kaldi draws outputs beyond +-30 back in half of the minibatches at twice the strength, we do it in all.
 *
 * @param output rows ordered by frame, then by sequence; a column for each pdf; not normalised
 * @throws ChainError `ERR_CHAIN_SUPERVISION` where supervision, output and graph do not fit each other
 */
export function evaluateChain(
  graph: DenominatorGraph,
  supervision: Supervision,
  output: Matrix,
  {
    leakyHmmCoefficient = 1e-5,
    l2Regularize = 0,
    outOfRangeRegularize = 0.01,
    denominatorPass = denominatorForwardBackward,
  }: ChainSettings = {},
): ChainEvaluation {
  const { numSequences, framesPerSequence, weight: scale, labelDim, lengths } = supervision;
  const { rows, cols, data } = output;
  if (rows !== numSequences * framesPerSequence || cols !== graph.numPdfs || labelDim !== cols)
    throw new ChainError(
      'ERR_CHAIN_SUPERVISION',
      `chain objective: expected ${numSequences * framesPerSequence} rows of ${graph.numPdfs} pdfs, found ${rows} of ${cols} and supervision of ${labelDim} pdfs`,
    );
  if (!(leakyHmmCoefficient > 0 && leakyHmmCoefficient < 1))
    throw new RangeError(`chain objective: expected a leaky HMM coefficient in (0, 1), found ${leakyHmmCoefficient}`);
  if (lengths && !lengths.every((frames) => frames >= 1 && frames <= framesPerSequence))
    throw new ChainError(
      'ERR_CHAIN_SUPERVISION',
      `chain objective: expected sequences of 1 to ${framesPerSequence} frames, found ${lengths.join(', ')}`,
    );
  const weight = scale * (lengths ? lengths.reduce((a, b) => a + b, 0) : rows);
  const numeratorPosteriors = new Float32Array(data.length);
  const derivative = new Float32Array(data.length);
  const denominator = denominatorPass(graph, output, numSequences, leakyHmmCoefficient, scale, derivative, { lengths });
  const numerator = numeratorForwardBackward(supervision, output, (at, posterior) => {
    numeratorPosteriors[at]! += scale * posterior;
    derivative[at]! += scale * posterior;
  });
  const objective = scale * (numerator - denominator.logProb);
  if (!denominator.ok || !Number.isFinite(objective)) {
    derivative.fill(0);
    numeratorPosteriors.fill(0);
    return { objective: failedPerFrame * weight, l2Term: 0, weight, derivative, numeratorPosteriors, failed: true };
  }
  // What lies behind a sequence's end is no output of its.
  const own = lengths && (l2Regularize !== 0 || denominator.largest > outputLimit) ? upTo(lengths, output) : data;
  if (denominator.largest > outputLimit) drawBack(own, outOfRangeRegularize, derivative);
  const l2Term = l2Regularize === 0 ? 0 : addL2(own, scale * l2Regularize, derivative);
  return { objective, l2Term, weight, derivative, numeratorPosteriors, failed: false };
}

/** Outputs with zeros behind the end of each sequence. */
function upTo(lengths: Int32Array, { cols, data }: Matrix): Float32Array {
  const own = Float32Array.from(data);
  lengths.forEach((frames, n) => {
    for (let at = (frames * lengths.length + n) * cols; at < own.length; at += lengths.length * cols)
      own.fill(0, at, at + cols);
  });
  return own;
}

/** Adds what draws outputs back that are out of range. */
function drawBack(data: Float32Array, strength: number, derivative: Float32Array): void {
  for (let i = 0; i < data.length; i++) {
    const value = data[i]!;
    if (value > outputLimit) derivative[i]! -= strength * (value - outputLimit);
    else if (value < -outputLimit) derivative[i]! -= strength * (value + outputLimit);
  }
}

/** Adds the derivative of -factor/2 |output|^2, which is returned. */
function addL2(data: Float32Array, factor: number, derivative: Float32Array): number {
  let squares = 0;
  for (let i = 0; i < data.length; i++) {
    const value = data[i]!;
    squares += value * value;
    derivative[i]! -= factor * value;
  }
  return -0.5 * factor * squares;
}
