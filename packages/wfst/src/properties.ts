import { accessible, coaccessible } from './algorithms/access.js';
import { components } from './algorithms/scc.js';
import { Fst } from './fst.js';

/** OpenFst's property bits by name: for most, a bit that it holds and a bit that it does not (properties.h). */
export const Property = {
  acceptor: 1n << 16n,
  notAcceptor: 1n << 17n,
  inputDeterministic: 1n << 18n,
  notInputDeterministic: 1n << 19n,
  outputDeterministic: 1n << 20n,
  notOutputDeterministic: 1n << 21n,
  epsilons: 1n << 22n,
  noEpsilons: 1n << 23n,
  inputEpsilons: 1n << 24n,
  noInputEpsilons: 1n << 25n,
  outputEpsilons: 1n << 26n,
  noOutputEpsilons: 1n << 27n,
  inputSorted: 1n << 28n,
  notInputSorted: 1n << 29n,
  outputSorted: 1n << 30n,
  notOutputSorted: 1n << 31n,
  weighted: 1n << 32n,
  unweighted: 1n << 33n,
  cyclic: 1n << 34n,
  acyclic: 1n << 35n,
  initialCyclic: 1n << 36n,
  initialAcyclic: 1n << 37n,
  topSorted: 1n << 38n,
  notTopSorted: 1n << 39n,
  accessible: 1n << 40n,
  notAccessible: 1n << 41n,
  coaccessible: 1n << 42n,
  notCoaccessible: 1n << 43n,
  string: 1n << 44n,
  notString: 1n << 45n,
  weightedCycles: 1n << 46n,
  unweightedCycles: 1n << 47n,
} as const;

/** Every property, computed: what OpenFst writes when it tests them all (fstconvert, fstinfo). */
export function computeProperties(fst: Fst): bigint {
  const { start, numStates, firstArc, ilabel, olabel, nextState, weight } = fst;
  let acceptor = true;
  let [epsilons, inputEpsilons, outputEpsilons] = [false, false, false];
  let [inputSorted, outputSorted, topSorted] = [true, true, true];
  let weighted = false;
  let string = start <= 0;
  let finals = 0;
  let weightedCycles = false;
  let initialCyclic = false;
  const { component, cyclic } = components(fst);
  for (let s = 0; s < numStates; s++) {
    const [from, to] = [firstArc[s]!, firstArc[s + 1]!];
    for (let a = from; a < to; a++) {
      const [il, ol, w] = [ilabel[a]!, olabel[a]!, weight[a]!];
      if (il !== ol) acceptor = false;
      if (il === 0) inputEpsilons = true;
      if (ol === 0) outputEpsilons = true;
      if (il === 0 && ol === 0) epsilons = true;
      if (a > from && ilabel[a - 1]! > il) inputSorted = false;
      if (a > from && olabel[a - 1]! > ol) outputSorted = false;
      if (w !== 0 && w !== Infinity) weighted = true;
      if (nextState[a]! <= s) topSorted = false;
      if (component[s] === component[nextState[a]!]) {
        if (w !== 0) weightedCycles = true;
        if (component[s] === component[start]) initialCyclic = true;
      }
    }
    if (finals > 0) string = false;
    if (fst.isFinal(s)) {
      finals++;
      if (fst.final[s] !== 0) weighted = true;
    } else if (to - from !== 1) string = false;
  }
  const P = Property;
  return (
    (acceptor ? P.acceptor : P.notAcceptor) |
    (hasRepeats(fst, ilabel, inputSorted) ? P.notInputDeterministic : P.inputDeterministic) |
    (hasRepeats(fst, olabel, outputSorted) ? P.notOutputDeterministic : P.outputDeterministic) |
    (epsilons ? P.epsilons : P.noEpsilons) |
    (inputEpsilons ? P.inputEpsilons : P.noInputEpsilons) |
    (outputEpsilons ? P.outputEpsilons : P.noOutputEpsilons) |
    (inputSorted ? P.inputSorted : P.notInputSorted) |
    (outputSorted ? P.outputSorted : P.notOutputSorted) |
    (weighted ? P.weighted : P.unweighted) |
    (cyclic ? P.cyclic : P.acyclic) |
    (initialCyclic ? P.initialCyclic : P.initialAcyclic) |
    (topSorted ? P.topSorted : P.notTopSorted) |
    (accessible(fst).includes(0) ? P.notAccessible : P.accessible) |
    (coaccessible(fst).includes(0) ? P.notCoaccessible : P.coaccessible) |
    (string ? P.string : P.notString) |
    (weightedCycles ? P.weightedCycles : P.unweightedCycles)
  );
}

/**
 * The machine with those property bits that OpenFst knows of one built arc by arc, as fstcompile does: which labels,
 * costs and orders there are, and acyclicity only where every arc leads forward. So its file is fstcompile's file.
 */
export function withCompiledProperties(fst: Fst): Fst {
  const P = Property;
  const all = computeProperties(fst);
  let known =
    P.acceptor | P.notAcceptor | P.epsilons | P.noEpsilons | P.inputEpsilons | P.noInputEpsilons | P.outputEpsilons;
  known |= P.noOutputEpsilons | P.inputSorted | P.notInputSorted | P.outputSorted | P.notOutputSorted;
  known |= P.weighted | P.unweighted | P.topSorted | P.notTopSorted;
  if (all & P.topSorted) known |= P.acyclic | P.initialAcyclic;
  return new Fst({ ...fst, properties: all & known });
}

/** Whether some state has two arcs with the same label. */
function hasRepeats(fst: Fst, labels: Int32Array, sorted: boolean): boolean {
  const seen = new Set<number>();
  for (let s = 0; s < fst.numStates; s++) {
    const to = fst.firstArc[s + 1]!;
    if (!sorted) seen.clear();
    for (let a = fst.firstArc[s]!; a < to; a++) {
      if (sorted) {
        if (a + 1 < to && labels[a] === labels[a + 1]) return true;
      } else if (seen.has(labels[a]!)) return true;
      else seen.add(labels[a]!);
    }
  }
  return false;
}
