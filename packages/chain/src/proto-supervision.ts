import { resolveOptions } from '@jebena/options';
import { type CompactLattice, type Fst, FstBuilder, push } from '@jebena/wfst';
import { ChainError } from './errors.js';
import { type SupervisionOptions, supervisionOptions } from './supervision-options.js';

/** Which phones may follow each other, and where each may be: supervision before tree and topology come in. */
export interface ProtoSupervision {
  /** For each output frame, the phones that may be there. */
  readonly allowedPhones: readonly ReadonlySet<number>[];
  /** Acceptor over phones. */
  readonly fst: Fst;
}

const fail = (message: string): never => {
  throw new ChainError('ERR_CHAIN_SUPERVISION', `supervision: ${message}`);
};

/** Phones on frames of the alignment, each widened by the tolerances, as output frames (rounded up as Kaldi does). */
class AllowedPhones {
  readonly frames: Set<number>[];

  constructor(
    private readonly numFrames: number,
    private readonly options: ReturnType<typeof resolved>,
  ) {
    this.frames = Array.from({ length: Math.ceil(numFrames / options.frameSubsamplingFactor) }, () => new Set());
  }

  add(phone: number, begin: number, end: number): void {
    const { leftTolerance, rightTolerance, frameSubsamplingFactor: factor } = this.options;
    const from = Math.ceil(Math.max(0, begin - leftTolerance) / factor);
    const to = Math.ceil(Math.min(this.numFrames, end + rightTolerance) / factor);
    for (let t = from; t < to; t++) this.frames[t]!.add(phone);
  }

  checked(): Set<number>[] {
    const bare = this.frames.findIndex((phones) => phones.size === 0);
    if (bare >= 0) fail(`no phone may be at output frame ${bare}`);
    return this.frames;
  }
}

function resolved(options: SupervisionOptions): Required<SupervisionOptions> {
  const all = resolveOptions(supervisionOptions, options);
  const { leftTolerance, rightTolerance, frameSubsamplingFactor: factor } = all;
  if (leftTolerance + rightTolerance + 1 < factor)
    throw new RangeError(
      `supervision: expected tolerances of ${factor - 1} frames at least in sum for subsampling by ${factor}, found ${leftTolerance} and ${rightTolerance}`,
    );
  return all;
}

/**
 * From the phones of an alignment with their lengths (AlignmentToProtoSupervision in chain/chain-supervision.cc).
 *
 * @param phones pairs of a phone and its frames, as `ali-to-phones --write-lengths` writes them
 * @throws ChainError `ERR_CHAIN_SUPERVISION` where there are none, or one has no frame
 */
export function alignmentToProtoSupervision(
  phones: readonly (readonly [phone: number, frames: number])[],
  options: SupervisionOptions = {},
): ProtoSupervision {
  const settings = resolved(options);
  if (phones.length === 0) fail('expected phones, found none');
  const allowed = new AllowedPhones(
    phones.reduce((sum, [, frames]) => sum + frames, 0),
    settings,
  );
  const b = new FstBuilder({ states: phones.length + 1, arcs: phones.length });
  b.setStart(b.addState());
  let now = 0;
  phones.forEach(([phone, frames], i) => {
    if (!(phone > 0 && frames > 0)) fail(`expected phones above 0 with frames, found ${phone} with ${frames}`);
    allowed.add(phone, now, now + frames);
    b.addArc(i, phone, phone, 0, b.addState());
    now += frames;
  });
  b.setFinal(phones.length);
  return { allowedPhones: allowed.checked(), fst: b.build() };
}

/**
 * From a lattice whose arcs are whole phones, as `lattice-align-phones --replace-output-symbols` makes it
 * (PhoneLatticeToProtoSupervision in chain/chain-supervision.cc).
 *
 * @throws ChainError `ERR_CHAIN_SUPERVISION` for a lattice that is empty, torn, or not aligned with phones
 */
export function phoneLatticeToProtoSupervision(
  lattice: CompactLattice,
  options: SupervisionOptions = {},
): ProtoSupervision {
  const settings = resolved(options);
  const { lmScale } = settings;
  const { times, numFrames } = phoneTimes(lattice);
  const allowed = new AllowedPhones(numFrames, settings);
  const b = new FstBuilder({ states: lattice.numStates, arcs: lattice.numArcs });
  b.ensureStates(lattice.numStates);
  b.setStart(lattice.start);
  for (let s = 0; s < lattice.numStates; s++) {
    if (times[s]! < 0) continue;
    for (let a = lattice.firstArc[s]!; a < lattice.firstArc[s + 1]!; a++) {
      const phone = lattice.label[a]!;
      if (phone === 0) fail(`expected a phone on every arc of the lattice, found epsilon (state ${s})`);
      const to = lattice.nextState[a]!;
      b.addArc(s, phone, phone, lattice.graphCost[a]! * lmScale, to);
      allowed.add(phone, times[s]!, times[to]!);
    }
    if (lattice.isFinal(s)) b.setFinal(s, lattice.finalGraphCost[s]! * lmScale);
  }
  const fst = b.build();
  // Graph costs pushed to the start: what is cut off at the end of a chunk then costs nothing.
  const pushed = lmScale === 0 ? fst : push(fst, { to: 'initial', removeTotal: true, semiring: 'tropical' });
  return { allowedPhones: allowed.checked(), fst: pushed };
}

/** The frame of each state (-1 where the start does not lead), and of the end. */
function phoneTimes(lattice: CompactLattice): { times: Int32Array; numFrames: number } {
  if (lattice.start < 0) fail('expected a lattice with states, found none');
  const times = new Int32Array(lattice.numStates).fill(-1);
  times[lattice.start] = 0;
  let numFrames = -1;
  const queue = [lattice.start];
  for (const s of queue) {
    if (lattice.isFinal(s)) {
      if (lattice.finalString(s).length > 0 || (numFrames >= 0 && numFrames !== times[s]))
        fail(`expected a lattice aligned with phones, found frames behind the last phone of a path (state ${s})`);
      numFrames = times[s]!;
    }
    for (let a = lattice.firstArc[s]!; a < lattice.firstArc[s + 1]!; a++) {
      const to = lattice.nextState[a]!;
      const then = times[s]! + lattice.stringStart[a + 1]! - lattice.stringStart[a]!;
      if (times[to] === -1) {
        times[to] = then;
        queue.push(to);
      } else if (times[to] !== then)
        fail(`expected state ${to} of the lattice at one frame, found ${times[to]} and ${then}`);
    }
  }
  if (numFrames < 1) fail('expected a lattice with frames, found none');
  return { times, numFrames };
}
