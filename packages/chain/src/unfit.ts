import { ChainError } from './errors.js';

/** @throws ChainError `ERR_CHAIN_SUPERVISION` */
export function unfit(what: string): never {
  throw new ChainError('ERR_CHAIN_SUPERVISION', `numerator: ${what}`);
}

/** The pdf that a label of an acceptor stands for. */
export const pdfOf = (label: number, pdfs: number): number =>
  label >= 1 && label <= pdfs ? label - 1 : unfit(`expected labels (pdf + 1) from 1 to ${pdfs}, found ${label}`);
