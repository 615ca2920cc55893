import { formatFloat } from '@jebena/io-ark';
import type { TransitionModel } from './transition-model.js';

/**
 * The transition states and ids of a model in words (show-transitions).
 *
 * @param phoneName the symbol of a phone
 * @param counts how often each transition id was seen, where that is to be shown
 */
export function formatTransitions(
  model: TransitionModel,
  phoneName: (phone: number) => string,
  counts?: ArrayLike<number>,
): string {
  const lines: string[] = [];
  const number = (value: number): string => formatFloat(value, 6);
  model.tuples.forEach(({ phone, hmmState, forwardPdf, selfLoopPdf }, i) => {
    const pdfs = model.topology.isHmm
      ? `pdf = ${forwardPdf}`
      : `forward-pdf = ${forwardPdf} self-loop-pdf = ${selfLoopPdf}`;
    lines.push(`Transition-state ${i + 1}: phone = ${phoneName(phone)} hmm-state = ${hmmState} ${pdfs}`);
    for (let index = 0; index < model.numTransitions(i + 1); index++) {
      const tid = model.tid(i + 1, index);
      const { to } = model.topology.entry(phone)[hmmState]!.transitions[index]!;
      const count = counts ? ` count of pdf = ${number(pdfCount(model, counts, tid))}` : '';
      const where = model.tidIsSelfLoop[tid] ? '[self-loop]' : `[${hmmState} -> ${to}]`;
      lines.push(` Transition-id = ${tid} p = ${number(Math.fround(Math.exp(model.logProbs[tid]!)))}${count} ${where}`);
    }
  });
  return lines.map((line) => `${line}\n`).join('');
}

const pdfCount = (model: TransitionModel, counts: ArrayLike<number>, tid: number): number =>
  counts[model.tidToPdf[tid]!] ?? 0;
