import { addSelfLoops, composeContext, type ContextTree, hTransducer, type TransitionModel } from '@jebena/hmm';
import { compose, connect, type Fst, FstBuilder, project, removeEpsilons } from '@jebena/wfst';
import { ChainError } from './errors.js';
import type { ProtoSupervision } from './proto-supervision.js';
import type { Supervision } from './supervision.js';

export interface ProtoToSupervisionOptions {
  /** Labels are pdf + 1 (the default); else transition ids, as `toUnconstrained` wants them. */
  readonly convertToPdfs?: boolean | undefined;
  /** Weight of the supervision. Default 1. */
  readonly weight?: number | undefined;
}

/**
 * All sequences of pdfs that say the phones, each phone only where it is allowed; transition probabilities come in
 * later, with the normalization graph (ProtoSupervisionToSupervision in chain/chain-supervision.cc).
 *
 * @throws ChainError `ERR_CHAIN_SUPERVISION` where the phones do not fit in the frames
 */
export function protoToSupervision(
  tree: ContextTree,
  model: TransitionModel,
  proto: ProtoSupervision,
  { convertToPdfs = true, weight = 1 }: ProtoToSupervisionOptions = {},
): Supervision {
  const { contextWidth, centralPosition } = tree;
  const unknown = proto.fst.ilabel.find((phone) => !model.topology.has(phone));
  if (unknown !== undefined)
    throw new ChainError('ERR_CHAIN_SUPERVISION', `supervision: the topology has no phone ${unknown}`);
  const context = composeContext(proto.fst, { contextWidth, centralPosition, disambig: new Set() });
  const h = hTransducer(context.labels, tree, model, { transitionScale: 0 });
  const looped = addSelfLoops(compose(h.fst, connect(context.fst)), model, { selfLoopScale: 0 });
  const ids = removeEpsilons(project(looped, 'input'));
  const frames = proto.allowedPhones.length;
  const fst = enforceTimes(ids, model, proto.allowedPhones, convertToPdfs);
  if (fst.start < 0)
    throw new ChainError(
      'ERR_CHAIN_SUPERVISION',
      `supervision: the phones do not fit in ${frames} output frames (too many phones for too few frames?)`,
    );
  const labelDim = convertToPdfs ? model.numPdfs : model.numTransitionIds;
  return { weight, numSequences: 1, framesPerSequence: frames, labelDim, fst };
}

/**
 * The paths of a graph over transition ids that are as long as there are frames, and have each phone only where it
 * may be: one layer of states a frame, numbered breadth first.
 */
function enforceTimes(
  ids: Fst,
  model: TransitionModel,
  allowed: readonly ReadonlySet<number>[],
  convertToPdfs: boolean,
): Fst {
  const b = new FstBuilder();
  if (ids.start < 0) return b.build();
  const { firstArc, ilabel, weight, nextState, final } = ids;
  let layer = new Map([[ids.start, b.addState()]]);
  b.setStart(0);
  for (const phones of allowed) {
    const next = new Map<number, number>();
    for (const [s, from] of layer)
      for (let a = firstArc[s]!; a < firstArc[s + 1]!; a++) {
        const tid = ilabel[a]!;
        if (!phones.has(model.tidToPhone[tid]!)) continue;
        let to = next.get(nextState[a]!);
        if (to === undefined) next.set(nextState[a]!, (to = b.addState()));
        const label = convertToPdfs ? model.tidToPdf[tid]! + 1 : tid;
        b.addArc(from, label, label, weight[a]!, to);
      }
    layer = next;
  }
  for (const [s, at] of layer) if (final[s]! < Infinity) b.setFinal(at, final[s]!);
  return connect(b.build());
}
