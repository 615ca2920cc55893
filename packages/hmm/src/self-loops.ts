import { type Fst, FstBuilder } from '@jebena/wfst';
import { HmmError } from './errors.js';
import type { TransitionModel } from './transition-model.js';

export interface SelfLoopOptions {
  /** Factor on the logarithms of self-loops and of leaving a state; Kaldi's graphs have 0.1, chain's 1. */
  readonly selfLoopScale?: number | undefined;
  /** Self-loops after the transition that leaves their state (faster search), the default, or before it. */
  readonly reorder?: boolean | undefined;
  /** Input labels above the transition ids that are no transitions. */
  readonly disambig?: ReadonlySet<number> | undefined;
  /** The graph may have self-loops already; they are taken for transitions that enter their state. Default false. */
  readonly loopsAllowed?: boolean | undefined;
}

/**
 * Adds self-loops to a graph over transition ids that has none (AddSelfLoops in hmm/hmm-utils.cc).
 *
 * @throws HmmError when an input label is no transition id, or is a self-loop already that is not allowed
 */
export function addSelfLoops(graph: Fst, model: TransitionModel, options: SelfLoopOptions = {}): Fst {
  const { selfLoopScale = 1, reorder = true, disambig = new Set<number>(), loopsAllowed = false } = options;
  /** The transition state of an arc's label, 0 for epsilon and disambiguation symbols. */
  const classOf = (label: number): number => {
    if (label === 0 || disambig.has(label)) return 0;
    if (label > model.numTransitionIds)
      throw new HmmError('ERR_HMM_GRAPH', `self-loops: the graph has input label ${label}, which the model lacks`);
    if (model.tidIsSelfLoop[label] && !loopsAllowed)
      throw new HmmError('ERR_HMM_GRAPH', `self-loops: the graph has self-loop ${label} already`);
    return model.tidToTransitionState[label]!;
  };
  const classes = Int32Array.from(graph.ilabel, classOf);
  return reorder ? after(graph, classes, model, selfLoopScale) : before(graph, classes, model, selfLoopScale);
}

const unknown = -1;

/** Self-loops at the state behind the arc: every state must be entered by arcs of one class. */
function after(graph: Fst, classes: Int32Array, model: TransitionModel, scale: number): Fst {
  const { numStates, numArcs, firstArc } = graph;
  const entered = new Int32Array(numStates).fill(unknown);
  const mixed = new Uint8Array(numStates);
  if (graph.start >= 0) entered[graph.start] = 0;
  for (let a = 0; a < numArcs; a++) {
    const to = graph.nextState[a]!;
    if (entered[to] === unknown) entered[to] = classes[a]!;
    else if (entered[to] !== classes[a]) mixed[to] = 1;
  }
  const b = new FstBuilder({ arcs: numArcs + numStates, states: numStates });
  b.ensureStates(numStates);
  b.setStart(graph.start);
  // A state entered by several classes gets a forerunner for each, with an epsilon into it.
  const forerunners = new Map<number, number>();
  const forerunnerClass: number[] = [];
  const stateCount = model.numTransitionStates + 1;
  const targetOf = (a: number): number => {
    const to = graph.nextState[a]!;
    if (!mixed[to] || classes[a] === 0) return to;
    const key = to * stateCount + classes[a]!;
    let state = forerunners.get(key);
    if (state === undefined) {
      state = b.addState();
      forerunners.set(key, state);
      forerunnerClass.push(classes[a]!);
    }
    return state;
  };
  const selfLoop = (state: number, transitionState: number): void => {
    const loop = model.selfLoop(transitionState);
    if (loop !== 0) b.addArc(state, loop, 0, -scale * model.logProbs[loop]!, state);
  };
  const leaving = (transitionState: number): number =>
    transitionState > 0 ? -scale * model.nonSelfLoopLogProb(transitionState) : 0;
  for (let s = 0; s < numStates; s++) {
    const within = mixed[s] ? 0 : Math.max(entered[s]!, 0);
    const cost = leaving(within);
    if (graph.final[s]! < Infinity) b.setFinal(s, graph.final[s]! + cost);
    for (let a = firstArc[s]!; a < firstArc[s + 1]!; a++)
      b.addArc(s, graph.ilabel[a]!, graph.olabel[a]!, graph.weight[a]! + cost, targetOf(a));
    if (within > 0) selfLoop(s, within);
  }
  let i = 0;
  for (const [key, state] of forerunners) {
    const transitionState = forerunnerClass[i++]!;
    b.addArc(state, 0, 0, leaving(transitionState), Math.floor(key / stateCount));
    selfLoop(state, transitionState);
  }
  return b.build();
}

/** Self-loops at the state before the arc: every state must be left by arcs of one class. */
function before(graph: Fst, classes: Int32Array, model: TransitionModel, scale: number): Fst {
  const { numStates, numArcs, firstArc } = graph;
  const b = new FstBuilder({ arcs: numArcs + numStates, states: numStates });
  b.ensureStates(numStates);
  b.setStart(graph.start);
  for (let s = 0; s < numStates; s++) {
    const final = graph.final[s]! < Infinity;
    if (final) b.setFinal(s, graph.final[s]);
    let only = final ? 0 : unknown;
    let mixed = false;
    for (let a = firstArc[s]!; a < firstArc[s + 1]!; a++)
      if (only === unknown) only = classes[a]!;
      else if (only !== classes[a]) mixed = true;
    // A state left by several classes is left through a follower for each.
    const followers = new Map<number, number>();
    const sourceOf = (transitionState: number): number => {
      if (transitionState === 0 || !mixed) return s;
      let state = followers.get(transitionState);
      if (state === undefined) {
        state = b.addState();
        followers.set(transitionState, state);
        b.addArc(s, 0, 0, 0, state);
      }
      return state;
    };
    const looped = new Set<number>();
    for (let a = firstArc[s]!; a < firstArc[s + 1]!; a++) {
      const transitionState = classes[a]!;
      const from = sourceOf(transitionState);
      const cost = transitionState > 0 ? -scale * model.nonSelfLoopLogProb(transitionState) : 0;
      b.addArc(from, graph.ilabel[a]!, graph.olabel[a]!, graph.weight[a]! + cost, graph.nextState[a]!);
      const loop = transitionState > 0 ? model.selfLoop(transitionState) : 0;
      if (loop === 0 || looped.has(from)) continue;
      looped.add(from);
      b.addArc(from, loop, 0, -scale * model.logProbs[loop]!, from);
    }
  }
  return b.build();
}
