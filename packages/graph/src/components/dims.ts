import type { ConfigLine } from '../config-line.js';
import { dimError } from '../component.js';

/** Reads input-dim and output-dim, the first a multiple of the second. */
export function inputOutputDims(config: ConfigLine): { inputDim: number; outputDim: number } {
  const outputDim = config.positive('output-dim');
  const inputDim = config.positive('input-dim');
  if (inputDim % outputDim) config.fail(`expected input-dim a multiple of output-dim=${outputDim}, found ${inputDim}`);
  return { inputDim, outputDim };
}

/** Throws where one dimension is no multiple of another. */
export function checkMultiple(what: string, dim: number, of: number): void {
  if (dim < 1 || of < 1 || dim % of) dimError(what, `a multiple of ${of}`, dim);
}
