import { type Fst, FstBuilder } from '@jebena/wfst';
import type { LabelInfo } from './context-fst.js';
import type { ContextTree } from './context-tree.js';
import { HmmError } from './errors.js';
import { noPdf } from './topology.js';
import type { TransitionModel } from './transition-model.js';

export interface HTransducer {
  /** From transition ids (without self-loops) to the labels of the context transducer. */
  readonly fst: Fst;
  /** Input labels above the transition ids that stand for disambiguation symbols. */
  readonly disambig: number[];
}

/**
 * H: the HMMs of all windows of phones that CLG uses, in a loop, self-loops left out (GetHTransducer in
 * hmm/hmm-utils.cc).
 *
 * @param labels what the context transducer's input labels stand for
 */
export function hTransducer(
  labels: readonly LabelInfo[],
  tree: ContextTree,
  model: TransitionModel,
  { transitionScale = 1 }: { transitionScale?: number | undefined } = {},
): HTransducer {
  const b = new FstBuilder();
  const loop = b.addState();
  b.setStart(loop);
  b.setFinal(loop);
  const disambig: number[] = [];
  labels.forEach((window, label) => {
    if (window.length === 0) return;
    if (window.length === 1 && window[0]! <= 0) {
      disambig.push(model.numTransitionIds + 1 + disambig.length);
      b.addArc(loop, disambig.at(-1)!, label, 0, loop);
    } else addHmm(b, loop, window, label, tree, model, transitionScale);
  });
  return { fst: b.build(), disambig };
}

function addHmm(
  b: FstBuilder,
  loop: number,
  window: LabelInfo,
  label: number,
  tree: ContextTree,
  model: TransitionModel,
  scale: number,
): void {
  const phone = window[tree.centralPosition]!;
  const entry = model.topology.entry(phone);
  const last = entry.length - 1;
  const pdfOf = (pdfClass: number): number => {
    if (pdfClass === noPdf) return -1;
    const pdf = tree.pdf(window, pdfClass);
    if (pdf === undefined)
      throw new HmmError(
        'ERR_HMM_TREE',
        `H: the tree has no pdf for window ${window.join(' ')}, pdf class ${pdfClass}`,
      );
    return pdf;
  };
  // State 0 is entered from the loop by its own arcs only when nothing returns to it; else by an epsilon.
  const returns = entry.some((state, from) => from > 0 && state.transitions.some((t) => t.to === 0));
  const states = entry.map((_, i) => (i === last ? loop : i === 0 && !returns ? loop : b.addState()));
  if (returns) b.addArc(loop, 0, label, 0, states[0]!);
  entry.slice(0, -1).forEach((state, hmmState) => {
    const emitting = state.forwardPdfClass !== noPdf;
    const transitionState = emitting
      ? model.transitionState({
          phone,
          hmmState,
          forwardPdf: pdfOf(state.forwardPdfClass),
          selfLoopPdf: pdfOf(state.selfLoopPdfClass),
        })
      : undefined;
    if (emitting && transitionState === undefined)
      throw new HmmError(
        'ERR_HMM_MODEL',
        `H: the transition model has no state for phone ${phone}, state ${hmmState} in window ${window.join(' ')}: tree and model differ`,
      );
    state.transitions.forEach(({ to, probability }, index) => {
      if (to === hmmState) return;
      const tid = transitionState === undefined ? 0 : model.tid(transitionState, index);
      const logProb = transitionState === undefined ? Math.log(probability) : model.logProbIgnoringSelfLoop(tid);
      const olabel = hmmState === 0 && !returns ? label : 0;
      b.addArc(states[hmmState]!, tid, olabel, -logProb * scale, states[to]!);
    });
  });
}
